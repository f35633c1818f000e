"""contribution: the forms by which people add and correct, and the pages of moderators: two small servers of their own.

In: the current release, the inbox of contributions. Out: pages, and files in that inbox. The server of the release
(`clirld.web.app`) never writes; it only leads here, where `CLIRLD_CONTRIBUTIONS_URL` says where here is.
"""
