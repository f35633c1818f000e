"""`/compare?a=IRI&b=IRI[&c=&d=]`: side by side, as a page, JSON or CSV; with fewer than two, the page to choose."""

from __future__ import annotations

import sqlite3
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from clirld.query.failure import Language
from clirld.query.formats import HTML
from clirld.reuse.communes import communes_alike
from clirld.reuse.comparison.model import Comparison, Kind, Row, Thing
from clirld.reuse.comparison.side_by_side import compare
from clirld.reuse.comparison.things import LEAST, MOST, one_thing
from clirld.reuse.facts import TERRITORY, Facts, Named, Source
from clirld.reuse.likeness import load
from clirld.reuse.names import names_of
from clirld.reuse.places import Refused
from clirld.reuse.told import Told, all_cases
from clirld.search.find import Narrowed, SearchTimeout, find
from clirld.search.index import FILE
from clirld.settings import BASE
from clirld.web import pages, protocol
from clirld.web.compare.strips import strips
from clirld.web.compare.table import as_csv, as_json
from clirld.web.conditional import read_route
from clirld.web.documents import lookup
from clirld.web.documents.sources import source_of_graph
from clirld.web.made_pages import MadePages, offered_media_type
from clirld.web.practice.citations import Citations
from clirld.web.practice.fields import as_source
from clirld.web.practice.story import read_case, said_in
from clirld.web.practice.wording import wording
from clirld.web.release import ServedRelease

OFFERED = {"json": "application/json", "csv": "text/csv", "html": HTML}
LETTERS = "abcd"
_MORE = "efgh"
"""Parameters that are looked at only to say that there are too many."""
_HITS = 12
_SUGGESTED = 10
_LONGEST = 200
"""Characters of words that are looked for."""
_PLAIN = (
    "density-level", "typology", "territory-kind", "period", "status", "kind", "domain", "phase",
    "role", "instrument", "resource", "funding", "obstacle", "outcome", "scaling", "lesson",
)  # fmt: skip
"""Rows whose values are not linked: there are many, and they lead to what says nothing of the things compared."""
_COUNTED = ("density-level", "typology", "zoning", "initiative-kind", "inhabitants", "recognition")
"""Rows whose notes are counts or years."""
_GRAPH = f"{BASE}graph/"


class ComparisonPages(MadePages):
    """Things of a release side by side."""

    @property
    def routes(self) -> list[Route]:
        """What the application serves of it."""
        return [read_route("/compare", partial(self.made, self._compare))]

    def _compare(self, request: Request, release: ServedRelease) -> Response:
        """The comparison; on a page with fewer than two things, or with words to look for, what could be added."""
        response = self._answer(request, release, offered_media_type(request, OFFERED))
        response.headers["vary"] = "Accept, Accept-Language"
        return response

    def _answer(self, request: Request, release: ServedRelease, media: str) -> Response:
        language = protocol.request_language(request, "fr")
        given = tuple(text for name in LETTERS + _MORE if (text := request.query_params.get(name, "").strip()))
        words = request.query_params.get("add", "").strip()
        if media == HTML and len(given) <= MOST:
            known, unclear = _known(Facts(lookup.open_store(release.store), language), release.folder, given)
            if unclear or len(given) < LEAST or (words and len(given) < MOST):
                return self._choice(request, release, known, words or unclear, language, is_known=not unclear)
        found, languages = _compared(release.folder, release.store, given, language)
        if media == OFFERED["json"]:
            return JSONResponse(
                as_json(found, partial(_with_name, release, language)), headers={"content-language": language}
            )
        if media == OFFERED["csv"]:
            return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers={"content-language": language})
        citations = Citations()
        return pages.render(
            request,
            "compare.html",
            self.settings,
            release=release,
            w=wording(language),
            found=found,
            strips=strips,
            sources_of_row=_sources_of_row,
            plain=_PLAIN,
            counted=_COUNTED,
            asked=urlencode([(letter, thing.iri) for letter, thing in zip(LETTERS, found.things, strict=False)]),
            without=[_address(found.things, left_out=n) for n in range(len(found.things))],
            cite=lambda source: citations.number(_cited(release, language, source)),
            citations=citations.sources,
            said=lambda text: said_in(text, languages, language),
        )

    def _choice(
        self, request: Request, release: ServedRelease, given: tuple[str, ...], words: str, language: Language, *,
        is_known: bool,
    ) -> Response:  # fmt: skip
        """The page to choose one more thing: what was found by words, else what may be worth it.

        It says 404 where one of the things that were asked for is not known, and its words find nothing.
        """
        facts = Facts(lookup.open_store(release.store), language)
        names = names_of(release.folder)
        chosen = [one_thing(facts, one, names) for one in given]
        things = [thing for _kind, thing in chosen]
        kind = chosen[0][0] if chosen else None
        known = {thing.iri for thing in things}
        hits = [one for one in _hits(release, facts, words, kind, language) if one.iri not in known]
        suggested = [one for one in _suggested(facts, release.folder, kind, things) if one.iri not in known]
        response = pages.render(
            request,
            "compare_choice.html",
            self.settings,
            release=release,
            w=wording(language),
            things=things,
            kind=kind,
            words=words,
            hits=hits,
            suggested=suggested,
            letters=LETTERS,
            with_one=partial(_address, things),
        )
        response.status_code = 200 if is_known or hits else 404
        return response


