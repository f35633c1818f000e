"""Answer for the IRIs of the vocabulary: `/ontology`, `/concept/{scheme}` and `/concept/{scheme}/{slug}`.

in: the folder of the ontology; out: the page for people (303 to its anchor), the triples for programs. The rule:
https://www.w3.org/TR/swbp-vocab-pub/, content negotiation on the IRI itself. Read at the first request, then kept.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from anyio import to_thread
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from clirld.map import yarrrml
from clirld.query.failure import Failure
from clirld.query.formats import GRAPH_FORMATS, HTML, PREFIXES
from clirld.settings import BASE
from clirld.vocabulary import tables
from clirld.vocabulary.terms import Vocabulary
from clirld.web import pages, protocol, vocabulary_pages
from clirld.web.conditional import conditional, read_route

_RDF_TYPES = ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml")
_MEDIA_TYPE_BY_NAME = {**{GRAPH_FORMATS[media][0]: media for media in _RDF_TYPES}, "html": HTML}
_NAME = re.compile(r"[a-z0-9-]{1,200}")  # longer ones no file can have
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class VocabularyPages:
    """The pages and triples of one folder, and the routes that lead to them."""

    ontology: Path

    @property
    def routes(self) -> list[Route]:
        """What the application serves of the vocabulary."""
        return [
            read_route("/ontology", self.negotiated),
            read_route("/ontology/{lang}/index.html", self.page),
            read_route("/concept/{scheme}", self.negotiated),
            read_route("/concept/{scheme}/{slug}", self.negotiated),
        ]

    @cached_property
    def _pages(self) -> dict[str, str]:
        vocabulary = Vocabulary.load(self.ontology)
        canonical_tables = tables.load(self.ontology / "tables.yaml")
        return vocabulary_pages.render(
            self.ontology, yarrrml.load(self.ontology / "mapping.yarrrml", canonical_tables, vocabulary.terms)
        )

    async def page(self, request: Request) -> Response:
        """The documentation in one language. Its own styles stand in it, and are named by their hash."""
        language = request.path_params["lang"]
        if language not in vocabulary_pages.LANGUAGES:
            raise HTTPException(404)
        text = (await to_thread.run_sync(lambda: self._pages))[language]
        styles = (b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in _STYLE.findall(text))
        hashes = " ".join(f"'sha256-{style}'" for style in styles)
        policy = pages.HEADERS["content-security-policy"].replace("style-src", f"style-src {hashes}")
        headers = {**pages.HEADERS, "content-security-policy": policy, "content-language": language}
        return conditional(request, HTMLResponse(text, headers={**headers, "cache-control": "no-cache"}))

    async def negotiated(self, request: Request) -> Response:
        """The vocabulary, a scheme or a concept, as the request likes it best."""
        scheme, slug = request.path_params.get("scheme"), request.path_params.get("slug")
        path = self.ontology / "schemes" / f"{scheme}.ttl" if scheme else self.ontology / "clirld.ttl"
        if scheme and not (_NAME.fullmatch(scheme) and path.is_file()):
            raise HTTPException(404)
        subject = NamedNode(f"{BASE}concept/{scheme}/{slug}") if _NAME.fullmatch(slug or "") else None
        quads = await to_thread.run_sync(_quads, path, subject)
        if slug and not (subject and quads):
            raise HTTPException(404)
        media = protocol.offered_media_type(request, _MEDIA_TYPE_BY_NAME)
        if isinstance(media, Failure):
            return protocol.problem(request, media)
        headers = {"vary": "Accept, Accept-Language", "cache-control": "no-cache"}
        if media == HTML:
            # Without a fragment of its own, the browser keeps that of the term it was sent to.
            anchor = f"#{scheme}/{slug}" if slug else f"#scheme-{scheme}" if scheme else ""
            language = protocol.request_language(request, "fr")
            return RedirectResponse(f"/ontology/{language}/index.html{anchor}", 303, headers)
        if media == "text/turtle" and not slug:
            body = path.read_bytes()  # as its authors wrote it, comments too
        else:
            body = serialize((quad.triple for quad in quads), format=_format(media), prefixes=PREFIXES) or b""
        return conditional(request, Response(body, media_type=media, headers=headers))


def _format(media: str) -> RdfFormat:
    return GRAPH_FORMATS[media][1]


def _quads(path: Path, subject: NamedNode | None) -> list[Quad]:
    """The triples of a file, or of one subject there."""
    return [quad for quad in parse(path=str(path), format=RdfFormat.TURTLE) if subject in (None, quad.subject)]
