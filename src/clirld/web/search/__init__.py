"""`/search`: find things by their words.

In: a question, maybe a kind of thing and a territory. Out: hits as a page, or in the shape of SPARQL results.
"""
