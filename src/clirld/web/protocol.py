"""SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/):

From a request to a question to an answer.
"""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from clirld.query.evaluate import QueryRequest
from clirld.query.failure import Failure, Language
from clirld.query.formats import CANONICAL, HTML, media_types, media_types_named
from clirld.query.syntax import Outline
from clirld.release import citation
from clirld.web.content_negotiation import chosen_media_type, preferred_language, preferred_media_type, prefers_html
from clirld.web.release import ServedRelease

STATUS = {
    "syntax": 400,
    "prefix": 400,
    "dataset": 400,
    "evaluation": 400,
    "volatile": 400,
    "text-query": 400,
    "text-query-subject": 400,
    "text-query-words": 400,
    "text-query-limit": 400,
    "text-query-list": 400,
    "text-query-count": 400,
    "text-query-iri": 400,
    "parameter": 400,
    "no-words": 400,
    "no-search-page": 400,
    "unknown-territory": 400,
    "unknown-type": 400,
    "long-words": 400,
    "reuse-no-territory": 400,
    "reuse-territory": 400,
    "reuse-need": 400,
    "reuse-practice": 400,
    "reuse-several-territories": 400,
    "reuse-postcode": 400,
    "compare-several": 400,
    "reuse-wide-territory": 400,
    "reuse-no-grouping": 400,
    "compare-one": 400,
    "compare-same": 400,
    "compare-many": 400,
    "compare-mixed": 400,
    "compare-kind": 400,
    "compare-divided": 400,
    "compare-unknown": 404,
    "compare-gone": 410,
    "missing-query": 400,
    "several-queries": 400,
    "encoding": 400,
    "damaged-body": 400,
    "http": 400,
    "nesting": 400,
    "service": 403,
    "update": 403,
    "no-page": 400,
    "not-found": 404,
    "unknown-iri": 404,
    "unknown-release": 404,
    "no-search": 404,
    "no-map": 404,
    "no-figure": 404,
    "reconcile-query": 400,
    "reconcile-batch": 413,
    "before-first-release": 404,
    "gone-release": 410,
    "release-to-come": 503,
    "erased-release": 410,
    "withdrawn-release": 410,
    "withdrawn-changes": 410,
    "gone-page": 410,
    "several-releases": 400,
    "not-of-a-release": 400,
    "accept-datetime": 400,
    "method": 405,
    "not-acceptable": 406,
    "slow-request": 408,
    "too-long": 413,
    "media-type": 415,
    "content-encoding": 415,
    "head-too-long": 431,
    "internal": 500,
    "busy": 503,
    "worker": 503,
    "store": 503,
    "damaged": 503,
    "no-release": 503,
    "timeout": 504,
    "slow-search": 504,
    "memory": 507,
}
_FORMAT_PARAMETERS = ("format", "output", "results")  # clients send one of them, or all; the first counts
BODY_SECONDS = 10.0
"""In which the body of a request has to come: one that trickles holds its connection no longer."""
_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"


