"""What a release changed: a page, its feed for programs (LDES), and one for people (Atom).

in: `changes/` and `feed/` of the release; out: answers.
"""
