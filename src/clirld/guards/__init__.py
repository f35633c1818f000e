"""guards: statistics of a harvest against its card and the last good one → findings, before it is published.

In: the tables of now and of last time. Out: a folder of issues; an error keeps the harvest from being published.
On disk: `data/guards/<source>/<fingerprint>/issues.jsonl`. Defaults of thresholds: `clirld.card.guard_thresholds`.
"""
