"""serve, the last stage: a release over HTTP, read-only: SPARQL, pages, files.

In: `data/current`. Out: HTTP answers. Nothing is written.
"""
