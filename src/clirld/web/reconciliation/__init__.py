"""The Reconciliation API, for OpenRefine and whoever has a table of names: `/reconcile`.

in: batches of queries; out: JSON; nothing is written.
"""