def _known(facts: Facts, release: Path, given: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Those that are one thing each; and the first that is none, or may be several: words to look for."""
    names, known, unclear = names_of(release), [], []
    for one in given:
        try:
            one_thing(facts, one, names)
            known.append(one)
        except Refused as refused:
            if refused.failure.kind not in ("compare-unknown", "compare-several"):
                raise
            unclear.append(one)
    return tuple(known), unclear[0][:_LONGEST] if unclear else ""


def _address(things: list[Thing], left_out: int = -1, more: str = "") -> str:
    """The query string of a comparison of some things, without one of them, or with one more."""
    iris = [thing.iri for n, thing in enumerate(things) if n != left_out] + ([more] if more else [])
    return urlencode(list(zip(LETTERS, iris, strict=False)))


def _sources_of_row(row: Row) -> tuple[Source, ...]:
    """The sources that are told once for a row: where all of its values have the same, and where they are counts."""
    found = list(dict.fromkeys(item.sources for cell in row.cells for item in cell.items))
    if row.name in _COUNTED:
        return tuple(dict.fromkeys(source for sources in found for source in sources))
    return found[0] if len(found) == 1 else ()


def _with_name(release: ServedRelease, language: Language, source: Source) -> Source:
    return Source(source.iri, _cited(release, language, source).citation)


def _cited(release: ServedRelease, language: Language, source: Source) -> Source:
    if not source.iri.startswith(_GRAPH):
        return source
    return as_source(source_of_graph(release, source.iri), language)


@lru_cache(maxsize=64)  # a release does not change, and an address is sent to several
def _compared(
    folder: Path, store: Path, given: tuple[str, ...], language: Language
) -> tuple[Comparison, dict[str, str]]:
    """A comparison, and the texts in it that are in another language."""
    facts = Facts(lookup.open_store(store), language)
    languages = facts.languages

    def told_of(_facts: Facts, iri: str) -> Told:
        read = read_case(folder, store, iri, language)
        languages.update(read.languages)
        return read.told

    return compare(facts, folder, given, told_of), languages


def _hits(release: ServedRelease, facts: Facts, words: str, kind: Kind | None, language: Language) -> list[Named]:
    """What is found by words and can be compared; nothing where the index is not there or takes too long."""
    index = release.folder / FILE
    if not words or not index.is_file():
        return []
    keys = names_of(release.folder)(words) if kind in (None, "territory") else []
    named = [facts.named(TERRITORY + key) for key in keys]
    types = ("epci", "commune", "departement", "region") if kind == "territory" else ("initiative",)
    asked = types if kind else ("epci", "commune", "initiative")
    try:
        found = [
            hit
            for one in asked
            for hit in find(index, words, Narrowed(one), language=language, limit=_HITS).hits
            if not hit.is_gone
        ]
    except (sqlite3.DatabaseError, SearchTimeout):
        return []
    return list(dict.fromkeys([*named, *(facts.named(hit.iri) for hit in found)]))[: 2 * _HITS]


def _suggested(facts: Facts, folder: Path, kind: Kind | None, things: list[Thing]) -> list[Named]:
    """Of a territory those most like it, else the cases that are told."""
    if kind == "territory":
        key = things[0].iri.removeprefix(TERRITORY)
        if of_commune := communes_alike(folder, key, facts.language):
            return [facts.named(TERRITORY + one.key) for one in of_commune.neighbours]
        likeness = load(folder)
        return [facts.named(TERRITORY + other) for other in list(likeness.of(key))[:_SUGGESTED]] if likeness else []
    return sorted((facts.named(one) for one in all_cases(facts)), key=lambda one: one.label.casefold())[:30]
