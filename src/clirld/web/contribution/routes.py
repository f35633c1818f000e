"""The public server of contributions: `/contribute`, its three forms, and the page of a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clirld.contributions import case_file, decide, tokens
from clirld.contributions.case_form import own_fields, sections
from clirld.contributions.check import Checked, check
from clirld.contributions.fields import ADDRESS_TYPES, Addition, correctables
from clirld.contributions.inbox import KEEP_CONTACT, LICENCE, LICENCE_VERSION, Kind, Submission, number_of, state_of
from clirld.contributions.problems import AnyProblem, Problem
from clirld.contributions.rows import is_field
from clirld.contributions.statements import kind_of
from clirld.query.failure import Language
from clirld.values import mail_addresses
from clirld.web.contribution import words
from clirld.web.contribution.address import thing_of
from clirld.web.contribution.desk import Desk
from clirld.web.contribution.posted import Refusal, read, read_file
from clirld.web.contribution.shown import Shown, as_sent, besides, preview, shown
from clirld.web.protocol import request_language

_TEMPLATES: Mapping[str, str] = {
    "addition": "contribution_addition.html",
    "correction": "contribution_correction.html",
    "case": "contribution_case.html",
}
_AT_ONCE = 2
"""Forms that are checked at the same time; others wait, half a second each."""
_MAX_EMAIL = 254


@dataclass(frozen=True)
class _Form:
    """A form as it was sent, or an empty one."""

    kind: Kind
    language: Language
    about: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    shown: Shown | None = None
    chosen: str = ""
    """The statement that is said to be wrong, where the form was opened for it."""


class ContributionPages:
    """The routes of the public server."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._threads = CapacityLimiter(_AT_ONCE)

    @property
    def routes(self) -> list[Route]:
        """What is served."""
        return [
            Route("/", self.to_start),
            Route("/contribute", self.start, methods=["GET"]),
            Route("/contribute/{kind}", self.form, methods=["GET", "POST"]),
            Route("/contribute/case/file", self.case_file, methods=["POST"]),
            Route("/contribution/{receipt}", self.receipt, methods=["GET", "POST"]),
        ]

    async def to_start(self, request: Request) -> Response:
        """This server has no other beginning."""
        return RedirectResponse("/contribute", 303)

    async def start(self, request: Request) -> Response:
        """The three ways; with `?about=`, the form of a correction at once."""
        if about := request.query_params.get("about"):
            return await self._shown(request, "correction", thing_of(about[:2000]))
        return self.desk.page(request, "contribution_start.html")

    async def form(self, request: Request) -> Response:
        """An empty form, or what was sent: checked, kept, or given back with what is wrong in it."""
        kind = request.path_params["kind"]
        if kind not in _TEMPLATES:
            return self.desk.refusal(request, Refusal(404, "no-page"))
        if request.method == "GET" and kind == "correction" and not request.query_params.get("about"):
            return RedirectResponse(f"/contribute?lang={request_language(request, 'fr')}", 303)
        if request.method == "GET":
            return await self._shown(request, kind, thing_of(request.query_params.get("about", "")[:2000]))
        try:
            sent = await read(request)
            return await to_thread.run_sync(self._answer, request, kind, sent, limiter=self._threads)
        except Refusal as refusal:
            return self.desk.refusal(request, refusal)

    async def case_file(self, request: Request) -> Response:
        """The form of a case filled in from a file that was written offline; nothing is kept of it."""
        try:
            content = await read_file(request)
            return await to_thread.run_sync(self._filled, request, content, limiter=self._threads)
        except Refusal as refusal:
            return self.desk.refusal(request, refusal)

    def _filled(self, request: Request, content: bytes) -> Response:
        desk, now, address = self.desk, self.desk.now(), self.desk.address(request)
        language = request_language(request, "fr")
        if desk.rates.is_full("check", address, now):
            return self._page(request, _Form("case", language), self._new_token(), status=429, notice="too_often")
        desk.rates.count("check", address, now)
        fields, problems = case_file.read(content)
        unread = tuple(
            f"{one.location.text(language)}{words.labels(language)['colon']}{one.message(language)}" for one in problems
        )
        status, notice = (200, "file_read") if fields else (422, "file_unread")
        form = _Form("case", language, fields=fields, sent=fields)
        return self._page(request, form, self._new_token(), status=status, notice=notice, unread=unread)

    async def _shown(self, request: Request, kind: Kind, about: str) -> Response:
        try:
            form = await to_thread.run_sync(self._open, request, kind, about, {}, limiter=self._threads)
        except Refusal as refusal:
            return self.desk.refusal(request, refusal)
        return self._page(request, form, self._new_token())

    def _new_token(self) -> tokens.Token:
        return tokens.new_token(self.desk.key, self.desk.now())

    def _open(self, request: Request, kind: Kind, about: str, sent: Mapping[str, str]) -> _Form:
        """A form with what the release says of the thing. Raises Refusal where it says nothing."""
        language = request_language(request, "fr")
        fields = {name: text for name, text in sent.items() if is_field(kind, name)}
        if kind != "correction":
            return _Form(kind, language, fields=fields, sent=sent)
        if not kind_of(about):
            raise Refusal(400, "no-thing", {"iri": about[:200]})
        found = self.desk.find(about)
        if found is None:
            raise Refusal(404, "unknown-thing", {"iri": about[:200]})
        if found.is_gone:
            raise Refusal(410, "gone-thing", {"iri": about[:200], "successor": found.successor or "–"})
        choices = words.Choices(self.desk.project, language)
        according_to = words.labels(language)["according_to"]
        chosen = sent.get("statement") or request.query_params.get("statement", "")
        told = shown(found, self.desk.naming(language), choices, according_to).led_by(chosen)
        if not sent and any(chosen == statement for statement, _text in told.others):
            fields = {"wrong": chosen}
        return _Form(kind, language, about, fields, sent, told, chosen)

    # What was sent -----------------------------------------------------------------------------------

    def _answer(self, request: Request, kind: Kind, sent: dict[str, str]) -> Response:
        desk, now, address = self.desk, self.desk.now(), self.desk.address(request)
        verdict, token = tokens.judge(desk.key, sent.get("token", ""), sent.get("altcha", ""), now)
        if token and (number := desk.inbox.form_became(token.nonce)):
            return self._sent_before(request, token, number)
        form = self._open(request, kind, sent.get("about", "")[:2000], sent)
        if verdict in ("wrong", "expired") or token is None:
            return self._page(request, form, self._new_token(), status=409, notice="expired")
        if sent.get("add") or sent.get("remove") or sent.get("do") == "language":
            return self._page(request, form, token)
        if desk.rates.is_full("check", address, now):
            return self._page(request, form, token, status=429, notice="too_often")
        desk.rates.count("check", address, now)
        submission = self._submission(form, token, verdict == "proved")
        checked = check(desk.project, submission, self._labels(form), {})
        problems = (*checked.problems, *self._own_problems(form))
        if problems:
            return self._page(request, form, token, checked, problems, status=422)
        if sent.get("do") != "send":
            return self._page(request, form, token, checked)
        if verdict == "too-soon":
            return self._page(request, form, token, checked, status=429, notice="too_soon")
        if desk.rates.is_full(verdict, address, now):
            return self._page(request, form, token, checked, status=429, notice=f"too_often_{verdict}")
        desk.rates.count(verdict, address, now)
        try:
            desk.inbox.add(token.nonce, submission, sent.get("email", "").strip())
        except OSError:
            return self._page(request, form, token, checked, status=507, notice="not_kept")
        receipt = tokens.receipt(desk.key, token.nonce)
        return RedirectResponse(f"/contribution/{receipt}?lang={form.language}", 303)

    def _sent_before(self, request: Request, token: tokens.Token, number: str) -> Response:
        """The same form once more: the same receipt, and nothing is kept twice."""
        receipt = tokens.receipt(self.desk.key, token.nonce)
        return RedirectResponse(f"/contribution/{receipt}?lang={request_language(request, 'fr')}&again=1", 303)

    def _submission(self, form: _Form, token: tokens.Token, proved: bool) -> Submission:
        release = self.desk.release()
        moment = datetime.fromtimestamp(self.desk.now(), UTC).replace(microsecond=0)
        contradicts = form.shown.contradicts if form.shown else {}
        return Submission(
            number=number_of(tokens.receipt(self.desk.key, token.nonce)),
            kind=form.kind,
            about=form.about,
            fields={name: text for name, text in form.fields.items() if text.strip()},
            contradicts=_named(contradicts, form.fields),
            contributor_role=self._role(form),
            language=form.language,
            submitted=moment.isoformat(),
            release=release.id if release else "",
            with_proof=proved,
        )

    def _role(self, form: _Form) -> str:
        role = form.sent.get("contributor_role", "")
        return role if role in self.desk.project.vocabulary.concepts["contributor-role"] else "unstated"

    def _own_problems(self, form: _Form) -> list[AnyProblem]:
        """What is wrong with what every form asks: the standing, the licence, the e-mail address."""
        problems: list[AnyProblem] = []
        if form.sent.get("contributor_role", "") not in self.desk.project.vocabulary.concepts["contributor-role"]:
            problems.append(Problem("contributor_role", "no-role"))
        if form.sent.get("consent") != LICENCE_VERSION:
            problems.append(Problem("consent", "no-consent"))
        email = form.sent.get("email", "").strip()
        is_address = len(email) <= _MAX_EMAIL and list(mail_addresses.find(email)) == [(0, len(email))]
        if email and not is_address:
            problems.append(Problem("email", "bad-email"))
        return problems

    def _labels(self, form: _Form) -> dict[str, str]:
        return words.field_labels(self.desk.project, form.language)

    # Pages -------------------------------------------------------------------------------------------

    def _page(
        self, request: Request, form: _Form, token: tokens.Token, checked: Checked | None = None,
        problems: tuple[AnyProblem, ...] = (), status: int = 200, notice: str = "", unread: tuple[str, ...] = (),
    ) -> Response:  # fmt: skip
        desk, language = self.desk, form.language
        choices = words.Choices(desk.project, language)
        by_field: dict[str, list[str]] = {}
        for problem in problems:
            texts = by_field.setdefault(problem.field, [])
            if (text := problem.message(language)) not in texts:
                texts.append(text)
        told = preview(checked.quads, desk.naming(language)) if checked and not problems else []
        roles = desk.project.vocabulary.concepts["contributor-role"]
        context: dict[str, Any] = {
            "form": form,
            "given": form.fields,
            "sent": form.sent,
            "labels": self._labels(form),
            "token": token,
            "challenge": tokens.challenge(desk.key, token),
            "problems": by_field,
            "notice": notice,
            "unread": unread,
            "told": told,
            "changes": _changes(checked, form, self._labels(form)) if told else [],
            "besides": besides(form.fields, self._labels(form)),
            "roles": [(slug, choices.label("contributor-role", slug)) for slug in roles],
            "licence": LICENCE,
            "licence_version": LICENCE_VERSION,
            "wait": tokens.WAIT,
            **self._fields(form, choices),
        }  # fmt: skip
        return desk.page(request, _TEMPLATES[form.kind], status, **context)

    def _fields(self, form: _Form, choices: words.Choices) -> dict[str, Any]:
        """The fields of each kind of form."""
        project, language = self.desk.project, form.language
        if form.kind == "addition":
            fields = [(column, info, kind, Addition.is_list(column)) for column, _n, info, kind in Addition.fields()]
            return {"fields": fields, "choices": choices.of(kind for _c, _i, kind, _l in fields)}
        if form.kind == "correction" and form.shown:
            types = [one.type for one in correctables(form.shown.kind)]
            return {"shown": form.shown, "choices": choices.of(types), "address_parts": list(ADDRESS_TYPES)}
        given = _without(form.fields, form.sent.get("remove", ""))
        lists = sections(given, form.sent.get("add", ""))
        kinds = [one.type for one in own_fields()]
        kinds += [one.type for section in lists for _number, fields in section.items for one in fields]
        return {
            "given": given,
            "own_fields": own_fields(),
            "sections": lists,
            "choices": choices.of(kinds),
            "label_of": lambda one, column="": words.case_label(project, one, words.table_of(column), language),
            "help_of": lambda one: words.case_help(one, language),
            "section_label": lambda section: words.section_label(section.column, section.name, language),
            "added": form.sent.get("add", ""),
        }

    # The receipt -------------------------------------------------------------------------------------

    async def receipt(self, request: Request) -> Response:
        """How a contribution stands; where something was asked, the answer is given here."""
        number = number_of(str(request.path_params["receipt"])[:100])
        submission = await to_thread.run_sync(self.desk.inbox.submission, number)
        if submission is None:
            return self.desk.refusal(request, Refusal(404, "no-receipt"))
        problem, text, status = "", "", 200
        if request.method == "POST":
            try:
                text = (await read(request)).get("answer", "")
                moment = datetime.fromtimestamp(self.desk.now(), UTC).replace(microsecond=0)
                await to_thread.run_sync(decide.answer, self.desk.inbox, number, text, moment)
                return RedirectResponse(f"{request.url.path}?lang={request_language(request, 'fr')}", 303)
            except Refusal as refusal:
                return self.desk.refusal(request, refusal)
            except decide.RefusedDecisionError as refused:
                problem, status = refused.problems[0].message(request_language(request, "fr")), 422
        decisions = (await to_thread.run_sync(self.desk.inbox.decisions)).get(number, [])
        language = request_language(request, "fr")
        return self.desk.page(
            request,
            "contribution_receipt.html",
            status,
            submission=submission,
            **as_sent(submission, self.desk.project, self.desk.naming(language)),
            decisions=decisions,
            state=state_of(decisions),
            keep_contact=KEEP_CONTACT.days if self.desk.inbox.contact(number) else 0,
            again=request.query_params.get("again") == "1",
            problem=problem,
            text=text,
            address=str(request.url.replace(query="")),
        )


