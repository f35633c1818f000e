"""Two to four things side by side: territories, cases or initiatives; what they share, what one has, figures, likeness.

In: the store of a release and its table of figures. Out: a comparison as plain data (`side_by_side.py`), in French or
English; each value with who says it. What no source says of one of them is said to be so: it is never “no”.
"""
