"""documentation: how a table is linked, and the project's pages as a site (`make docs`), under /docs.

In: templates and words; `site/`, plain files, which are not under version control and are in the wheel. Out: pages.
"""
