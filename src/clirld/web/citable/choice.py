"""Which release a request is about: looked up once a request, for every route.

`?release=ID` is read as `/release/ID/…`, and `Accept-Datetime` (Memento, RFC 7089) as that of the release of that time:
what answers the address without its release then answers from that release, and leads on within it.

`Clirld-Release: ID` is for whoever asks several times, or several replicas, and wants one state of the whole: that
release answers, with its links too, where it is still kept, else the current one; the answer says which. It is a
preference, and no more, so that a session does not end because a release did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote, unquote, unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clirld.query.failure import Failure
from clirld.release import history
from clirld.release.unavailable import repeated
from clirld.release.unavailable.mark import Withdrawal, mark_of, withdrawals
from clirld.web import number_formats
from clirld.web.citable import memento
from clirld.web.conditional import parsed_date
from clirld.web.local_links import is_of_a_release, within
from clirld.web.protocol import unknown_language
from clirld.web.release import ServedRelease, current, load

_CHOSEN = "clirld.chosen"
"""Key of the scope: what was chosen."""
_ID = re.compile(r"[0-9][0-9A-Za-z-]{0,63}")
_MADE_HERE = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
"""As `clirld.release.published.identifier` names releases."""
_RETRY = "5"
"""Seconds after which a release that is yet to come may be asked for again."""
PREFERRED = "clirld-release"
"""The header of a request that names the release to go on with; the same header of an answer says which it is from."""
_NAMED = re.compile(rb"/release/([0-9][^/]*)(/.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The release that a request is about, or why there is none to answer from.

    `prefix` is the start of its addresses where it was asked for; `is_negotiated` says that it was by its time.
    """

    release: ServedRelease | None
    prefix: str = ""
    is_negotiated: bool = False
    failure: Failure | None = None


def chosen(request: Request) -> Chosen:
    """What was chosen for a request."""
    found = request.scope.get(_CHOSEN)
    return found if isinstance(found, Chosen) else Chosen(None)


def release_of(request: Request) -> ServedRelease | None:
    """The release that a request is about; None where there is none yet."""
    return chosen(request).release


def address(request: Request, path: str) -> str:
    """The path of another resource, within the release that was asked for, if one was."""
    return within(chosen(request).prefix, path)


def raw_path(request: Request) -> str:
    """The path as it was sent, without its release: the framework's has lost which of its letters were escaped."""
    return _raw_path(request.scope).decode("latin-1")


