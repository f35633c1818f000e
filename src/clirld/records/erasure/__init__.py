"""Erasures as they meet rows: which rows are left out, which may be an erased record's, what a record is known by."""
