"""The commands about releases: make, list, verify, withdraw and delete them, and bring one into another store."""
