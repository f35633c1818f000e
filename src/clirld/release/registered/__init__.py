"""The guard of a release: the queries that others rely on are asked before it is served.

In: the folder of a release that is being made, the release before, `queries/registered/`. Out: what each query gets,
for the manifest; a release that would break one is not made until a person has looked. On disk, in `data/registered/`:
`held.json` what the last one that was held would break, `accepted.jsonl` what people said to that.
"""
