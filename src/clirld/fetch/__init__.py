"""fetch: a source's card → the bytes of its distributions, from the network, a mirror, an inbox or the samples.

In: a `Source` and an `Origin`. Out: a `Snapshot` for each distribution, whole or a FetchError that says what to do.
On disk: `data/snapshots/<source>/<distribution>/<sha256>/` (see `clirld.snapshot`), `data/hosts/` the turns at hosts.
"""
