"""map: canonical tables → N-Quads in the source's named graph, as `ontology/mapping.yarrrml` says.

In: a folder of Parquet parts for each table. Out: a folder with one file of quads.
On disk: `data/graphs/<source>/<fingerprint>/graph.nq`.
"""
