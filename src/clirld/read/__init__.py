"""read: the bytes of a snapshot → rows, every value text, as the card's layout says. A module a format.

In: a file and a `Layout`. Out: a stream of `SourceRow`; ReadError where the file is not what the layout says.
"""
