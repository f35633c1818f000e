"""records: rows of a source's files → canonical tables, every value cleaned by its type, every row accounted for.

In: the snapshots of a source, its card, the tables, concepts and territories. Out: a folder of Parquet parts.
On disk: `data/records/<source>/<fingerprint>/` with a folder for each table, `issues.jsonl`, `account.json`.
"""
