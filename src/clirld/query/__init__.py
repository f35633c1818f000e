"""query: SPARQL queries on a release, read-only, each in a process that can be killed.

In: a store folder and a `QueryRequest`. Out: the bytes of an answer or a `Failure`. Imports nothing here, so that a
worker process starts fast.
"""
