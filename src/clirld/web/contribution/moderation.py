"""The pages of moderators: what was sent, what it would become, and the decision with its reason.

Behind a token (its hash stands in the settings), or behind the login of a reverse proxy, which tells of it in a header.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clirld.contributions import decide, tokens
from clirld.contributions.check import check
from clirld.contributions.inbox import Submission, Verdict, state_of
from clirld.web.contribution import words
from clirld.web.contribution.desk import Desk
from clirld.web.contribution.posted import Refusal, read
from clirld.web.contribution.shown import changes_of, name_of, preview, typed
from clirld.web.protocol import request_language

COOKIE = "clirld-moderation"
SESSION = 8 * 3600
"""Seconds that a login holds."""
_STATES = ("received", "asked", "accepted", "rejected")
_VERDICTS: Mapping[str, Verdict] = {"accepted": "accepted", "asked": "asked", "rejected": "rejected"}
_MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may come in: whoever has the token of this hash, or whom the proxy names in this header."""

    token_hash: str = ""
    header: str = ""

    @property
    def is_shut(self) -> bool:
        """Whether nobody can come in."""
        return not self.token_hash and not self.header


class ModerationPages:
    """The routes of the moderators' server."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self.desk, self.gate = desk, gate
        self._threads = CapacityLimiter(2)

    @property
    def routes(self) -> list[Route]:
        """What is served."""
        return [
            Route("/", self.to_list),
            Route("/moderation", self.listing, methods=["GET"]),
            Route("/moderation/login", self.login, methods=["GET", "POST"]),
            Route("/moderation/logout", self.logout, methods=["POST"]),
            Route("/moderation/{number}", self.one, methods=["GET", "POST"]),
        ]

    async def to_list(self, request: Request) -> Response:
        """This server has no other beginning."""
        return RedirectResponse("/moderation", 303)

    # Who it is ---------------------------------------------------------------------------------------

    def _session(self, request: Request) -> str:
        """What the login is known by; empty for nobody."""
        if self.gate.header and (name := request.headers.get(self.gate.header, "").strip()):
            return f"header {name[:200]}"
        text = request.cookies.get(COOKIE, "")
        body, _, signature = text.rpartition(".")
        until = body.partition(".")[0]
        is_signed = secrets.compare_digest(signature, tokens.sign(self.desk.key, f"session {body}"))
        is_open = is_signed and until.isascii() and until.isdigit() and int(until) > self.desk.now()
        return f"cookie {body}" if is_open and self.gate.token_hash else ""

    def _csrf(self, session: str) -> str:
        return tokens.sign(self.desk.key, f"csrf {session}")

    async def login(self, request: Request) -> Response:
        """The token is given once; a cookie that no script and no other site can use holds for some hours."""
        problem, status = "", 200
        if request.method == "POST":
            text, now, address = (
                words.labels(request_language(request, "fr")),
                self.desk.now(),
                self.desk.address(request),
            )
            try:
                secret = (await read(request)).get("secret", "")
            except Refusal as refusal:
                return self.desk.refusal(request, refusal)
            if self.desk.rates.is_full("login", address, now):
                problem, status = text["too_many_logins"], 429
            elif await to_thread.run_sync(tokens.is_secret, secret, self.gate.token_hash, limiter=self._threads):
                body = f"{int(now) + SESSION}.{secrets.token_hex(16)}"
                response = RedirectResponse(f"/moderation?lang={request_language(request, 'fr')}", 303)
                value = f"{body}.{tokens.sign(self.desk.key, f'session {body}')}"
                is_secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
                response.set_cookie(
                    COOKIE, value, SESSION, path="/moderation", secure=is_secure, httponly=True, samesite="strict"
                )
                return response
            else:
                self.desk.rates.count("login", address, now)
                problem, status = text["wrong_token"], 403
        return self.desk.page(request, "moderation_login.html", status, problem=problem)

    async def logout(self, request: Request) -> Response:
        """Forget the login."""
        try:
            fields = await read(request)
        except Refusal as refusal:
            return self.desk.refusal(request, refusal)
        session = self._session(request)
        if not session or not secrets.compare_digest(fields.get("csrf", ""), self._csrf(session)):
            return self.desk.refusal(request, Refusal(403, "stale"))
        response = RedirectResponse(f"/moderation/login?lang={request_language(request, 'fr')}", 303)
        response.delete_cookie(COOKIE, path="/moderation")
        return response

    def _away(self, request: Request) -> Response:
        if self.gate.token_hash:
            return RedirectResponse(f"/moderation/login?lang={request_language(request, 'fr')}", 303)
        return self.desk.refusal(request, Refusal(403, "login"))

    # What is there -----------------------------------------------------------------------------------

    async def listing(self, request: Request) -> Response:
        """All contributions by how they stand, the oldest first."""
        session = self._session(request)
        if not session:
            return self._away(request)
        by_state = await to_thread.run_sync(self._by_state, limiter=self._threads)
        csrf = self._csrf(session) if session.startswith("cookie ") else ""
        return self.desk.page(request, "moderation_list.html", by_state=by_state, csrf=csrf)

    def _by_state(self) -> list[tuple[str, list[tuple[Submission, str]]]]:
        decisions = self.desk.inbox.decisions()
        by_state: dict[str, list[tuple[Submission, str]]] = {state: [] for state in _STATES}
        naming = self.desk.naming("fr")
        for one in self.desk.inbox.submissions():
            by_state[state_of(decisions.get(one.number, []))].append((one, name_of(one, naming.label)))
        return [
            (state, ones if state in ("received", "asked") else ones[::-1][:_MOST_LISTED])
            for state, ones in by_state.items()
        ]

    async def one(self, request: Request) -> Response:
        """One contribution; with POST, the decision on it."""
        session = self._session(request)
        if not session:
            return self._away(request) if request.method == "GET" else self.desk.refusal(request, Refusal(403, "login"))
        number = str(request.path_params["number"])
        submission = await to_thread.run_sync(self.desk.inbox.submission, number)
        if submission is None:
            return self.desk.refusal(request, Refusal(404, "no-receipt"))
        given: Mapping[str, str] = {}
        refused: decide.RefusedDecisionError | None = None
        if request.method == "POST":
            try:
                given = await read(request)
            except Refusal as refusal:
                return self.desk.refusal(request, refusal)
            if not secrets.compare_digest(given.get("csrf", ""), self._csrf(session)):
                return self.desk.refusal(request, Refusal(403, "stale"))
            language = request_language(request, "fr")
            try:
                await to_thread.run_sync(self._decide, submission, given, language, limiter=self._threads)
                return RedirectResponse(f"/moderation?lang={language}", 303)
            except decide.RefusedDecisionError as error:
                refused = error
        return await to_thread.run_sync(self._page, request, submission, session, given, refused, limiter=self._threads)

    def _decide(self, one: Submission, given: Mapping[str, str], language: str) -> None:
        desk = self.desk
        verdict = _VERDICTS.get(given.get("verdict", ""), "asked")
        role = given.get("role", "") if given.get("role") in decide.ROLES else decide.ROLES[0]
        seen = given.get("seen", "")
        common: dict[str, Any] = {
            "reason": given.get("reason", ""),
            "role": role,
            "at": datetime.fromtimestamp(desk.now(), UTC).replace(microsecond=0),
            "seen": int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 6 else -1,
            "onto": given.get("onto", ""),
        }
        if verdict == "accepted":
            labels = words.field_labels(desk.project, "fr")
            decide.accept(desk.project, desk.inbox, one.number, find=desk.find, labels=labels, **common)
        else:
            decide.decide(desk.inbox, one.number, verdict, **common)

    def _page(
        self, request: Request, one: Submission, session: str, given: Mapping[str, str],
        refused: decide.RefusedDecisionError | None,
    ) -> Response:  # fmt: skip
        desk, language = self.desk, request_language(request, "fr")
        naming, choices = desk.naming(language), words.Choices(desk.project, language)
        labels = words.field_labels(desk.project, language)
        decisions = desk.inbox.decisions().get(one.number, [])
        problems, told, successor = list(refused.problems if refused else ()), [], refused.successor if refused else ""
        try:
            aimed, statements = decide.aim(one, desk.find)
            checked = check(desk.project, aimed, labels, statements)
            told = [] if checked.problems else preview(checked.quads, naming)
            problems += [problem for problem in checked.problems if problem not in problems]
        except decide.RefusedDecisionError as error:
            successor = error.successor
            problems += [problem for problem in error.problems if problem not in problems]
        return desk.page(
            request,
            "moderation_one.html",
            409 if refused else 200,
            one=one,
            name=name_of(one, naming.label),
            state=state_of(decisions),
            decisions=decisions,
            problems=[problem.message(language) for problem in problems],
            successor=successor,
            told=told,
            changes=changes_of(one, labels),
            typed=typed(one, labels),
            email=desk.inbox.contact(one.number),
            role=choices.label("contributor-role", one.contributor_role),
            reviewer_roles=[(slug, choices.label("reviewer-role", slug)) for slug in decide.ROLES],
            csrf=self._csrf(session),
            given=given,
        )
