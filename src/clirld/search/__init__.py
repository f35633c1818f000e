"""search: words → the things of a release that are named or described so.

In: the N-Quads of a release; out: its index, and for a question the things that answer it, the nearest first.
On disk: `search.sqlite` in the folder of a release (SQLite, FTS5), written once, opened read-only.
"""
