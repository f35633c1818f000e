"""The SPARQL endpoint: `/sparql`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from clirld.query.answer import Answer
from clirld.query.answer_cache import AnswerCache
from clirld.query.evaluate import QueryRequest, check
from clirld.query.failure import Failure
from clirld.query.files.examples import Example
from clirld.query.formats import DIGEST, GRAPH_FORMATS, HTML, media_type
from clirld.query.lookup import lookup_kind
from clirld.query.scheduling import client_of
from clirld.query.short_answer import short_answer
from clirld.query.worker_pool import ServeSettings, WorkerPool
from clirld.release import citation
from clirld.release.formats.service_description import describe
from clirld.web import pages, protocol
from clirld.web.citable import citations
from clirld.web.citable.choice import Releases, address, chosen, release_of
from clirld.web.conditional import not_modified, preflight, release_headers
from clirld.web.content_negotiation import preferred_media_type, prefers_html
from clirld.web.documents.lookup import UNREADABLE, open_store
from clirld.web.editor.page import query_form
from clirld.web.openapi.description import SERVICE_DESC
from clirld.web.operation.counts import Counts
from clirld.web.release import ServedRelease
from clirld.web.responses import StreamedAnswer, until_disconnect, whole_answer

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")

_GONE = 499  # the client has gone: nginx's number for it, which nobody receives


@dataclass(frozen=True, slots=True)
class AskWorker:
    """A query for a worker, and the media type and headers of its answer."""

    request: QueryRequest
    media: str
    headers: dict[str, str]
    is_lookup: bool


class SparqlEndpoint:
    """The endpoint of one data folder, and what it keeps."""

    def __init__(
        self,
        releases: Releases,
        settings: ServeSettings,
        examples: Sequence[Example],
        pool: WorkerPool,
        failure_response: Callable[[Request, Failure, str], Response],
        host: Callable[[Request], str],
        kept: AnswerCache,
        counts: Counts,
    ) -> None:
        self._releases = releases
        self._settings = settings
        self._examples = list(examples)
        self._pool = pool
        self._failure_response = failure_response
        self._host = host
        self._kept = kept
        self._counts = counts

    async def answer(self, request: Request) -> Response:
        """GET and POST a query; GET nothing, and read about the service."""
        if request.method == "OPTIONS":
            return preflight(_METHODS)
        if request.method not in _METHODS:
            detail = {"method": request.method, "allow": ", ".join(_METHODS)}
            return self._refuse(request, Failure("method", detail=detail))
        try:
            parameters = await protocol.read_parameters(request, self._settings.max_query)
        except ClientDisconnect:
            return Response(status_code=_GONE)
        if isinstance(parameters, Failure):
            return self._refuse(request, parameters)
        if parameters and parameters.releases:
            failure = self._releases.choose(request, parameters.releases)
            if failure:
                return self._refuse(request, failure, parameters.query)
        release = release_of(request)
        if release is None:
            return self._refuse(request, Failure("no-release"))
        if parameters:
            response = await self._query(request, release, parameters)
        else:
            response = self._service_description(request, release)
        response.headers["clirld-release"] = release.id
        return response

    def _refuse(self, request: Request, failure: Failure, query: str = "") -> Response:
        """The answer to what does not come to run."""
        self._counts.refused(failure.kind)
        return self._failure_response(request, failure, query)

    def _service_description(self, request: Request, release: ServedRelease) -> Response:
        """GET without a query: the form for people, the Service Description for programs."""
        endpoint = self._host(request) + address(request, request.url.path)
        accept = request.headers.get("accept")
        name = protocol.format_name(request.query_params)
        if name is None and prefers_html(accept):
            return query_form(request, release, self._examples, self._settings, endpoint)
        media = media_type("describe", name) if name else preferred_media_type(accept, list(GRAPH_FORMATS))
        if media is None:
            detail = {"kind": "sd:Service", "types": ", ".join(GRAPH_FORMATS)}
            return self._failure_response(request, Failure("not-acceptable", detail=detail), "")
        body = describe(endpoint, media, release.id, release.sources, release.manifest.get("quads"))
        headers = {"vary": "Accept", "cache-control": "no-cache", "link": SERVICE_DESC}
        return Response(body, media_type=media, headers=headers)

    def at_once(
        self, request: Request, release: ServedRelease, parameters: protocol.QueryParameters
    ) -> Response | Failure | AskWorker:
        """The answer to a query, where it needs no worker; else what to ask one.

        What is refused, what the client has already, answers that are kept, and lookups of one pattern.
        """
        parsed = check(parameters.query, allow=self._settings.services, max_length=self._settings.max_query)
        if isinstance(parsed, Failure):
            return parsed
        media = protocol.negotiate(request, parameters, parsed)
        if isinstance(media, Failure):
            return media
        base = self._host(request) + request.scope["path"]
        graphs = (parameters.default_graphs, parameters.named_graphs)
        is_citation = media in citation.FORMATS.values()
        if is_citation and parsed.volatile:
            return Failure("volatile")
        worker_media = DIGEST if is_citation else media
        query_request = QueryRequest(parameters.query, worker_media, base, *graphs, rows=self._settings.rows)
        vary = pages.HEADERS["vary"] if media == HTML or is_citation else "Accept, Accept-Encoding"
        headers = {"vary": vary, "cache-control": "no-cache"}
        question, is_citable = citations.question_of(parameters), not parsed.volatile
        headers |= citations.headers(self._host(request), release, question, is_citable=is_citable)
        if not parsed.volatile:
            headers["etag"] = protocol.etag(request, release, query_request, media)
            headers |= release_headers(release)
            if request.method != "POST" and not_modified(request, headers["etag"], release):
                self._counts.answered("kept", "not-modified")
                return Response(status_code=304, headers=headers)
            kept = None if chosen(request).prefix else self._kept.get(release.folder, headers["etag"])
            if kept is not None:
                self._counts.answered("kept")
                if hits := self._kept.get(release.folder, f"{headers['etag']} hits"):
                    headers["clirld-hits"] = hits.decode()
                return self._response(request, release, parameters, media, kept, headers)
        lookup = lookup_kind(parameters.query)
        # Of the current release only, which is open here: to open another takes longer than to ask for it.
        if (
            lookup == "pattern"
            and not chosen(request).prefix
            and (content := _short(release, query_request)) is not None
        ):
            self._counts.answered("pattern")
            if "etag" in headers:
                self._kept.put(release.folder, headers["etag"], content)
            return self._response(request, release, parameters, media, content, headers)
        return AskWorker(query_request, media, headers, is_lookup=lookup is not None)

    async def _query(self, request: Request, release: ServedRelease, parameters: protocol.QueryParameters) -> Response:
        asked = self.at_once(request, release, parameters)
        if isinstance(asked, Failure):
            return self._refuse(request, asked, parameters.query)
        if isinstance(asked, Response):
            return asked
        media, headers = asked.media, asked.headers
        client = self._client(request)
        answer = await until_disconnect(
            request.receive, self._pool.evaluate(release.store, asked.request, client, is_lookup=asked.is_lookup)
        )
        if answer is None:
            return Response(status_code=_GONE)
        if isinstance(answer, Failure):
            return self._failure_response(request, answer, parameters.query)

        if answer.hits:
            headers["clirld-hits"] = answer.hits

        def keep(content: bytes) -> None:
            # Of the current release only: there is room for the answers of one.
            if "etag" in headers and not chosen(request).prefix:
                self._kept.put(release.folder, headers["etag"], content)
                if answer.hits:
                    self._kept.put(release.folder, f"{headers['etag']} hits", answer.hits.encode())

        # A page has few rows; HTTP/1.0 knows no pieces, and an answer broken off would look whole.
        if media == HTML or media in citation.FORMATS.values() or request.scope["http_version"] == "1.0":
            await until_disconnect(request.receive, answer.whole())
            if answer.failure:
                return self._failure_response(request, answer.failure, parameters.query)
        if not answer.ended:
            return StreamedAnswer(answer, media, headers, keep, self._kept.max_answer)
        return self._whole(request, release, parameters, media, answer, headers, keep)

    def _whole(
        self,
        request: Request,
        release: ServedRelease,
        parameters: protocol.QueryParameters,
        media: str,
        answer: Answer,
        headers: dict[str, str],
        keep: Callable[[bytes], None],
    ) -> Response:
        if answer.length > self._kept.max_answer and media != HTML:
            return StreamedAnswer(answer, media, headers, keep, self._kept.max_answer)
        content = answer.taken()
        keep(content)
        return self._response(request, release, parameters, media, content, headers)

    def _response(
        self,
        request: Request,
        release: ServedRelease,
        parameters: protocol.QueryParameters,
        media: str,
        content: bytes,
        headers: dict[str, str],
    ) -> Response:
        if media in citation.FORMATS.values():
            question = citations.question_of(parameters)
            digest = json.loads(content)
            cited = citation.cite(release.manifest, release.id, question, digest, citations.graphs_of(question))
            text = cited.write(media, protocol.request_language(request, "fr"))
            return whole_answer(request.scope, text.encode(), media, headers)
        if media != HTML:
            return whole_answer(request.scope, content, media, headers)
        rows, asked = json.loads(content), citations.question_of(parameters).encoded
        page = pages.results(
            request, release, self._settings, parameters.query, rows, asked, is_citable="etag" in headers
        )
        page.headers.update(headers)
        return page

    def _client(self, request: Request) -> str:
        forwarded = ", ".join(request.headers.getlist("x-forwarded-for"))
        addresses = [part.strip() for part in forwarded.split(",") if part.strip()]
        return client_of(request.client.host if request.client else "", addresses, self._settings.trusted_proxies)


def _short(release: ServedRelease, query_request: QueryRequest) -> bytes | None:
    try:
        return short_answer(open_store(release.store), query_request)
    except UNREADABLE:  # the worker says in words what is wrong with the store
        return None
