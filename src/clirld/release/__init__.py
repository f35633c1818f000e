"""release: the last good harvests → an immutable folder, whole or not there, and the switch to it.

In: a `Project` and its harvests. Out: a `Release`: store, dumps, tables, catalogue, reports, links.
On disk: `data/releases/<id>/`, `data/current` a link to the one that is served.
"""
