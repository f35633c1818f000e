"""The same thing elsewhere: records that are one or may be, by which evidence, and what they say side by side.

in: a thing, `links/candidates.csv` of the release and its graph `links`; out: plain data for a template.
"""