class Refused(Exception):  # noqa: N818
    """Why a request cannot be answered, raised where that is found."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class QueryParameters:
    """What a request asks: its query, its dataset, the format it names, and the releases that its body names."""

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None
    releases: tuple[str, ...] = ()


async def read_parameters(request: Request, max_query: int) -> QueryParameters | Failure | None:
    """The question in a GET or POST request; None where a GET asks nothing: it is about the service itself."""
    try:
        pairs = _pairs(request.scope["query_string"])
        if request.method == "POST":
            more = await _body(request, max_query)
            if isinstance(more, Failure):
                return more
            pairs += more
    except (UnicodeError, ValueError):
        return Failure("encoding")
    return _parameters(pairs, is_post=request.method == "POST")


def address_parameters(query_string: bytes) -> QueryParameters | Failure | None:
    """The question of a GET request, by the query string of its address; as `read_parameters`."""
    try:
        return _parameters(_pairs(query_string), is_post=False)
    except (UnicodeError, ValueError):
        return Failure("encoding")


def _parameters(pairs: list[tuple[str, str]], *, is_post: bool) -> QueryParameters | Failure | None:
    parameters: dict[str, list[str]] = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    if "update" in parameters:
        return Failure("update")
    queries = parameters.get("query", [])
    if len(queries) > 1:
        return Failure("several-queries")
    if not queries:
        about_service = not is_post and not parameters.keys() & {"default-graph-uri", "named-graph-uri"}
        return None if about_service else Failure("missing-query")
    default, named = (parameters.get(name) for name in ("default-graph-uri", "named-graph-uri"))
    return QueryParameters(
        queries[0],
        None if default is None else tuple(default),
        None if named is None else tuple(named),
        format_name({name: values[0] for name, values in parameters.items()}),
        tuple(parameters.get("release", ())),
    )


async def read_form(request: Request, limit: int) -> dict[str, str] | Failure:
    """The parameters of a GET request, or of a form of at most `limit` bytes that is posted; the first of each name."""
    try:
        pairs = _pairs(request.scope["query_string"])
        if request.method == "POST":
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
                return Failure("media-type", detail={"given": request.headers.get("content-type", "-")})
            body = await _decoded_body(request, limit)
            if isinstance(body, Failure):
                return body if body.kind != "too-long" else Failure("too-long", detail={"limit": str(limit)})
            pairs += _pairs(body)
    except (UnicodeError, ValueError):
        return Failure("encoding")
    return dict(reversed(pairs))


def format_name(parameters: Mapping[str, str]) -> str | None:
    """The format that a request names, None where it names none."""
    return next((parameters[name] for name in _FORMAT_PARAMETERS if parameters.get(name)), None)


async def _body(request: Request, max_query: int) -> list[tuple[str, str]] | Failure:
    content_type = request.headers.get("content-type", "")
    media, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if media not in (_FORM, _QUERY, _UPDATE):
        return Failure("media-type", detail={"given": content_type or "-"})
    for parameter in parameters:
        name, _, charset = parameter.partition("=")
        if name == "charset" and not _is_utf8(charset.strip('"')):
            return Failure("media-type", detail={"given": content_type})
    if media == _UPDATE:
        return Failure("update")
    # A character is at most four bytes, each three characters once escaped.
    body = await _decoded_body(request, max_query * 4 if media == _QUERY else max_query * 12)
    if isinstance(body, Failure):
        return body if body.kind != "too-long" else Failure("too-long", detail={"limit": str(max_query)})
    return _pairs(body) if media == _FORM else [("query", body.decode("utf-8"))]


async def _decoded_body(request: Request, limit: int) -> bytes | Failure:
    """The body, unpacked where it is gzip; at most `limit` bytes, packed or not."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        return Failure("content-encoding", detail={"given": coding})
    unpack = None if coding == "identity" else zlib.decompressobj(wbits=31)  # 31: gzip and nothing else
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
                if len(body) > limit or (unpack and unpack.unconsumed_tail):
                    return Failure("too-long")
    except zlib.error:
        return Failure("damaged-body")
    except TimeoutError:
        return Failure("slow-request", detail={"limit": f"{BODY_SECONDS:g}"})
    return body if unpack is None or unpack.eof else Failure("damaged-body")


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in ("utf-8", "ascii")
    except LookupError:
        return False


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    text = encoded.decode("ascii")
    return parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=1000)


