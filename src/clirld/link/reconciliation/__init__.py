"""reconciliation: a name, and what else is known of a thing → the things of a release that it may be, with scores.

In: a query of the Reconciliation API 0.2, the store of a release and its index of words. Out: candidates, and values of
things to extend a table by. On disk: nothing.
"""
