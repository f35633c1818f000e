"""link: initiatives of different sources that may be the same → candidates with their evidence, never a merge.

In: the canonical tables that a release publishes. Out: files beside its store, never quads of its default graph.
On disk: `data/releases/<id>/links/`.
"""
