"""The pages of territories: what they are like, what is done there, what they were and will lead to.

in: what the store and the index of words say of a territory; out: what its template shows, in plain data.
"""
