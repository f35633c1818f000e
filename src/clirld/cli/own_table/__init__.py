"""The command about somebody's own table: its rows linked to a release."""
