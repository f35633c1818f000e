"""What a release takes over from the one before: the store, and what is made of each graph alone.

In: the release before, and the graphs of the new one. Out: the same files as without it, by less work. Nothing is
taken over from a release that may not be told again.
"""
