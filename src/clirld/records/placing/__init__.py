"""Where a row is: its commune, département or country, and its point, each checked against the other columns.

In: the clean values of the columns that say a place, and which of them were mended or unclean. Out: the commune, the
seat and the point that hold, and what was noticed. Nothing is left on disk.
"""
