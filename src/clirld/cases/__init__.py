"""cases: the forms of capitalised cases, as practitioners fill them in → rows of the canonical tables.

In: Markdown files or spreadsheets. Out: facts as rows, or all that is wrong with a case. Also the empty forms.
"""
