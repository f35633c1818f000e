"""harvest: one source through the whole line, from fetch to guards, and the switch of its last good harvest.

In: a `Project`, a `Source` and an `Origin`. Out: a `Harvest`, the outputs of all stages.
On disk: `data/harvests/<source>.json` the last good one, `.failed.json`, `.refused.json`; `data/accepted/`,
`data/locks/`.
"""
