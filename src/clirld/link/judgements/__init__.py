"""What people say of two records: that they are one thing, or two, or that it cannot be told.

In: the append-only files of the project, `judgements/*.sssom.tsv`, and what official numbers join. Out: groups of
records that are one thing, each statement with who says it, when and why; issues for what contradicts or is unreadable.
"""
