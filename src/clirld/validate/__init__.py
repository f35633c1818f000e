"""validate: quads and SHACL shapes → the quads that may be published, a report, and what is held back.

In: the graph of the map stage, `shapes/`. Out: a folder with the graph less the records of violations.
On disk: `data/validated/<source>/<fingerprint>/` with `graph.nq`, `report.ttl`, `held.jsonl`, `account.json`, and
`kept/`, results that the next validation takes where the statements are the same.
"""
