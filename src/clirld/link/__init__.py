"""link: records of different sources that are one thing → statements; that may be → candidates with their evidence.

In: the canonical tables that a release publishes, and what people judged. Out: the graph of links, by official
numbers and by judgements; files beside the store for what is uncertain. On disk: `data/releases/<id>/links/`.
"""
