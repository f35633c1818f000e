"""presence: today's tables and what was published before → the tables that are published.

In: the folder of the records stage and that of the last good harvest. Out: the same tables, with the last rows of
records that vanished less than the grace ago and tombstones of those that are gone.
On disk: `data/presence/<source>/<fingerprint>/` with the tables, `presence.parquet`, `statistics.json`.
"""
