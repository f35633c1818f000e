"""Hits as a page shows them: with what tells one from another that is called the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from clirld.search.around import GROUPINGS, level_of
from clirld.search.excerpt import Piece, excerpt, marked
from clirld.search.find import Hit, departements_of
from clirld.search.things import ABOUT, COLUMNS, CONCEPT, TERRITORY, filters_of, kinds_of
from clirld.settings import BASE
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.number_formats import number

_CLIR = f"{BASE}ontology#"
_INITIATIVE_KIND = ABOUT[0]
_REPLACED = "http://purl.org/dc/terms/isReplacedBy"
_OF_A_CASE = (f"{BASE}id/process/", f"{BASE}id/initiative/")
_NUMBERS = {"siren": "SIREN", "rna": "RNA", "inseeCode": "Insee"}
NO_SOURCES = frozenset(("concepts", "ontology", "catalog", "derived", "derived-open", "links", "links-open"))
"""Graphs that no source says."""
_SOURCES = 2
"""Sources that are named of a thing; of more, it is said how many."""
Counted = Callable[..., int]
"""How many things have all that is asked for: `type/initiative`, `practice/recycling-centre`."""


@dataclass(frozen=True, slots=True)
class Row:
    """A hit as the page shows it."""

    hit: Hit
    name: list[Piece]
    language: str | None
    """Of the name, where it is not that of the page."""
    kind: str
    place: str
    """The IRI of where it is; empty where nothing says it."""
    place_name: str
    facts: list[str] = field(default_factory=list)
    """What tells it apart: a year, inhabitants, a number."""
    sources: list[tuple[str, str]] = field(default_factory=list)
    """Name and IRI of the graphs that tell of it."""
    more_sources: int = 0
    text: list[Piece] = field(default_factory=list)


def rows(
    hits: Sequence[Hit], words: str, naming: Naming, said: dict[str, str], counted: Counted, index: Path
) -> list[Row]:
    """Hits for a reader who asked for some words: as `row`, and of groupings of communes where they are.

    Raises sqlite3.DatabaseError where the index is damaged, SearchTimeout where it takes too long.
    """
    groupings = {hit.iri.removeprefix(TERRITORY) for hit in hits if level_of(hit.iri) in GROUPINGS}
    around = departements_of(index, groupings) if groupings else {}
    found = []
    for hit in hits:
        one = row(hit, words, naming, said, counted)
        within = around.get(hit.iri.removeprefix(TERRITORY), [])
        if within and not one.place:
            names = ", ".join(naming.label(TERRITORY + key) for key in within)
            one = replace(one, place=TERRITORY + within[0] if len(within) == 1 else "", place_name=names)
        found.append(one)
    return found


def row(hit: Hit, words: str, naming: Naming, said: dict[str, str], counted: Counted) -> Row:
    """A hit, for a reader who asked for some words. `said` has the wording of the page."""
    quads = lookup.outgoing(naming.store, NamedNode(hit.iri))
    name = hit.label.text if hit.label else naming.label(hit.iri)
    language = hit.label.language if hit.label and hit.label.language not in ("", naming.language) else None
    shown = _text(quads, words, naming.language)
    sources = sorted({graph for quad in quads if (graph := getattr(quad.graph_name, "value", ""))})
    if hit.iri.startswith(f"{BASE}id/territory/"):  # told of by all that has figures of communes
        sources = []
    told = [(naming.label(graph), graph) for graph in sources if graph.rpartition("/")[2] not in NO_SOURCES]
    return Row(
        hit,
        marked(name, words),
        language,
        _kind(hit.iri, quads, naming),
        hit.territory or "",
        _place(hit),
        list(_facts(hit.iri, quads, naming, said, counted)),
        told[:_SOURCES],
        max(len(told) - _SOURCES, 0),
        excerpt(shown, words, 180) if shown and shown != name else [],
    )


def kind_in_words(name: str, naming: Naming, count: str = "many") -> str:
    """A kind of the index in words."""
    return naming.kind(name, count) or naming.kind(f"territory/{name}") or name


def _kind(iri: str, quads: Iterable[Quad], naming: Naming) -> str:
    kinds = [naming.label(one) for one in _things(quads, _INITIATIVE_KIND)]
    if kinds:
        return ", ".join(sorted(kinds))
    if iri.startswith(CONCEPT):
        scheme, _, slug = iri.removeprefix(CONCEPT).partition("/")
        return naming.label(f"{CONCEPT}{scheme}") if slug else kind_in_words("concept", naming, "one")
    return kind_in_words(kinds_of(iri)[-1], naming, "one")


def _place(hit: Hit) -> str:
    return hit.territory_label.text if hit.territory_label else ""


def _facts(iri: str, quads: Iterable[Quad], naming: Naming, said: dict[str, str], counted: Counted) -> Iterable[str]:
    kind = filters_of(iri)[-1]
    slug = iri.rpartition("/")[2]
    asked = {"practice-field": ("type/initiative", f"practice/{slug}"), "need-kind": (f"need/{slug}",)}.get(kind)
    if asked and (count := counted(*asked)):
        form = f"{'initiatives' if kind == 'practice-field' else 'here'}{'-one' if count == 1 else ''}"
        yield said[form].format(count=number(count, naming.language))
    if kind == "case":
        for whole in _OF_A_CASE:
            if of := sorted(one for one in _objects(quads) if one.startswith(whole)):
                yield said["of-case"].format(name=naming.label(of[0]))
                break
    for today in sorted(_things(quads, _REPLACED)):
        yield said["today"].format(name=naming.label(today))
    if population := _literal(quads, f"{_CLIR}population"):
        yield said["inhabitants"].format(count=number(int(population), naming.language))
    if year := _literal(quads, f"{_CLIR}startYear"):  # of a programme it is not said how long it went on
        end = _literal(quads, f"{_CLIR}endYear")
        yield said["from-to" if end else "launched" if kind == "programme" else "since"].format(year=year, end=end)
    for name, called in _NUMBERS.items():
        if code := _literal(quads, f"{_CLIR}{name}"):
            yield f"{called} {code}"


def _objects(quads: Iterable[Quad]) -> Iterable[str]:
    return (quad.object.value for quad in quads if isinstance(quad.object, NamedNode))


def _things(quads: Iterable[Quad], predicate: str) -> set[str]:
    return set(_objects(quad for quad in quads if quad.predicate.value == predicate))


def _literal(quads: Iterable[Quad], predicate: str) -> str:
    values = (
        quad.object.value for quad in quads if quad.predicate.value == predicate and isinstance(quad.object, Literal)
    )
    return min(values, default="")


def _text(quads: Iterable[Quad], words: str, language: str) -> str:
    """What shows best why a thing was found: a name, number or description with a word of the question."""

    def texts(*columns: str) -> list[str]:
        found = [
            quad.object
            for predicate in (one for column in columns for one in COLUMNS[column])
            for quad in quads
            if quad.predicate.value == predicate and isinstance(quad.object, Literal)
        ]
        return [one.value for one in sorted(found, key=lambda one: one.language not in (language, None))]

    every, described = texts("name", "notation", "description"), texts("description")
    shows = (text for text in every if any(is_asked for _, is_asked in marked(text, words)))
    return next(shows, None) or next(iter(described), "")
