"""values: one value at a time, text in, clean text or a reason out. Pure functions, no files.

A cleaner for each type of the canonical tables, tidy text, web addresses.
"""
