"""reuse: what was tried in territories like mine, for a need like mine, and what I would have to change.

In: the store of a release and its table `territory_figures`. Out: an answer as plain data (`answer.py`), in French or
English: cases ranked by the need that is shared, then by likeness of the territory (`likeness.py`), each with what is
said of it and by whom (`cases.py`); the same as lines to read (`sections.py`); and where experience is missing
(`missing.py`). Nothing is left on disk.
"""
