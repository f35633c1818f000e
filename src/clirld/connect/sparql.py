"""SPARQL: what a CONSTRUCT query gives, as sorted N-Triples.

The query is posted as a form (SPARQL 1.1 Protocol, 2.1.2). A query of the Wikidata Query Service has 60 seconds; what
runs longer ends with status 500, or after status 200 with a Java stack trace in the middle of what it has so far
(osm-search/wikipedia-wikidata#4, INCATools/ubergraph#47): every line is looked at.
"""

from __future__ import annotations

from collections import deque
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from urllib.parse import urlencode

from pyoxigraph import RdfFormat, parse

from clirld.connect import answer
from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.errors import FetchError

_SPOOLED = 64 * 1024**2
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/n-triples"}


class Sparql(Connector):
    """The endpoint at the distribution's address, asked the `query` in that file of the source's folder."""

    query: str

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask the query; its triples are sorted, so that the same answer is the same snapshot."""
        query = answer.file_of(wanted.folder, self.query)
        with SpooledTemporaryFile(_SPOOLED) as came:
            kept = cast("BinaryIO", came)
            client.save(wanted.url, kept, data=urlencode({"query": query}).encode(), headers=_FORM)
            _check(kept, wanted.url)
            kept.seek(0)
            lines = {line.strip() for line in kept}
        triples = sorted(line for line in lines if line and not line.startswith(b"#"))
        if not triples:
            do = "try the query in a browser at the endpoint; if there is something, run the source again later"
            raise FetchError("the answer has no triple", where=wanted.url, do=do)
        out.writelines(line + b"\n" for line in triples)
        return Collected()


def _check(came: BinaryIO, url: str) -> None:
    """Raise FetchError unless all of it is N-Triples."""
    came.seek(0)
    if came.read(400).lstrip()[:1] in (b"{", b"["):
        came.seek(0)
        raise _not_whole(came.read(400), url)
    came.seek(0)
    try:
        deque(parse(came, format=RdfFormat.N_TRIPLES), maxlen=0)
    except SyntaxError:
        came.seek(0)
        strange = (line for line in came if line.strip() and not line.rstrip().endswith(b"."))
        raise _not_whole(next(strange, b""), url) from None


def _not_whole(tail: bytes, url: str) -> FetchError:
    words = " ".join(tail.decode("utf-8", "replace").split())
    at = max(words.find(sign) for sign in ("SPARQL-QUERY", "Exception"))
    told = words[at:][:120] if at > 0 else words[:120]
    return FetchError(
        f"the answer is no whole N-Triples: “{told}”",
        where=url,
        do="if it ran out of time, make the query smaller or divide it; try it in a browser at the endpoint",
    )
