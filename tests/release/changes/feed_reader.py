"""A small client of the feed, by the rules of TREE and LDES 1.0, on the files of a release.

It follows relations from the view, takes the members of the stream in the order of their time, and keeps the last one
of each thing.
"""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable

import pyoxigraph as ox

LDES, TREE = "https://w3id.org/ldes#", "https://w3id.org/tree#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

Get = Callable[[str], bytes]
"""Gives the bytes behind a URL."""


def rebuild(view: str, get: Get) -> tuple[str, set[ox.Quad]]:
    """The stream's IRI, and the quads of its graph, from the URL of the view."""
    # No store, which writes numbers its own way.
    store, pages, seen = ox.Dataset(), deque([view]), {view}
    while pages:
        url = pages.popleft()
        body = get(url)
        body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        for quad in ox.parse(input=body, format=ox.RdfFormat.TRIG, base_iri=url):
            store.add(quad)
        for relation in _values(store, ox.NamedNode(url), f"{TREE}relation"):
            page = _value(store, relation, f"{TREE}node").value
            if page not in seen:
                seen.add(page)
                pages.append(page)
    (stream,) = (quad.subject for quad in store.quads_for_predicate(ox.NamedNode(f"{TREE}view")))
    assert _value(store, stream, f"{TREE}view").value == view
    paths = {name: _value(store, stream, LDES + name) for name in ("timestampPath", "versionOfPath", "transactionPath")}
    deleted = _value(store, stream, f"{LDES}versionDeleteObject")
    members = _values(store, stream, f"{TREE}member")
    assert len(members) == len(set(members))
    transactions: dict[str, list[ox.Term]] = {}
    for member in members:
        transactions.setdefault(_value(store, member, paths["transactionPath"].value).value, []).append(member)
    closed = _value(store, stream, f"{LDES}transactionFinalizedPath").value
    for found in transactions.values():  # each is whole: one member closes it
        assert sum(len(_values(store, member, closed)) for member in found) == 1
    last: dict[str, tuple[str, ox.Term]] = {}
    for member in members:
        thing = _value(store, member, paths["versionOfPath"].value).value
        time = _value(store, member, paths["timestampPath"].value).value
        assert thing not in last or last[thing][0] != time  # two of one time could not be told apart
        last[thing] = max(last.get(thing, ("", member)), (time, member), key=lambda pair: pair[0])
    graph = _value(store, stream, "http://purl.org/dc/terms/source")
    quads = set()
    for thing, (_time, member) in last.items():
        if ox.Quad(member, _TYPE, deleted) in store:
            assert not list(store.quads_for_graph_name(member))
            continue
        for quad in store.quads_for_graph_name(member):
            assert quad.subject.value == thing
            quads.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    return stream.value, quads


def _values(store: ox.Dataset, subject: ox.Term, predicate: str) -> list[ox.Term]:
    quads = store.quads_for_subject(subject)  # type: ignore[arg-type]
    return [quad.object for quad in quads if quad.predicate.value == predicate]


def _value(store: ox.Dataset, subject: ox.Term, predicate: str) -> ox.NamedNode:
    (value,) = _values(store, subject, predicate)
    return value  # type: ignore[return-value]
