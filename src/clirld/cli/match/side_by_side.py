"""Two records side by side: each property with what every source says of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Store

from clirld.link.judgements.judgement import iri
from clirld.query.failure import Language
from clirld.query.select import select
from clirld.settings import BASE
from clirld.web.documents.naming import Naming, literal_text

if TYPE_CHECKING:
    from rich.table import Table

_MOST = 4
"""Values of a property that are shown of each record."""

_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_NOT_SHOWN = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/ns/prov#",
    "http://www.w3.org/2002/07/owl#",
)
_DERIVED = ("links", "derived")
"""Graphs that no source says."""

_PAGES = """PREFIX dct: <http://purl.org/dc/terms/> PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?page {{ <{subject}> prov:wasDerivedFrom ?record . ?record dct:source|dct:identifier ?page }}
ORDER BY ?page"""


@dataclass(slots=True)
class Shown:
    """What is shown of a record: its name, its sources, their pages of it, and values with their source by property."""

    iri: str
    name: str = ""
    sources: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)


def shown(store: Store, pair: Sequence[str], language: Language) -> list[Shown]:
    """What is shown of each of some records, by their short names."""
    naming = Naming(store, language)
    return [_shown(store, iri(name), naming) for name in pair]


def _shown(store: Store, subject: str, naming: Naming) -> Shown:
    one = Shown(subject)
    quads = store.quads_for_pattern(NamedNode(subject), None, None, None)
    for quad in sorted(quads, key=lambda quad: (str(quad.graph_name), str(quad.predicate), str(quad.object))):
        source = str(getattr(quad.graph_name, "value", "")).removeprefix(f"{BASE}graph/")
        if source in _DERIVED:
            continue
        if source not in one.sources:
            one.sources.append(source)
        if quad.predicate.value.startswith(_NOT_SHOWN):
            continue
        value = literal_text(quad.object) if isinstance(quad.object, Literal) else naming.label(_iri(quad.object))
        one.name = one.name or (value if quad.predicate.value == _LABEL else "")
        said = one.values.setdefault(naming.property(quad.predicate.value), [])
        if (text := f"{value} ({source})") not in said:
            said.append(text)
    one.pages = [row["page"].value for row in select(store, _PAGES.format(subject=subject))]
    return one


def _iri(node: object) -> str:
    return str(getattr(node, "value", ""))


def table(sides: Sequence[Shown]) -> Table:
    """Records as columns of a table for people, properties as rows: those first that more of them have."""
    from rich.markup import escape
    from rich.table import Table

    found = Table("", show_lines=True)
    for side in sides:
        found.add_column(escape(side.iri.removeprefix(f"{BASE}id/")), overflow="fold")
    names = dict.fromkeys(name for side in sides for name in side.values)
    for name in sorted(names, key=lambda name: -sum(name in side.values for side in sides)):
        found.add_row(escape(name), *(_cell(side.values.get(name, [])) for side in sides))
    found.add_row("→", *(_cell(side.pages) for side in sides))
    return found


def _cell(values: Sequence[str]) -> str:
    from rich.markup import escape

    more = [f"… ({len(values)})"] if len(values) > _MOST else []
    return escape("\n".join([*values[:_MOST], *more]))
