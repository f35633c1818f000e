"""maps: what the map and the pictures of a release are drawn from.

tables of all licence groups → map.sqlite: initiatives with their places and what they are found by, contours, counts

It mixes licence groups, so it is served by answers that name the licence of each feature, and never as a file.
"""
