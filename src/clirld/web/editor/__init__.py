"""`/sparql` for people: a form that works wholly without a script, and an editor in its place where scripts run.

In: the examples, the release that answers. Out: the page, with what its script has to know.
"""
