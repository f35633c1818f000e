"""`/reuse?territory=…&need=…&practice=…`: what was tried in territories like mine, as a page or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clirld.query.failure import Failure, Language
from clirld.query.formats import HTML
from clirld.reuse.answer import (
    DEFAULT_SHOWN,
    MOST_SHOWN,
    Answer,
    Question,
    answer,
    concepts,
    other_names,
    ranks_in_words,
)
from clirld.reuse.candidates import Known, candidates
from clirld.reuse.facts import TERRITORY, Facts
from clirld.reuse.likeness import load
from clirld.reuse.missing import Missing, missing
from clirld.reuse.names import names_of
from clirld.reuse.places import Refused, check_digits
from clirld.reuse.sections import named_groups, named_place, sections
from clirld.reuse.wording import close_cases, wording
from clirld.web import pages, protocol
from clirld.web.conditional import read_route
from clirld.web.documents import lookup
from clirld.web.made_pages import MadePages, offered_media_type
from clirld.web.release import ServedRelease
from clirld.web.reuse.brief import brief, in_one_line, page_of
from clirld.web.reuse.foreign import marked

_MOST_NAMED = 8
"""Initiatives of a kind that the page lists of those that are only named; JSON has them all."""
_DETAILED = 2
"""Cases that the page tells in several lines; of the others it has one, and a page of each."""
_MOST_LISTED = 20
"""Cases that the page lists, of those asked for and of those of the territory itself; JSON has up to `MOST_SHOWN`."""
_MOST_CASES = 3
"""Cases of a commune that are named."""
OFFERED = {"json": "application/json", "html": HTML}


class ReusePages(MadePages):
    """The question of reuse, answered from a release."""

    @property
    def routes(self) -> list[Route]:
        """What the application serves of it."""
        answers = {"/reuse": self._answer, "/reuse/missing": self._missing}
        return [read_route(path, partial(self.made, partial(self._either, answer))) for path, answer in answers.items()]

    def _either(
        self, answer_with: Callable[[Request, ServedRelease, str], Response], request: Request, release: ServedRelease
    ) -> Response:
        """A page or JSON."""
        response = answer_with(request, release, offered_media_type(request, OFFERED))
        response.headers["vary"] = "Accept, Accept-Language"
        return response

    def _answer(self, request: Request, release: ServedRelease, media: str) -> Response:
        """The answer; on a page, the form to ask too, also where the question cannot be answered."""
        facts = known_facts(release.store, protocol.request_language(request, "fr")).for_another_answer()
        question = _question(request)
        if media != HTML and not question.territory:
            raise Refused(_parameter("territory", "", "39300, 200071116, …"))
        found, refused = None, None
        try:
            if question.territory:
                names = names_of(release.folder)
                if media == HTML:
                    check_digits(facts, question.territory, names)
                found = answer(facts, load(release.folder), question, names, known_cases(release.store))
        except Refused as problem:
            if media != HTML:
                raise
            refused = problem
        if media != HTML:
            return JSONResponse(asdict(found) if found else None, headers={"content-language": facts.language})
        return self._page(request, release, facts, question, found, refused)

    def _missing(self, request: Request, release: ServedRelease, media: str) -> Response:
        """For how many territories a case is near enough, and where one would serve most: asks for it."""
        language = protocol.request_language(request, "fr")
        found = reach_of_cases(release.folder, release.store, language)
        if media != HTML:
            return JSONResponse(asdict(found) if found else None, headers={"content-language": language})
        context = {"release": release, "w": wording(language), "found": found}
        return pages.render(request, "reuse_missing.html", self.settings, **context)

    def _page(
        self,
        request: Request,
        release: ServedRelease,
        facts: Facts,
        question: Question,
        found: Answer | None,
        refused: Refused | None,
    ) -> Response:
        language = facts.language
        failure = refused.failure if refused else None
        choices = refused.choices if refused else ()
        others = [(name, value) for name, value in _others(request) if name != "limit"]
        cases = [one for one in found.cases if not one.match.is_own] if found else []
        needs, practices = concepts(facts, "need"), concepts(facts, "practice-field")
        every = (*found.cases, *found.own, *found.others) if found else ()
        rest = found.close - len(found.named) - sum(one.match.is_close for one in every) if found else 0
        response = pages.render(
            request,
            "reuse.html",
            self.settings,
            release=release,
            w=wording(language),
            question=question,
            asked_query=urlencode([*_others(request), ("format", "json")]),
            asked_needs={one.iri for one in found.needs} if found else set(question.needs),
            asked_practices={one.iri for one in found.practices} if found else set(question.practices),
            needs=needs,
            practices=practices,
            other_names=other_names(facts, [*needs, *practices]),
            found=found,
            marked=partial(marked, languages=facts.languages, language=language),
            count_close=close_cases(found.close, len(found.named), found.known, language) if found else "",
            told=[(one, brief(sections(one, language))) for one in cases[:_DETAILED]],
            further=cases[_DETAILED:_MOST_LISTED],
            others=[one for one in found.others if not one.match.is_own] if found else [],
            own=[case for case in every if case.match.is_own],
            rest=rest,
            rest_query=urlencode([*others, ("limit", min(_MOST_LISTED, found.close - len(found.named)))])
            if found and question.limit < _MOST_LISTED
            else "",
            unlisted=max(len(cases) - _MOST_LISTED, 0),
            most_listed=_MOST_LISTED,
            ranks=ranks_in_words(found, language) if found else "",
            most_cases=_MOST_CASES,
            page_of=page_of,
            in_one_line=partial(in_one_line, language=language),
            named=named_groups(found.named, language) if found else [],
            place_of=partial(named_place, language=language),
            most_named=_MOST_NAMED,
            what=failure.text("what", language) if failure else "",
            do=failure.text("do", language) if failure else "",
            choices=[(one, where, _instead(request, one.iri, language)) for one, where in choices],
            is_wide=bool(failure and failure.kind == "reuse-wide-territory"),
            is_told=bool(failure and failure.kind != "reuse-several-territories"),
        )
        if failure and not choices:
            response.status_code = protocol.STATUS[failure.kind]
            response.headers["cache-control"] = "no-store"
        return response


def _others(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query_params.multi_items() if name != "format" and value]


def _instead(request: Request, territory: str, language: Language) -> str:
    """The query string of the same question for another territory."""
    others = [(name, value) for name, value in _others(request) if name not in ("territory", "lang")]
    return urlencode([("territory", territory.removeprefix(TERRITORY)), *others, ("lang", language)])


@lru_cache(maxsize=2)  # seconds of reading, the same for every question
def known_cases(store: Path) -> Known:
    """The cases of a release."""
    return Known(candidates(Facts(lookup.open_store(store), "fr")))


@lru_cache(maxsize=4)  # two releases in two languages
def known_facts(store: Path, language: Language) -> Facts:
    """What was read of a release before: names, of which there are as many as things that answers name."""
    return Facts(lookup.open_store(store), language)


def read_cases(store: Path, language: Language) -> None:
    """Read what an answer may say of the cases of a release, so that nobody waits for it."""
    facts, known = known_facts(store, language), known_cases(store)
    for case in known.candidates:
        for iri in (case.initiative, *case.kinds, *case.practices):
            facts.label(iri)
        if case.is_told:
            known.experience(facts, case.initiative)


@lru_cache(maxsize=4)  # seconds of counting, and a release does not change: two releases in two languages
def reach_of_cases(folder: Path, store: Path, language: Language) -> Missing | None:
    """How far the cases of a release reach; None where it has no figures of territories."""
    likeness = load(folder)
    return missing(Facts(lookup.open_store(store), language), likeness) if likeness else None


def _question(request: Request) -> Question:
    """What a request asks. Raises Refused for a number of cases that is none."""
    given = request.query_params
    limit = given.get("limit") or str(DEFAULT_SHOWN)
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 4 and 1 <= int(limit) <= MOST_SHOWN):
        raise Refused(_parameter("limit", limit, f"1–{MOST_SHOWN}"))
    needs, practices = ([one for one in given.getlist(name) if one.strip()] for name in ("need", "practice"))
    return Question(given.get("territory", "").strip(), needs, practices, int(limit))


def _parameter(name: str, given: str, allowed: str) -> Failure:
    return Failure("parameter", detail={"name": name, "given": given[:80], "allowed": allowed})
