"""territory: communes through time, and tables of theirs brought from the communes of one year to those of another.

In: changes of communes since 1943, and the communes of today. Out: what a code meant on a day and what became of it
(`history.py`), the year that a table's codes are of (`vintage.py`), its rows brought to another year (`convert.py`).
Nothing is left on disk.
"""
