"""draft: a file nobody knows → a first source card and a sample, for a person to check (`clirld source new`).

In: the path or address of a file. Out: a folder of `pipelines/sources/`. Nothing here is ever harvested unseen.
"""
