"""What a release changes: against the one before it, as a patch, as tables, and as a feed that others can follow.

In: the sorted dumps of two releases. Out: which subjects were added, removed or changed, graph by graph.
On disk, in the folder of a release: `changes/` and `feed/`.
"""