def negotiate(request: Request, parameters: QueryParameters, parsed: Outline) -> str | Failure:
    """The media type of the answer: the one of ?format=, else the best of Accept."""
    types = media_types(parsed.form)
    if parsed.form is None:
        return types[0]  # not a query: the parser will say why
    accept = request.headers.get("accept")
    if parameters.format in ("html", HTML):
        return HTML
    if parameters.format == "canonical":
        return CANONICAL
    if parameters.format in citation.FORMATS:
        return citation.FORMATS[parameters.format]
    if parameters.format is not None:
        # A name means a syntax, and Accept which of its media types; a name that is given is never overruled.
        named = media_types_named(parsed.form, parameters.format)
        chosen = preferred_media_type(accept, named) or next(iter(named), None)
    else:
        chosen = preferred_media_type(accept, [*types, HTML, *citation.FORMATS.values()])
    return chosen or Failure("not-acceptable", detail={"kind": parsed.form.upper(), "types": ", ".join(types)})


def offered_media_type(request: Request, offered: Mapping[str, str], suffix: str | None = None) -> str | Failure:
    """The media type of what is offered in several: that of a suffix or ?format=, else the best of Accept.

    `offered` is short name → media type, the preferred one first.
    """
    name = suffix or request.query_params.get("format")
    chosen = chosen_media_type(name, request.headers.get("accept"), offered)
    return chosen or Failure("not-acceptable", detail={"kind": request.url.path, "types": ", ".join(offered.values())})


def etag(request: Request, release: ServedRelease, query_request: QueryRequest, media: str) -> str:
    """Release and question in one validator; weak, since the order of rows is free."""
    # The language only matters to a page and a citation: a program's answer has none.
    language_part = request_language(request, "fr") if media in (HTML, *citation.FORMATS.values()) else ""
    parts = repr((query_request, media, language_part)).encode()
    return f'W/"{release.id}-{hashlib.sha256(parts).hexdigest()[:32]}"'


def unknown_language(request: Request) -> Failure | None:
    """That ?lang= names a language that nothing is written in here; None where it names one, or is not there."""
    named = request.query_params.get("lang") if b"lang" in request.scope["query_string"] else None
    if not named or named in get_args(Language):
        return None
    return Failure("parameter", detail={"name": "lang", "given": named[:80], "allowed": ", ".join(get_args(Language))})


def request_language(request: Request, default: Language) -> Language:
    """The language of a request: ?lang=, else Accept-Language."""
    match request.query_params.get("lang"):
        case "fr":
            return "fr"
        case "en":
            return "en"
        case _:
            return preferred_language(request.headers.get("accept-language"), default)


def problem(request: Request, failure: Failure) -> Response:
    """A failure for a program: application/problem+json (RFC 9457) where JSON will do, else plain text."""
    status = STATUS[failure.kind]
    language = request_language(request, "en")
    accept = request.headers.get("accept")
    headers = {"vary": "Accept, Accept-Language", "cache-control": "no-store", "content-language": language}
    headers |= retry_headers(failure)
    what, where, do = failure.text("what", language), failure.where(language), failure.text("do", language)
    # curl and scripts, which accept anything, get JSON; only what leaves it out gets text.
    if accept is None or "json" in accept.lower() or preferred_media_type(accept, ["application/problem+json"]):
        body = {
            "type": f"https://w3id.org/clirld/problem#{failure.kind}",
            "title": failure.text("title", language),
            "status": status,
            "detail": what,
            "do": do,
            "line": failure.line,
            "column": failure.column,
        }
        body = {key: value for key, value in body.items() if value is not None}
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    text = f"{where + ': ' if where else ''}{what}\n→ {do}\n"
    return PlainTextResponse(text, status, headers)


def retry_headers(failure: Failure) -> dict[str, str]:
    """When to come back, for failures that are not the query's."""
    if failure.kind == "method":
        return {"allow": failure.detail["allow"]}
    return {"retry-after": failure.detail.get("retry", "30")} if STATUS[failure.kind] == 503 else {}


def prefers_page(request: Request) -> bool:
    """Whether a failure is read by a person."""
    # Latin-1 decodes any byte: the failure may be that the query string is none that can be read.
    named = parse_qsl(request.scope["query_string"].decode("latin-1"))
    form = format_name(dict(named))
    return form in ("html", HTML) or (form is None and prefers_html(request.headers.get("accept")))