def _raw_path(scope: Scope) -> bytes:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.partition(b"?")[0]


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of a data folder, by name and by time."""

    data: Path

    def named(self, identifier: str) -> ServedRelease | Failure:
        """A release that is kept, or exactly why it cannot be asked."""
        return self._why_not(identifier) or load(self._folder(identifier))

    def _folder(self, identifier: str) -> Path:
        return (self.data / "releases" / identifier).resolve()

    def _why_not(self, identifier: str) -> Failure | None:
        detail = {"id": identifier[:64]}
        if not _ID.fullmatch(identifier):
            return Failure("unknown-release", detail=detail)
        mark = mark_of(self.data, identifier)
        if mark.withdrawal:
            return _withdrawn("withdrawn-release", identifier, mark.withdrawal)
        if mark.holds_erased:
            return Failure("erased-release", detail=detail)
        if (self._folder(identifier) / "store").is_dir():
            return None
        was_there = any(past.id == identifier for past in history.releases(self.data))
        return Failure("gone-release" if was_there else "unknown-release", detail=detail)

    def preferred(self, identifier: str) -> ServedRelease | Failure | None:
        """The release that a client goes on with; None where it is given no more, a failure where it is yet to come."""
        found = self.named(identifier)
        if isinstance(found, ServedRelease):
            return found
        served = current(self.data)
        # Ids begin with the time of making: one that is later than all that is known is one that others have already.
        is_unknown = found.kind == "unknown-release" and _MADE_HERE.fullmatch(identifier)
        if is_unknown and served and identifier > served.folder.name:
            return Failure("release-to-come", detail={"id": identifier, "retry": _RETRY})
        return None

    def at(self, when: datetime) -> ServedRelease | Failure:
        """The newest release that had been made at a time."""
        past = history.releases(self.data)
        made = [one for one in past if one.created <= when]
        if made:
            return self.named(made[-1].id)
        first = format_datetime(past[0].created, usegmt=True) if past else "-"
        return Failure("before-first-release", detail={"first": first})

    def kept(self) -> list[history.Past]:
        """The releases that can be asked, by when they were made."""
        return [one for one in history.releases(self.data) if self._why_not(one.id) is None]

    def why_withheld(self, release: ServedRelease, path: str) -> Failure | None:
        """Why a file of a release is not given, by its path in it: it repeats a withdrawn one. None for all others."""
        withdrawn = withdrawals(self.data)
        found = repeated.by_file(release.folder, path, withdrawn)
        return _withdrawn("withdrawn-changes", found, withdrawn[found]) if found else None

    def choose(self, request: Request, identifiers: Collection[str]) -> Failure | None:
        """Make a request one about the release that its body names; why not, where that cannot be."""
        before, wanted = chosen(request), set(identifiers)
        if before.prefix and not before.is_negotiated:
            wanted.add(before.prefix.rpartition("/")[2])
        if len(wanted) > 1:
            return Failure("several-releases")
        found = self.named(wanted.pop())
        if isinstance(found, Failure):
            return found
        request.scope[_CHOSEN] = _choice(found)
        return None

    def vanished(self, request: Request) -> Failure | None:
        """Why a release that was asked for cannot be asked any more; None where it still can, or none was."""
        prefix, release = chosen(request).prefix, chosen(request).release
        return self._why_not(release.folder.name) if prefix and release else None


class ReleaseChoice:
    """The application, with the release chosen for it."""

    def __init__(
        self,
        app: ASGIApp,
        releases: Releases,
        failure_response: Callable[[Request, Failure], Response],
        host: Callable[[Request], str],
    ) -> None:
        self._app = app
        self._releases = releases
        self._failure_response = failure_response
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the release that is asked for; a failure where it cannot be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = choose(self._releases, scope)
        request = Request(scope)
        has_begun = False

        async def send_described(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                describe(request, message, self._host)
            await send(message)

        failure = None
        if scope["method"] != "OPTIONS":
            failure = chosen(request).failure or unknown_language(request)
        try:
            if failure is None:
                await self._app(scope, receive, send_described)
        except Exception:
            # Deleted while it was read: then what is missing is no error of this server.
            failure = None if has_begun else self._releases.vanished(request)
            if failure is None:
                raise
        if failure is not None:
            await self._failure_response(request, failure)(scope, receive, send_described)


def about_current(releases: Releases, scope: Scope) -> Scope:
    """The scope of a request that names no release."""
    return {**scope, _CHOSEN: Chosen(current(releases.data))}


def choose(releases: Releases, scope: Scope) -> Scope:
    """The scope with the choice, its path and query being those of the same resource without a release."""
    named = _NAMED.fullmatch(_raw_path(scope))
    wanted, query = _release_parameters(scope["query_string"])
    if named is None and not is_of_a_release(scope["path"]):
        # To answer from the current release would pass for what was asked.
        failure = Failure("not-of-a-release", detail={"id": max(wanted)[:64]}) if wanted else None
        found = _preferred(releases, scope) or current(releases.data)
        if isinstance(found, Failure):
            found, failure = None, failure or found
        return {**scope, _CHOSEN: Chosen(found, failure=failure)}
    inner = {**scope, "query_string": query}
    if named:
        path = _path_within(named[2] or b"/")
        inner |= {"raw_path": path, "path": unquote(path.decode("latin-1"))}
        wanted.add(unquote(named[1].decode("latin-1")))
    when = Headers(scope=scope).get("accept-datetime")
    if len(wanted) > 1:
        inner[_CHOSEN] = Chosen(None, failure=Failure("several-releases"))
    elif wanted:
        inner[_CHOSEN] = _choice(releases.named(wanted.pop()))
    elif when is not None:
        time = parsed_date(when)
        found = releases.at(time) if time else Failure("accept-datetime", detail={"given": when[:80]})
        inner[_CHOSEN] = _choice(found, is_negotiated=True)
    elif (preferred := _preferred(releases, scope)) and preferred != current(releases.data):
        inner[_CHOSEN] = _choice(preferred, is_negotiated=True)
    else:
        inner[_CHOSEN] = Chosen(current(releases.data))
    return inner


def _preferred(releases: Releases, scope: Scope) -> ServedRelease | Failure | None:
    wanted = Headers(scope=scope).get(PREFERRED)
    return releases.preferred(wanted.strip()) if wanted else None


def describe(request: Request, message: Message, host_of: Callable[[Request], str]) -> None:
    """Say in the headers of an answer which state of the resource it is, and where the others are."""
    if not is_of_a_release(request.scope["path"]):
        return
    headers, choice = MutableHeaders(scope=message), chosen(request)
    if not choice.prefix or choice.is_negotiated:
        headers.add_vary_header("Accept-Datetime, Clirld-Release")
    query = request.scope["query_string"].decode("latin-1")
    rest = raw_path(request) + (f"?{query}" if query else "")
    host = host_of(request)
    links = memento.links(host, rest)
    if choice.prefix and choice.release:
        state = within(choice.prefix, rest)
        headers.setdefault("content-location", state)
        if created := choice.release.created:
            headers["memento-datetime"] = format_datetime(created, usegmt=True)
            links += memento.link_to(host + state, created)
    if links and len(rest) <= memento.MAX_LINKED:
        headers["link"] = ", ".join([*headers.getlist("link"), *links])


def _withdrawn(kind: str, identifier: str, withdrawal: Withdrawal) -> Failure:
    day, because = withdrawal.day, withdrawal.because
    days = {"day_fr": number_formats.date(day, "fr"), "day_en": number_formats.date(day, "en")}
    return Failure(kind, detail={"id": identifier, "because": because, **days})


def _choice(found: ServedRelease | Failure, *, is_negotiated: bool = False) -> Chosen:
    if isinstance(found, Failure):
        return Chosen(None, is_negotiated=is_negotiated, failure=found)
    return Chosen(found, f"/release/{found.folder.name}", is_negotiated)


def _path_within(rest: bytes) -> bytes:
    """The path of a resource without its release: what is no route of a release is one of its files."""
    path = rest.decode("latin-1")
    is_route = not path.startswith("/release/") and is_of_a_release(path)
    return rest if is_route else b"/release" + rest


def _release_parameters(query: bytes) -> tuple[set[str], bytes]:
    """The releases that a query string names, and the query string without them."""
    if b"=" not in query:
        return set(), query
    named, others = set(), []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if unquote_plus(name.decode("latin-1")) == "release":
            named.add(unquote_plus(value.decode("latin-1")))
        else:
            others.append(part)
    return named, b"&".join(others)
