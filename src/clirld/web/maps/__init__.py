"""The map: initiatives by place and by what they are found by, as a page, a drawing and GeoJSON.

`map.sqlite` of the release → `/map`, `/map.svg`, `/map/initiatives.geojson`, `/map/contours/{level}.geojson`
"""
