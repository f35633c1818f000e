"""The page of a search: things by what they are, how the question was understood, and what it can be narrowed to.

With a type it is a list of these in pages; without, the nearest of each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from clirld import yamlfile
from clirld.french import spaced_words
from clirld.query.failure import Language
from clirld.query.worker_pool import ServeSettings
from clirld.release.maps.write import FILE as MAP
from clirld.search.find import Hits, Narrowed, find, how_many, kinds
from clirld.search.index import FILE
from clirld.search.overview import count
from clirld.search.postcodes import communes_of
from clirld.settings import BASE
from clirld.web import pages
from clirld.web.documents.naming import Naming
from clirld.web.release import ServedRelease
from clirld.web.search.asked import TERRITORY, Asked
from clirld.web.search.rows import NO_SOURCES, Row, kind_in_words, row, rows
from clirld.web.search.sheet import MOST_ROWS
from clirld.web.search.understood import Understood, understand

_CONCEPTS = {"kind": "initiative-kind", "practice": "practice-field", "domain": "activity-domain", "need": "need"}
"""Parameter → the scheme whose concepts it names."""
_SHOWN = 8
"""Values that a search can be narrowed to, of each property."""
_FEW = 5
"""Things that are seen at a glance: nothing narrows a search that finds no more."""
_PLACES = ("region-", "departement-", "epci-")


@dataclass(frozen=True, slots=True)
class _Choice:
    """A value that the search can be narrowed to, or from which it can be freed."""

    name: str
    query: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class _Section:
    """Things of a kind on the page."""

    name: str
    count: int
    rows: list[Row]
    query: str


@cache
def wording(language: Language) -> dict[str, str]:
    """The words of one language, by name, French ones with the spaces that do not break."""
    said = {name: str(words[language]) for name, words in yamlfile.shipped(__package__, "wording.yaml").items()}
    return spaced_words(said, language)


def answer(
    request: Request, settings: ServeSettings, release: ServedRelease, asked: Asked, naming: Naming
) -> tuple[Response, Hits]:
    """The page, and what was found of what it lists."""
    index, said = release.folder / FILE, wording(asked.language)
    known = kinds(index)
    context: dict[str, Any] = {"asked": asked, "s": said, "known": known}
    if asked.is_empty:
        return pages.render(request, "search.html", settings, release=release, **context), Hits([], 0, is_cut=False)
    told = understand(index, naming.store, asked, partial(communes_of, release.folder))
    listed = _list(index, told)

    def shown(hits: Hits) -> list[Row]:
        return rows(hits.hits, told.words, naming, said, partial(count, index), index)

    sections = [
        _Section(group.name, group.count, shown(Hits(group.hits, 0, is_cut=False)), asked.query(type=group.name))
        for group in told.seen.groups
    ]
    context |= {
        "told": told,
        "count": _count(told, listed, known),
        "sheet_rows": how_many(index, told.words, _narrowed(asked), MOST_ROWS + 1),
        "most_rows": MOST_ROWS,
        "sections": sections,
        "listed": listed,
        "rows": shown(listed) if listed else [],
        "map_query": _map_query(told, release),
        "list_name": said.get(f"group-{asked.kind}") or kind_in_words(asked.kind, naming) if asked.kind else "",
        "chosen": list(_chosen(asked, naming)),
        "narrower": _narrower(told, naming),
        "places": [(naming.label(TERRITORY + key), rest, key, n) for rest, key, n in told.places],
        "postcode": [(naming.label(iri), iri.removeprefix(TERRITORY), n) for iri, n in told.postcode],
        "departement": naming.label(TERRITORY + told.departement) if told.departement else "",
        "kind_name": naming.label(_iri("kind", told.kind[0])) if told.kind[1] else "",
        "needs": [(naming.label(_iri("need", one)), one) for one in told.needs],
        "near": [row(hit, "", naming, said, lambda *_facets: 0) for hit in told.near],
    }
    found = listed or Hits([], told.seen.count, is_cut=False)
    return pages.render(request, "search.html", settings, release=release, **context), found


def _count(told: Understood, listed: Hits | None, known: Mapping[str, int]) -> int:
    """How many things are said to be found: of a kind that is asked for, those of it."""
    asked = told.asked
    if listed is None or not asked.kind:
        return told.seen.count
    is_whole = not asked.words.strip() and not asked.narrowed.facets
    if is_whole:
        return known.get(asked.kind, 0)
    return next((group.count for group in told.seen.groups if group.name == asked.kind), listed.found)


def _list(index: Path, told: Understood) -> Hits | None:
    """The list of the things of a kind, a page of it; None where the nearest of each kind are shown."""
    asked = told.asked
    if not asked.kind and asked.page == 1:
        return None
    start = (asked.page - 1) * asked.limit
    return find(
        index, told.words, _narrowed(asked), around=True, language=asked.language, start=start, limit=asked.limit
    )


def _narrowed(asked: Asked) -> Narrowed:
    return Narrowed(asked.kind or None, asked.narrowed.territory, asked.narrowed.others)


def _map_query(told: Understood, release: ServedRelease) -> str:
    """The query string of the map of what is found; empty where no initiative is, or the release has no map."""
    asked = told.asked
    is_drawn = asked.kind in ("", "initiative") and any(group.name == "initiative" for group in told.seen.groups)
    return asked.query(q=told.words, type="", limit="") if is_drawn and (release.folder / MAP).is_file() else ""


def _chosen(asked: Asked, naming: Naming) -> list[_Choice]:
    """What the search is narrowed to, each with the address without it."""
    found = []
    if asked.territory:
        found.append(_Choice(naming.label(TERRITORY + asked.territory), asked.query(territory="")))
    for name, value in asked.others.items():
        found.append(_Choice(naming.label(_iri(name, value)), asked.query(**{name: ""})))
    return found


def _narrower(told: Understood, naming: Naming) -> list[tuple[str, list[_Choice]]]:
    """What the search can be narrowed to: of each property the values that most things have."""
    asked = told.asked
    found: list[tuple[str, list[_Choice]]] = []
    if told.seen.count <= _FEW:
        return found
    for name in ("territory", "kind", "practice", "domain", "source"):
        values: Mapping[str, int] = told.seen.narrower.get(name, {})
        if name == "territory":
            values = {key: n for key, n in values.items() if key.startswith(_PLACES)}
        if name == "source":
            values = {key: n for key, n in values.items() if key not in NO_SOURCES}
        if name in asked.others or (name == "source" and len(values) < 2):
            continue
        most = list(values.items())[:_SHOWN]
        shown = [value for value, n in most if n < told.seen.count and value != asked.territory]
        names = naming.told_apart(_iri(name, value) for value in shown)
        choices = [
            _Choice(label, asked.query(q=told.words, **{name: value}), values[value])
            for label, value in zip(names, shown, strict=True)
        ]
        if choices:
            found.append((name, choices))
    return found


def _iri(name: str, value: str) -> str:
    """The IRI of what a parameter names."""
    if name == "territory":
        return TERRITORY + value
    return f"{BASE}graph/{value}" if name == "source" else f"{BASE}concept/{_CONCEPTS[name]}/{value}"
