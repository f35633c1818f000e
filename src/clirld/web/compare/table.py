"""A comparison for programs: as JSON, and as one line a value in CSV, with who says each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from clirld.reuse.comparison.model import Cell, Comparison, Item
from clirld.reuse.facts import Source

COLUMNS = (
    "thing", "thing_iri", "group", "feature", "label", "value", "value_iri", "note", "state", "number", "unit", "year",
    "percent_below", "compared", "sources",
)  # fmt: skip
Cite = Callable[[Source], Source]
"""A source as it is cited: the graph of a source of the release by the name of that source."""


def as_json(found: Comparison, cite: Cite) -> dict[str, Any]:
    """All of a comparison, each source with its citation."""
    return dict(_cited(asdict(found), cite))


def _cited(value: Any, cite: Cite) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"iri", "citation"}:
            return asdict(cite(Source(**value)))
        return {name: _cited(one, cite) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cited(one, cite) for one in value]
    return value


def as_csv(found: Comparison) -> bytes:
    """One line a value (RFC 4180); what no source says of a thing has a line too, of the state `not-said`."""
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    lines.writerows(_lines(found))
    return out.getvalue().encode()


def _lines(found: Comparison) -> Iterator[list[object]]:
    for group in found.groups:
        for row in group.rows:
            for thing, cell in zip(found.things, row.cells, strict=True):
                items: list[Item | None] = [*cell.items] or [None]
                for item in items:
                    start = [thing.label, thing.iri, group.name, row.name, row.label]
                    yield [*start, *_value(item), *_figure(cell), row.unit, row.year, *_position(cell), _pages(item)]


def _value(item: Item | None) -> list[str]:
    return [item.text, item.iri, item.note, item.state] if item else ["", "", "", "not-said"]


def _figure(cell: Cell) -> list[object]:
    return ["" if cell.number is None else round(cell.number, 6)]


def _position(cell: Cell) -> list[object]:
    return [round(cell.position.below, 2), cell.position.compared] if cell.position else ["", ""]


def _pages(item: Item | None) -> str:
    return " ".join(source.iri for source in item.sources) if item else ""