def _named(contradicts: Mapping[str, Mapping[str, Any]], fields: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """The statements that the fields of a form are about: those of others need not be kept."""
    ids = {name.partition(".")[2] for name in fields} | {fields.get("wrong", "")}
    return {one: contradicts.get(one, {}) for one in ids if one in contradicts}


def _changes(checked: Checked | None, form: _Form, labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What a correction changes: the property, what is said today, what would be said beside it."""
    if checked is None or form.shown is None:
        return []
    changes = []
    for target in checked.made.fields.values():
        column, _, statement = target.partition(".")
        before = form.shown.contradicts.get(statement or form.fields.get("wrong", ""), {}).get("shown", ())
        parts = list(ADDRESS_TYPES) if column == "address" else [column]
        after = [form.fields.get(f"{part}.{statement}" if statement else part, "") for part in parts if part]
        label = labels.get(column) or next(
            (text for one, text in form.shown.others if one == form.fields.get("wrong")), ""
        )
        changes.append((label, " ".join(filter(None, before)), " ".join(filter(None, after))))
    return changes


def _without(given: Mapping[str, str], removed: str) -> dict[str, str]:
    """The fields of a case without those of a fact that was taken out."""
    return {name: text for name, text in given.items() if not removed or not name.startswith(f"{removed}.")}
