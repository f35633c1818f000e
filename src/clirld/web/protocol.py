"""SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/):

From a request to a question to an answer.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from clirld.query.evaluate import Question
from clirld.query.failure import Failure, Language
from clirld.query.formats import PAGE, media_type, offered
from clirld.query.syntax import Outline
from clirld.web.content_negotiation import language, preferred, wants_page
from clirld.web.release import Served

STATUS = {
    "syntax": 400,
    "prefix": 400,
    "dataset": 400,
    "evaluation": 400,
    "missing-query": 400,
    "several-queries": 400,
    "encoding": 400,
    "service": 403,
    "update": 403,
    "not-found": 404,
    "method": 405,
    "not-acceptable": 406,
    "too-long": 413,
    "media-type": 415,
    "internal": 500,
    "busy": 503,
    "worker": 503,
    "store": 503,
    "no-release": 503,
    "timeout": 504,
    "memory": 507,
}
_CHUNK = 1 << 18
_FORM = "application/x-www-form-urlencoded"
_DIRECT = "application/sparql-query"
_UPDATE = "application/sparql-update"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: its query, its dataset, the format it names, if any."""

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None


async def read(request: Request, max_query: int) -> Asked | Failure | None:
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
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    if "update" in given:
        return Failure("update")
    queries = given.get("query", [])
    if len(queries) > 1:
        return Failure("several-queries")
    if not queries:
        about_service = request.method != "POST" and not given.keys() & {
            "default-graph-uri",
            "named-graph-uri",
        }
        return None if about_service else Failure("missing-query")
    default, named = (given.get(name) for name in ("default-graph-uri", "named-graph-uri"))
    return Asked(
        queries[0],
        None if default is None else tuple(default),
        None if named is None else tuple(named),
        given.get("format", [""])[0] or None,
    )


async def _body(request: Request, max_query: int) -> list[tuple[str, str]] | Failure:
    given = request.headers.get("content-type", "")
    kind, *parameters = (part.strip().lower() for part in given.split(";"))
    if kind not in (_FORM, _DIRECT, _UPDATE):
        return Failure("media-type", detail={"given": given or "-"})
    for parameter in parameters:
        name, _, charset = parameter.partition("=")
        if name == "charset" and not _is_utf8(charset.strip('"')):
            return Failure("media-type", detail={"given": given})
    if kind == _UPDATE:
        return Failure("update")
    body = b""
    # A character is at most four bytes, each three characters once escaped.
    limit = max_query * 4 if kind == _DIRECT else max_query * 12
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return Failure("too-long", detail={"limit": str(max_query)})
    return _pairs(body) if kind == _FORM else [("query", body.decode("utf-8"))]


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in ("utf-8", "ascii")
    except LookupError:
        return False


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    text = encoded.decode("ascii")
    return parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=1000)


def choose(request: Request, asked: Asked, kind: Outline) -> str | Failure:
    """The media type of the answer: the one of ?format=, else the best of Accept."""
    types = offered(kind.kind)
    if kind.kind is None:
        return types[0]  # not a query: the parser will say why
    if asked.format is not None:
        chosen = PAGE if asked.format == "html" else media_type(kind.kind, asked.format)
    else:
        chosen = preferred(request.headers.get("accept"), [*types, PAGE])
    return chosen or Failure("not-acceptable", detail={"kind": kind.kind.upper(), "types": ", ".join(types)})


def etag(release: Served, question: Question, spoken: Language) -> str:
    """Release and question in one validator; weak, since the order of rows is free."""
    spoken_part = spoken if question.media_type == PAGE else ""
    parts = repr((question, spoken_part)).encode()
    return f'W/"{release.id}-{hashlib.sha256(parts).hexdigest()[:32]}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether the client already has the answer with this validator (If-None-Match, weak comparison)."""
    known = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or tag.removeprefix("W/") in known


async def stream(path: Path) -> AsyncIterator[bytes]:
    """The bytes of a worker's large answer, which is deleted at once: an open file outlives its name."""
    async with await anyio.open_file(path, "rb") as file:
        path.unlink()
        while chunk := await file.read(_CHUNK):
            yield chunk


def answered(answer: bytes | Path, media: str, headers: dict[str, str]) -> Response:
    """The answer as a response, its length known."""
    if isinstance(answer, bytes):
        return Response(answer, media_type=media, headers=headers)
    length = {"content-length": str(answer.stat().st_size)}
    return StreamingResponse(stream(answer), media_type=media, headers=headers | length)


def spoken(request: Request, default: Language) -> Language:
    """The language of a request: ?lang=, else Accept-Language."""
    match request.query_params.get("lang"):
        case "fr":
            return "fr"
        case "en":
            return "en"
        case _:
            return language(request.headers.get("accept-language"), default)


def problem(request: Request, failure: Failure) -> Response:
    """A failure for a program: application/problem+json (RFC 9457) where JSON will do, else plain text."""
    status = STATUS[failure.kind]
    said = spoken(request, "en")
    accept = request.headers.get("accept")
    headers = {"vary": "Accept, Accept-Language", "cache-control": "no-store", "content-language": said}
    headers |= retry(failure)
    what, where, do = failure.text("what", said), failure.where(said), failure.text("do", said)
    if accept is None or "json" in accept.lower() or preferred(accept, ["application/problem+json"]):
        body = {
            "type": f"https://w3id.org/clirld/problem#{failure.kind}",
            "title": failure.text("title", said),
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


def retry(failure: Failure) -> dict[str, str]:
    """When to come back, for failures that are not the query's."""
    if failure.kind == "method":
        return {"allow": "GET, HEAD, POST, OPTIONS"}
    return {"retry-after": failure.detail.get("retry", "30")} if STATUS[failure.kind] == 503 else {}


def page_wanted(request: Request) -> bool:
    """Whether a failure is read by a person."""
    named = parse_qsl(request.scope["query_string"].decode("latin-1"))
    form = dict(named).get("format")
    return form == "html" or (form is None and wants_page(request.headers.get("accept")))
