"""compare: what a territory is like, by written and versioned rules, and which others are most like it.

In: rows of the table `territory_figures`. Out: figures of each grouping (`figures.py`), its situations by the rules of
`situations.yaml` (`rules.py`), its nearest neighbours by the features of `features.yaml` (`features.py`,
`neighbours.py`, `pairs.py`), all as canonical rows with their words (`words.py`, `derive.py`); and the neighbours of
each commune by those of `features_of_communes.yaml` (`communes.py`). Pure; nothing is left on disk.
"""
