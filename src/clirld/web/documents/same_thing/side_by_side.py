"""What several records, or several sources of one, say of the same thing, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clirld.search.words import key as folded
from clirld.settings import BASE
from clirld.web.documents.lookup import PAGE, kind
from clirld.web.documents.same_thing.elsewhere import Other, source_title, sources_of
from clirld.web.documents.sources import graph_of
from clirld.web.documents.things import Thing, naming_it, read, readable
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page
from clirld.web.documents.wording import Words

_ORGANIZATION = f"{BASE}id/organization/"
MOST_COLUMNS = 4
MOST_VALUES = 3
"""Values of a cell that are written; of more there is the number."""

_PARTICIPANTS = 30
"""Participations of another record that are looked through for who carries it and for public actors."""

_PROPERTIES = {
    "initiative": (
        ("name", ("rdfs:label", "skos:altLabel")),
        ("kind", ("clir:initiativeKind",)),
        ("seat", ("clir:seatedIn",)),
        ("acts-in", ("clir:actsIn",)),
        ("start", ("clir:startYear",)),
        ("status", ("clir:status",)),
        ("website", ("foaf:homepage",)),
        ("domain", ("clir:activityDomain",)),
        ("practice", ("clir:practiceField",)),
    ),
    "organization": (
        ("name", ("rdfs:label", "skos:altLabel")),
        ("legal-name", ("rov:legalName",)),
        ("siren", ("clir:siren",)),
        ("rna", ("clir:rna",)),
        ("legal-form", ("clir:legalForm",)),
        ("status", ("clir:status",)),
        ("founded", ("schema:foundingDate",)),
        ("seat", ("clir:seatedIn",)),
        ("website", ("foaf:homepage",)),
    ),
}
"""What is compared, by kind of thing: the name of its row in wording.yaml, and the properties that say it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One of those that speak: a source of this thing, or another record."""

    title: Value
    is_this: bool
    thing: Thing


@dataclass(frozen=True, slots=True)
class Cell:
    """What a column says; nothing where it does not say it. `more` values are not written."""

    values: list[Value]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What is compared, whether they `differ`, `agree` or only `one` says it, and the cell of each column."""

    label: str
    verdict: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The columns and rows of the comparison."""

    columns: list[Column]
    rows: list[Row]

    @property
    def is_one_record(self) -> bool:
        """Whether all columns are sources of this one thing."""
        return all(one.is_this for one in self.columns)


def side_by_side(page: Page, words: Words, thing: Thing, others: Sequence[Other]) -> SideBySide | None:
    """The comparison of a thing with its other records, else of its own sources; None where only one speaks."""
    columns = _columns(page, thing, others)
    if len(columns) < 2:
        return None
    named = _PROPERTIES["organization" if kind(thing.iri) == "organization" else "initiative"]
    rows = [
        _row(words(f"row-{name}"), [_said(page, one.thing, properties) for one in columns])
        for name, properties in named
    ]
    if kind(thing.iri) == "initiative":
        rows += _who_and_what(page, words, columns)
    return SideBySide(columns, [row for row in rows if any(cell.values for cell in row.cells)])


def _columns(page: Page, thing: Thing, others: Sequence[Other]) -> list[Column]:
    own = [_of_graph(page, thing, graph) for graph in sources_of(page, thing)]
    if others or len(own) < 2:
        own = [Column(source_title(page, thing), True, thing)]
    compared = [one for one in others if one.verdict != "different"]
    beside = [Column(replace(one.where, href=one.name.href), False, one.thing) for one in compared]
    return [*own, *beside][:MOST_COLUMNS]


def _of_graph(page: Page, thing: Thing, graph: str) -> Column:
    said = Thing(thing.node, [quad for quad in thing.quads if graph_of(quad) == graph])
    return Column(source_title(page, said), True, said)


def _said(page: Page, thing: Thing, properties: Iterable[str]) -> list[Value]:
    quads = readable(thing.of(*properties), page.naming.language)
    found = {value.text: value for value in (page.value(quad.object) for quad in quads)}
    return list(found.values())


def _who_and_what(page: Page, words: Words, columns: Sequence[Column]) -> list[Row]:
    """Who carries it, which public actors are named, how it is recognised."""
    store = page.naming.store
    carriers, public, recognitions = [], [], []
    for column in columns:
        carrying: dict[str, Value] = {}
        official: dict[str, Value] = {}
        for node in naming_it(store, column.thing.node, "org:organization", PAGE)[:_PARTICIPANTS]:
            told = read(store, node)
            members = [page.value(one) for one in told.nodes("org:member")]
            if any(role.value.endswith("/carrier") for role in told.nodes("org:role")):
                carrying |= {one.text: one for one in members}
            if page.is_public(told.quads):
                official |= {one.text: one for one in members}
        carriers.append(list(carrying.values()))
        public.append(list(official.values()))
        told_so = [read(store, node) for node in naming_it(store, column.thing.node, "clir:recognises", PAGE)]
        recognitions.append([_recognition(page, one) for one in told_so])
    untold = {label for said in recognitions for label, year in said if not year}
    compared = [frozenset((label, "" if label in untold else year) for label, year in said) for said in recognitions]
    told_each = [[Value(", ".join(filter(None, one))) for one in dict.fromkeys(said)] for said in recognitions]
    rows = (("carrier", carriers), ("public", public))
    found = [_row(words(f"row-{name}"), values) for name, values in rows]
    return [*found, _row(words("row-recognition"), told_each, compared)]


def _recognition(page: Page, told: Thing) -> tuple[str, str]:
    """What it is, and its year, empty where none is said: then it contradicts no other year of the same."""
    labels = [page.naming.label(node.value) for node in told.nodes("clir:recognitionKind")]
    return ", ".join(labels), ", ".join(told.texts("clir:year"))


def _row(label: str, said: Sequence[list[Value]], compared: Iterable[frozenset[object]] = ()) -> Row:
    """The row; `compared` is what counts of each column, where that is not its values."""
    heard = [one for one in compared or [frozenset(map(_comparable, values)) for values in said] if one]
    verdict = "one" if len(heard) < 2 else "agree" if _agree(heard) else "differ"
    cells = [Cell(values[:MOST_VALUES], max(0, len(values) - MOST_VALUES)) for values in said]
    return Row(label, verdict, cells)


def _agree(heard: Sequence[frozenset[object]]) -> bool:
    """Whether all that speak have an answer in common."""
    return bool(frozenset.intersection(*heard))


def _comparable(value: Value) -> str:
    """What of a value counts: an address without its scheme, a text without case, accents and apostrophes.

    Each source has organizations of its own: of them it is the name.
    """
    if value.iri.startswith(_ORGANIZATION):
        return folded(value.text)
    if value.iri and not value.iri.startswith("http://id.insee.fr") and not value.href.startswith("/"):
        return value.iri.partition("://")[2].removeprefix("www.").rstrip("/").casefold()
    return value.iri or folded(value.text)
