"""Lookups of one pattern, answered from the bytes of their request.

What a general server does around such a query costs more than the query: it reads each header, routes, and hands the
answer through several layers. A plain request is read here; whatever is unusual in it is left to the application,
whose answer is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope

from clirld.query.lookup import lookup_kind
from clirld.web.at_once.repeated_requests import Repeats
from clirld.web.citable import choice
from clirld.web.protocol import QueryParameters, address_parameters
from clirld.web.sparql import SparqlEndpoint

Address = tuple[str, int | None] | None

_REQUEST_LINE = re.compile(rb"GET /sparql\?(query=[!%'-:<-~]+(?:&(?:format|output|results)=[!%'-:<-~]*)*) HTTP/1\.1")
# Fields that change nothing here, and those that are read: any other may change what is asked, or how.
_FIELDS = frozenset(
    b"host accept accept-encoding accept-language user-agent referer origin cookie via dnt priority pragma "
    b"cache-control x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip x-request-id forwarded traceparent "
    b"sec-fetch-dest sec-fetch-mode sec-fetch-site".split()
)
_FIELD_VALUE = re.compile(rb"[\t -~]*")


class LookupRequests:
    """The answers to plain requests whose query is a lookup, of the current release; they are kept, as all are."""

    def __init__(
        self,
        endpoint: SparqlEndpoint,
        releases: choice.Releases,
        host: Callable[[Request], str],
        repeats: Repeats,
        headers: Mapping[str, str],
    ) -> None:
        """`headers` are those of every answer of this server."""
        self._endpoint = endpoint
        self._releases = releases
        self._host = host
        self._repeats = repeats
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    def get(self, request: bytes, client: Address, server: Address) -> bytes | None:
        """Headers (but for the date) and body of the answer to the bytes of a whole request without a body.

        None where it is no plain lookup: then the application has to be asked.
        """
        return self._repeats.answer(request, lambda request: self._computed(request, client, server))

    def _computed(self, request: bytes, client: Address, server: Address) -> bytes | None:
        scope = read_scope(request)
        if scope is None:
            return None
        parameters = address_parameters(scope["query_string"])
        if not isinstance(parameters, QueryParameters) or lookup_kind(parameters.query) != "pattern":
            return None
        asked = Request(choice.about_current(self._releases, {**scope, "client": client, "server": server}))
        release = choice.release_of(asked)
        response = self._endpoint.at_once(asked, release, parameters) if release else None
        if not isinstance(response, Response) or response.status_code != 200:
            return None
        message: Message = {"type": "http.response.start", "status": 200, "headers": response.raw_headers}
        choice.describe(asked, message, self._host)
        head = b"".join(b"%s: %s\r\n" % pair for pair in (*message["headers"], *self._headers))
        return head + b"\r\n" + bytes(response.body)


def read_scope(request: bytes) -> Scope | None:
    """The ASGI scope of a plain GET request for a query; None for any other, and for what may be read in two ways."""
    line, *lines = request.removesuffix(b"\r\n\r\n").split(b"\r\n")
    asks = _REQUEST_LINE.fullmatch(line)
    if asks is None:
        return None
    fields: dict[bytes, bytes] = {}
    for text in lines:
        name, colon, value = text.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name == b"connection" and value.lower() == b"keep-alive":  # as it is without (RFC 9112, section 9.3)
            continue
        if not colon or name not in _FIELDS or name in fields or not _FIELD_VALUE.fullmatch(value):
            return None
        fields[name] = value
    if b"host" not in fields:
        return None
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/sparql",
        "raw_path": b"/sparql",
        "root_path": "",
        "query_string": asks[1],
        "headers": list(fields.items()),
    }
