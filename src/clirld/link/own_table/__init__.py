"""own_table: rows of somebody's own table → the things of a release that they are, with the evidence.

In: a table in any format that a source may have, and the folder of a release. Out: a row for each row, in memory.
On disk: nothing but a temporary folder; nothing is asked of the network.
"""
