"""documentation: the project's pages as a site (`make docs`), served under /docs where they were built.

In: `site/`, plain files, which are not under version control and are in the wheel. Out: the same over HTTP.
"""
