"""What the two servers of contributions share: the project, the inbox, the current release, and how a page is made."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyoxigraph import Store
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from clirld.contributions.check import check
from clirld.contributions.inbox import Inbox, Submission
from clirld.contributions.rates import Rates
from clirld.contributions.statements import Thing, thing
from clirld.project import Project
from clirld.query.failure import Language
from clirld.query.scheduling import client_of
from clirld.query.worker_pool import ServeSettings
from clirld.web import pages
from clirld.web.contribution import words
from clirld.web.contribution.posted import Refusal
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.protocol import request_language
from clirld.web.release import ServedRelease, current

_OWN = re.compile(r'\b(href|action)="(/(?!contribut|moderation|static/)[^"]*)"')
_POLICY = pages.HEADERS["content-security-policy"].replace(
    "default-src 'none'", "default-src 'none'; script-src 'self'"
)


@dataclass
class Desk:
    """`now` is the time in seconds; `settings` are those of the pages."""

    project: Project
    settings: ServeSettings
    now: Callable[[], float] = time.time
    rates: Rates = field(default_factory=Rates)

    @cached_property
    def inbox(self) -> Inbox:
        """The folder of contributions."""
        return Inbox.of(self.project.settings.inbox)

    @cached_property
    def key(self) -> bytes:
        """What tokens are signed with."""
        return self.inbox.key()

    def release(self) -> ServedRelease | None:
        """The release that is served now."""
        return current(self.project.settings.data)

    def store(self) -> Store | None:
        """Its store; None where there is none that can be read."""
        release = self.release()
        try:
            return lookup.open_store(release.store) if release else None
        except lookup.UNREADABLE:
            return None

    def find(self, iri: str) -> Thing | None:
        """What the release says of a thing."""
        store = self.store()
        return thing(store, iri) if store is not None else None

    def naming(self, language: Language) -> Naming:
        """The words of the release; without one, of an empty store."""
        return Naming(self.store() or Store(), language)

    def address(self, request: Request) -> str:
        """Who asks, behind the trusted proxies."""
        forwarded = ", ".join(request.headers.getlist("x-forwarded-for"))
        addresses = [part.strip() for part in forwarded.split(",") if part.strip()]
        return client_of(request.client.host if request.client else "", addresses, self.settings.trusted_proxies)

    def warm(self) -> None:
        """Read once what checks need, so that the first visitor need not wait for it: the territories take seconds."""
        fields = {"name": "Exemple", "kind": "third-place", "locality": "Exemple", "page": "https://example.org/"}
        one = Submission("0" * 20, "addition", "", fields, {}, "unstated", "fr", "2026-01-01", "", with_proof=False)
        check(self.project, one, words.field_labels(self.project, "fr"), {})

    def page(
        self,
        request: Request,
        template: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A page; what it links to elsewhere is on the server of the release."""
        language = request_language(request, "fr")
        response = pages.render(
            request,
            template,
            self.settings,
            c=words.labels(language),
            release=self.release(),
            posted=request.method == "POST",
            **context,
        )
        if self.settings.document_host:
            site = self.settings.document_host.rstrip("/")
            text = bytes(response.body).decode()
            html = _OWN.sub(lambda link: f'{link[1]}="{site}{link[2]}"', text)
            response = HTMLResponse(html, headers={**pages.HEADERS, "content-language": language})
        response.status_code = status
        response.headers.update(
            {
                "cache-control": "no-store",
                "content-security-policy": _POLICY,
                "x-robots-tag": "noindex",
                **(headers or {}),
            }
        )
        return response

    def refusal(self, request: Request, refusal: Refusal) -> Response:
        """Why something is not done, in words, and what to do."""
        text = words.labels(request_language(request, "fr"))
        what, do = text[f"refused_{refusal.reason.replace('-', '_')}"].format_map(refusal.detail).split(" → ")
        heading = text["refused"]
        return self.page(request, "contribution_problem.html", refusal.status, heading=heading, what=what, do=do)
