"""The grade that a release gives itself, by the methods of others, from nothing but its own folder.

in: the folder of a release (catalogue, files, store); out: marks, as tables, as DQV and in words that say what to do.
"""
