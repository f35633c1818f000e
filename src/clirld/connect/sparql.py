"""SPARQL: what a CONSTRUCT query gives, as sorted N-Triples.

The query is posted as a form (SPARQL 1.1 Protocol, 2.1.2). A query of the Wikidata Query Service has 60 seconds; what
runs longer ends with status 500, or after status 200 with a Java stack trace in the middle of what it has so far
(osm-search/wikipedia-wikidata#4, INCATools/ubergraph#47): all of it is parsed.

The triples are written anew, so that the same graph is the same bytes, however an endpoint spells it and whether it
sends N-Triples or Turtle. Blank nodes are refused: their names are new in every answer, so that no two snapshots were
the same, and to give them lasting names takes the canonicalization of the whole graph. A query can do without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from urllib.parse import urlencode

from pyoxigraph import BlankNode, RdfFormat, Triple, parse

from clirld.connect import answer
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
from clirld.errors import FetchError
from clirld.query import syntax

# Answers up to this size stay in memory, larger ones go to a file.
_SPOOL_BYTES = 64 * 1024**2
_FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "application/n-triples, text/turtle;q=0.5",
}
_ERROR_MARKERS = ("SPARQL-QUERY", "java.", "Exception")
"""With what a stack trace begins, also in the middle of a line."""


class Sparql(Connector):
    """The endpoint at the distribution's address, asked the `query` in that file of the source's folder."""

    query: str

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask the query; its triples are sorted, so that the same answer is the same snapshot."""
        query = answer.read_query(request.folder, self.query)
        if syntax.outline(query).form != "construct":
            do = "write it as CONSTRUCT { … } WHERE { … }: its triples are the snapshot"
            raise FetchError(f"{self.query} is no CONSTRUCT query", where=str(request.folder), do=do)
        with SpooledTemporaryFile(_SPOOL_BYTES) as spooled:
            body = cast("BinaryIO", spooled)
            reply = client.save(request.url, body, data=urlencode({"query": query}).encode(), headers=_FORM)
            is_turtle = "turtle" in (reply.media_type or "").lower()
            lines = sorted(set(_lines(body, RdfFormat.TURTLE if is_turtle else RdfFormat.N_TRIPLES, request.url)))
        if not lines:
            do = "try the query in a browser at the endpoint; if there is something, run the source again later"
            raise FetchError("the answer has no triple", where=request.url, do=do)
        out.writelines(lines)
        return CollectResult()


def _lines(body: BinaryIO, rdf_format: RdfFormat, url: str) -> Iterator[bytes]:
    """Each triple as a line. Raises FetchError unless all of it is RDF, without blank nodes."""
    body.seek(0)
    try:
        for quad in parse(body, format=rdf_format):
            if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode | Triple):
                raise FetchError(
                    f"the answer has a blank node, beside {quad.predicate}",
                    where=url,
                    do="have the query give it an IRI, or leave it out with FILTER(!isBlank(…))",
                )
            yield f"{quad.triple} .\n".encode()
    except SyntaxError as problem:
        raise _incomplete(body, problem, rdf_format, url) from None


def _incomplete(body: BinaryIO, problem: SyntaxError, rdf_format: RdfFormat, url: str) -> FetchError:
    """The error, with the beginning of the stack trace, or else with the line that cannot be read."""
    body.seek(0)
    excerpt, line = "", problem.lineno or 1
    for number, raw in enumerate(body, start=1):
        text = " ".join(raw.decode("utf-8", "replace").split())
        if number == line:
            excerpt = text
        if number >= line and (positions := [at for sign in _ERROR_MARKERS if (at := text.find(sign)) >= 0]):
            excerpt = text[min(positions) :]
            break
        # The stack trace begins in the line that cannot be read, or a few lines on.
        if number > line + 100:
            break
    return FetchError(
        f"the answer is no whole {rdf_format.name}: “{excerpt[:120]}”",
        where=url,
        do="if it ran out of time, make the query smaller or divide it; try it in a browser at the endpoint",
    )
