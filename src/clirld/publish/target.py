"""A store that a release is brought into: its graphs one by one, its state, its counts, and updates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, cast

import requests
import urllib3
from isal import isal_zlib
from pyoxigraph import RdfFormat, Triple, parse

from clirld.errors import PublishError
from clirld.publish import state as states
from clirld.publish.client import Client, LostAnswerError, Upload, not_a_store
from clirld.publish.endpoints import Endpoints
from clirld.publish.graphs import DEFAULT, ReleaseGraph
from clirld.publish.state import GRAPH, State

_NTRIPLES = "application/n-triples"
_RDF = f"{_NTRIPLES}, text/turtle;q=0.9, application/rdf+xml;q=0.5"


@dataclass(frozen=True, slots=True)
class Target:
    """A store, its addresses and a client; `gzip`: bodies are packed, whether or not it has said that it takes them."""

    endpoints: Endpoints
    client: Client
    gzip: bool = False

    def state(self) -> State | None:
        """What the store says of itself; None where no release was ever brought there. Raises PublishError."""
        try:
            return states.read(self.triples(GRAPH))
        except ValueError:
            raise PublishError(
                f"the graph {GRAPH} is not what a publication leaves",
                where=self.endpoints.graphs,
                do="check that this is the store's address for graphs, and not that for queries; if it is, delete that "
                "graph there: the next run then sends everything anew",
            ) from None

    def require_there(self) -> None:
        """Raises PublishError where the address is that of no store: a graph that is not there is 404 too.

        The default graph is always there, by the protocol; a store may still not show it, and is then asked a query.
        """
        url, query = self.endpoints.graphs, self.endpoints.query
        with self.client.send("GET", url, _named(DEFAULT), accept=_RDF, also=(400, 404, 405, 501)) as answer:
            if answer.status_code != 404:
                return
        try:
            is_there = query is not None and self.count(GRAPH) >= 0
        except PublishError:
            is_there = False
        if not is_there:
            raise not_a_store("it answered 404", url)

    def write_state(self, state: State) -> None:
        """Replace what the store says of itself. Raises PublishError."""
        body = "".join(states.written(state)).encode()
        self._put(GRAPH, Upload(_NTRIPLES, lambda: iter([body]), len(body)))

    def put(self, graph: ReleaseGraph, iri: str, *, unread: bool = False) -> None:
        """Replace a graph by one of a release; `unread`: nobody reads it yet. Raises PublishError."""
        packed = self.gzip or self.client.takes_gzip
        upload = Upload(_NTRIPLES, graph.chunks, graph.size)
        if packed:
            chunks = partial(_packed, graph)
            upload = replace(upload, chunks=chunks, size=None, headers={"Content-Encoding": "gzip"})
        self._put(iri, upload, self.endpoints.fresh if unread else {})

    def _put(self, iri: str, upload: Upload, more: Mapping[str, str] | None = None) -> None:
        parameters = {**_named(iri), **(more or {})}
        self.client.send("PUT", self.endpoints.graphs, parameters, upload=upload).close()

    def delete(self, iri: str) -> None:
        """Delete a graph, if it is there. Raises PublishError."""
        self.client.send("DELETE", self.endpoints.graphs, _named(iri), also=(404,)).close()

    def update(self, text: str) -> None:
        """Ask for an update, once. Raises LostAnswerError where it may have been done, else PublishError."""
        body = text.encode()
        upload = Upload("application/sparql-update", lambda: iter([body]), len(body))
        self.client.send("POST", self.endpoints.update or "", upload=upload, repeat=False).close()

    def count(self, iri: str) -> int:
        """The triples of a graph: asked by a query, or counted as they come where no queries are taken."""
        if self.endpoints.query is None:
            return sum(1 for _triple in self.triples(iri))
        pattern = "?s ?p ?o" if iri == DEFAULT else f"GRAPH <{iri}> {{ ?s ?p ?o }}"
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}"
        media = "application/sparql-results+json"
        answer = self.client.send("GET", self.endpoints.query, {"query": query}, accept=media, also=(404, 405))
        try:
            with answer:
                return int(json.loads(answer.content)["results"]["bindings"][0]["n"]["value"])
        except (ValueError, LookupError, TypeError):
            raise PublishError(
                f"that is no SPARQL endpoint: it answered {answer.status_code}, and no count",
                where=self.endpoints.query,
                do="give the address that takes queries: --query",
            ) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as problem:
            raise _broken_off(self.endpoints.query) from problem

    def triples(self, iri: str) -> Iterator[Triple]:
        """The triples of a graph; none where it is not there."""
        url = self.endpoints.graphs
        with self.client.send("GET", url, _named(iri), accept=_RDF, also=(404,)) as answer:
            if answer.status_code == 404:
                return
            media = answer.headers.get("Content-Type", "").partition(";")[0].strip()
            format_ = RdfFormat.from_media_type(media) if media else None
            if format_ is None:
                raise not_a_store(f"it answered {media or 'something'}, not RDF", url)
            answer.raw.decode_content = True
            try:
                yield from (
                    cast("Triple", quad.triple) for quad in parse(input=cast("IO[bytes]", answer.raw), format=format_)
                )
            except SyntaxError as problem:
                raise not_a_store(f"what it calls {media} is not that ({problem.msg})", url) from None
            except (OSError, urllib3.exceptions.HTTPError) as problem:
                raise _broken_off(url) from problem


def _named(iri: str) -> dict[str, str]:
    return {"default": ""} if iri == DEFAULT else {"graph": iri}


def _packed(graph: ReleaseGraph) -> Iterator[bytes]:
    packer = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    for chunk in graph.chunks():
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def _broken_off(url: str) -> LostAnswerError:
    return LostAnswerError("the answer ended too early", where=url, do="run the same command again")
