"""publish: a release → a store elsewhere, by the SPARQL 1.1 Graph Store HTTP Protocol, graph by graph.

in: a release on disk and the address of a store; out: there the same named graphs, and a graph of its state
(`state.py`): which release it holds, with the checksum of each graph, or what is under way.

Only graphs whose checksum differs are sent. Where the store takes SPARQL Update they go into staging graphs first, and
one request brings them to their places; else they are replaced one after another, and the state says so meanwhile.
Nothing is kept on this side: whoever runs it next, on whatever machine, asks the store where it stands.
"""
