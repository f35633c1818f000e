"""Runs that are killed at random moments, to see what they leave: `make kills`."""
