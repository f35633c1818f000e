"""Answer for the IRIs of the data: `/id/{type}/{key}` and `/graph/{source}` lead to `/doc/…`, which says what there is.

in: the store of the release; out: a page for people, RDF and CSV for programs, the same statements in each.
Only patterns of one subject or one object are looked up here, and only so many statements of them: no query is run.
"""
