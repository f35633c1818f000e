"""snapshot: the bytes of a distribution exactly as they were got, kept once, with where and when they were had.

In: a file of bytes and the facts about it. Out: a `Snapshot`.
On disk: `data/snapshots/<source>/<distribution>/<sha256>/` with `content` and a `snapshot.*.json` for each way.
"""
