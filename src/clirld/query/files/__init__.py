"""Queries that people wrote into files: the examples, and those that somebody relies on."""
