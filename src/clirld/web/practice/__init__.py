"""Practice to take up: the pages of processes, of practice fields and needs, of programmes, and the sheet to print.

in: the store of a release and its figures; out: what the templates of `documents/` show, and nothing left on disk.
"""
