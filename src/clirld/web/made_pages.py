"""Pages made of a release when they are asked for: beside the loop, a few at a time, with the same failures for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from clirld.query.failure import Failure
from clirld.query.worker_pool import ServeSettings
from clirld.reuse import places
from clirld.web import protocol
from clirld.web.citable.choice import release_of
from clirld.web.conditional import conditional
from clirld.web.documents import lookup
from clirld.web.release import ServedRelease

_AT_ONCE = 2
"""Answers of one kind that are made at the same time; others wait."""

Make = Callable[[Request, ServedRelease], Response]
"""Makes an answer of the release that a request is about. Raises Refused where it cannot."""


def offered_media_type(request: Request, offered: Mapping[str, str]) -> str:
    """The media type that a request wants of those offered, by their short names. Raises Refused where it is none."""
    media = protocol.offered_media_type(request, offered)
    if isinstance(media, Failure):
        raise protocol.Refused(media)
    return media


@dataclass(frozen=True)
class MadePages:
    """Some pages of one kind; `failure_response` says in words why one cannot be had."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @cached_property
    def _threads(self) -> CapacityLimiter:
        return CapacityLimiter(_AT_ONCE)

    async def made(self, make: Make, request: Request) -> Response:
        """The answer, or 304 where the client has it already; what it was refused for, or that files are damaged."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        try:
            response = await to_thread.run_sync(make, request, release, limiter=self._threads)
        except (protocol.Refused, places.Refused) as refused:
            return self.failure_response(request, refused.failure)
        except lookup.UNREADABLE as error:
            return self.failure_response(request, lookup.unreadable(error))
        return conditional(request, response, release) if response.status_code == 200 else response
