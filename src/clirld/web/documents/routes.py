"""The routes of the data's IRIs: 303 from the thing to its document, and the document as the request likes it best.

`/id/…`, `/graph/{source}` → 303 → `/doc/…`, by suffix (`.ttl`), `?format=` or `Accept`. 404 for what no statement
names, 410 with its tombstone for what is gone, 301 from `/id/…` to its successor where it has one.
Links of the answers: Signposting (https://signposting.org/FAIR/), `rel="cite-as"` is RFC 8574.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlencode

from anyio import CapacityLimiter, to_thread
from pyoxigraph import Literal, NamedNode, Quad, Store
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.query.formats import HTML, PREFIXES
from clirld.query.worker_pool import ServeSettings
from clirld.settings import BASE
from clirld.web import protocol
from clirld.web.citable.choice import address, raw_path, release_of
from clirld.web.conditional import conditional, read_route, release_headers
from clirld.web.documents import formats, lookup, pages
from clirld.web.documents.jsonld import Context
from clirld.web.documents.lookup import Description
from clirld.web.documents.naming import short, whole
from clirld.web.documents.sources import graph_quads
from clirld.web.documents.view import stands_for, types
from clirld.web.local_links import document_path, uri
from clirld.web.release import ServedRelease

_MAX_PATH = 1000
"""Characters of the longest key that is looked for. The keys of the data have at most some two hundred."""

_AT_ONCE = 2
"""Documents that are made at the same time; others wait. What they cost is bounded, and nobody has to be refused."""

_FORMER, _REPLACED_BY = whole("clir:FormerEntity"), whole("dct:isReplacedBy")
_VOID = "http://rdfs.org/ns/void#"


@dataclass(frozen=True, slots=True)
class _Found:
    """A thing that a path names: its description, and the short name of the format that the path ends in."""

    description: Description
    suffix: str | None = None

    @property
    def path(self) -> str:
        """The path of its document, without a suffix."""
        return document_path(self.description.subject.value)

    @property
    def is_gone(self) -> bool:
        """Whether it is only a tombstone now."""
        return types(self.description) == [_FORMER]

    @property
    def successors(self) -> list[str]:
        """What it has become."""
        return [
            quad.object.value
            for quad in self.description.outgoing
            if quad.predicate.value == _REPLACED_BY and isinstance(quad.object, NamedNode)
        ]


@dataclass(frozen=True)
class DocumentPages:
    """The documents of a release, and the routes that lead to them."""

    ontology: Path
    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]
    host: Callable[[Request], str]
    contact: str
    """Where whoever serves the data is told that something is wrong."""

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What the application serves of the data's IRIs."""
        return [
            read_route("/id/{path:path}", self.thing),
            read_route("/graph/{path:path}", self.thing),
            read_route("/doc/{path:path}", self.document),
            read_route("/context.jsonld", self.context),
        ]

    @cached_property
    def _context(self) -> Context:
        return Context(self.ontology / "context.jsonld")

    async def context(self, request: Request) -> Response:
        """The public JSON-LD context."""
        body = await to_thread.run_sync(self._context.path.read_bytes)
        return conditional(request, Response(body, media_type="application/ld+json"))

    async def thing(self, request: Request) -> Response:
        """303 to the document: a thing is none."""
        found = await self._find(request, raw_path(request).removeprefix("/"))
        if isinstance(found, Response):
            return found
        query = f"?{request.url.query}" if request.url.query else ""
        suffix = f".{found.suffix}" if found.suffix else ""
        if found.is_gone and len(found.successors) == 1:
            successor = found.successors[0].removeprefix(BASE)
            return RedirectResponse(address(request, f"/{successor}{suffix}{query}"), 301)
        headers = {
            "vary": "Accept, Accept-Language",
            "link": f'<{uri(found.description.subject.value)}>; rel="cite-as"',
        }
        return RedirectResponse(address(request, f"{found.path}{suffix}{query}"), 303, headers)

    async def document(self, request: Request) -> Response:
        """What the data say of a thing."""
        name = raw_path(request).removeprefix("/doc/")
        is_thing = not name.startswith(("graph/", "concept/"))
        found = await self._find(request, f"id/{name}" if is_thing else name)
        if isinstance(found, Response):
            return found
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        media = protocol.offered_media_type(request, formats.OFFERED, found.suffix)
        if isinstance(media, Failure):
            return self.failure_response(request, media)
        try:
            response = await to_thread.run_sync(self._write, request, release, found, media, limiter=self._threads)
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        response.headers.update(self._headers(request, release, found, media))
        if found.is_gone:
            response.status_code = 410
            response.headers.update(release_headers(release))
            return response
        return conditional(request, response, release)

    def _write(self, request: Request, release: ServedRelease, found: _Found, media: str) -> Response:
        description = found.description
        if media == HTML:
            store, predicate = lookup.open_store(release.store), _predicate(request)
            links = self._context.link_properties
            asked = (store, description, links, predicate, found.is_gone)
            return pages.document(request, release, self.settings, *asked, self.contact)
        quads = formats.statements(description)
        quads += formats.metadata(self.host(request) + address(request, found.path), description, release)
        body = formats.write(media, quads, release, self._context, f"{self.host(request)}/context.jsonld")
        return Response(body, media_type=media)

    async def _find(self, request: Request, name: str) -> _Found | Response:
        """What a path names, or the answer that says why it names nothing."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        page = _page(request)
        if page is None:
            detail = {"path": request.url.path, "most": str(lookup.MAX_PAGES)}
            return self.failure_response(request, Failure("no-page", detail=detail))
        found = None
        if len(name) <= _MAX_PATH:
            try:
                asked = (release, name, page, _predicate(request))
                found = await to_thread.run_sync(_look_up, *asked, limiter=self._threads)
            except lookup.UNREADABLE as error:
                return self.failure_response(request, lookup.unreadable(error))
        if found is None:
            detail = {"iri": BASE + name[:200]}
            return self.failure_response(request, Failure("unknown-iri", detail=detail))
        return found

    def _headers(self, request: Request, release: ServedRelease, found: _Found, media: str) -> dict[str, str]:
        description, host = found.description, self.host(request)
        subject, path = uri(description.subject.value), address(request, found.path)
        suffix = next(short_name for short_name, one in formats.OFFERED.items() if one == media)
        links = [f'<{subject}>; rel="cite-as"', f'<{subject}>; rel="http://xmlns.com/foaf/0.1/primaryTopic"']
        for name, one in formats.OFFERED.items():
            relation = "alternate" if one == HTML else "describedby"
            links.append(f'<{host}{path}.{name}>; rel="{relation}"; type="{one}"')
        links += [f'<{uri(iri)}>; rel="type"' for iri in types(description)]
        sources = formats.sources(release, formats.statements(description))
        licences = dict.fromkeys(iri for source in sources if (iri := source.licence.get("iri")))
        links += [f'<{uri(iri)}>; rel="license"' for iri in licences]
        links += [f'<{source.graph}>; rel="collection"' for source in sources if source.dataset]
        name = _graph_name(description.subject.value)
        if name and graph_quads(release, name) is not None:
            dump = address(request, f"/release/dump/{name}.nq.gz")
            links.append(f'<{host}{dump}>; rel="item"; type="application/n-quads+gzip"')
        links += [f'<{uri(iri)}>; rel="successor-version"' for iri in found.successors]
        if other := stands_for(description):
            links.append(f'<{uri(other)}>; rel="canonical"')
        for relation, page in (("prev", description.page - 1), ("next", description.page + 1)):
            if page < 1 or page > lookup.MAX_PAGES or (relation == "next" and not description.more):
                continue
            query = {**dict(request.query_params), "page": str(page)}
            links.append(f'<{host}{path}?{urlencode(query)}>; rel="{relation}"')
        return {
            "link": ", ".join(links),
            "vary": "Accept, Accept-Language",
            "content-location": f"{path}.{suffix}" + (f"?{request.url.query}" if request.url.query else ""),
        }


def _look_up(release: ServedRelease, name: str, page: int, predicate: str | None) -> _Found | None:
    """The thing that a path names, with its suffix where it is not part of the name."""
    store = lookup.open_store(release.store)
    if description := _describe(store, release, name, page, predicate):
        return _Found(description)
    stem, dot, suffix = name.rpartition(".")
    if dot and suffix in formats.OFFERED and (description := _describe(store, release, stem, page, predicate)):
        return _Found(description, suffix)
    return None


def _describe(store: Store, release: ServedRelease, name: str, page: int, predicate: str | None) -> Description | None:
    # As it was sent, then as it reads: an IRI may have percent signs or letters of any script.
    for spelling in dict.fromkeys((name, unquote(name))):
        iri = BASE + spelling
        if graph := _graph_name(iri):
            description = _describe_graph(store, release, iri, graph, page, predicate)
        else:
            description = lookup.describe(store, iri, page, predicate)
        if description:
            return description
    return None


def _graph_name(iri: str) -> str:
    return iri.removeprefix(f"{BASE}graph/") if iri.startswith(f"{BASE}graph/") else ""


def _describe_graph(
    store: Store, release: ServedRelease, iri: str, name: str, page: int, predicate: str | None
) -> Description | None:
    """A named graph: how large it is and where it is had as a file, what is said of it and of its source.

    Of one that is not in the store, such as that of uncertain links, there is only what is said of it.
    """
    count, described = graph_quads(release, name), lookup.describe(store, iri, page, predicate)
    if count is None:
        return described
    subject, catalog = NamedNode(iri), NamedNode(f"{BASE}graph/catalog")
    dump, integer = f"{BASE}release/dump/{name}.nq.gz", NamedNode(f"{PREFIXES['xsd']}integer")
    said = [
        Quad(subject, NamedNode(whole("rdf:type")), NamedNode(f"{_VOID}Dataset"), catalog),
        Quad(subject, NamedNode(f"{_VOID}triples"), Literal(str(count), datatype=integer), catalog),
        Quad(subject, NamedNode(f"{_VOID}dataDump"), NamedNode(dump), catalog),
        *(described.outgoing if described else ()),
    ]
    source = lookup.describe(store, f"{BASE}id/dataset/{name}", page, predicate)
    if source is None:
        return Description(subject, said)
    said.append(Quad(subject, NamedNode(whole("dct:source")), source.subject, catalog))
    return Description(subject, [*said, *source.outgoing], source.incoming, source.page, source.more)


def _page(request: Request) -> int | None:
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        return None
    return int(text) if 1 <= int(text) <= lookup.MAX_PAGES else None


def _predicate(request: Request) -> str | None:
    """The property that `?link=` narrows what links here to, as a prefixed name or an IRI."""
    name = request.query_params.get("link")
    if not name:
        return None
    prefix = name.partition(":")[0]
    return whole(name) if prefix in PREFIXES and short(whole(name)) == name else name
