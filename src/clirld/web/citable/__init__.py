"""Answers that can be cited and had again: which release a request is about, its past states, what an answer says of
itself.

in: `?release=`, `/release/{id}/…` or `Accept-Datetime`; out: that release for all routes, or exactly why not.
"""
