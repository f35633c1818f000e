"""Pictures: drawings in SVG with their table beside them, each at an address of its own.

`map.sqlite`, the store and `quality/` of the release → `/figure/`, `/figure/{name}`, and
`/figure/{name}.svg`, `.csv`, `.html`
"""
