"""The pages of initiatives and organizations.

in: what the store says of one, read by `clirld.web.documents.view`; out: what their templates show, in plain data.
"""
