"""Releases that are not given any more: those that hold what has been erased since, and those that were withdrawn.

    data/erased-releases/<id>.json      what is known of what a release holds; found again where it is not there
    data/withdrawn-releases/<id>.json   when a person withdrew it, why, and who; kept for ever

in: the releases, the list of erasures, a person's word; out: the marks, which everything that gives a release looks at.
"""
