"""Names of persons: how they are told from names of places and organizations.

In: a text or a cell. Out: where persons stand in it. Nothing is left on disk.
"""
