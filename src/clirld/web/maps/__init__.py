"""The map: initiatives by place and by what they are found by, as a page, a drawing, GeoJSON and a table.

`map.sqlite` of the release → `/map`, `/map.svg`, `/map/initiatives.geojson`, `/map/initiatives.csv`,
`/map/contours/{level}.geojson`
"""
