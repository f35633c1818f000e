"""Requests answered where they arrive, before the server reads them as it does all others.

in: the bytes of a request; out: those of its answer, the same as the application gives; nothing is written.
"""
