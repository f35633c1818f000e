"""Local action groups and charters of nature parks, as their names say; the other perimeters are left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow

GROUP, PARK = "GAL ", "(Parc naturel régional)"


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every group and park, without a place."""
    for row in rows["default"]:
        name = _text(row, "name")
        kind = "local-action-group" if name.startswith(GROUP) else "nature-park-charter" if name.endswith(PARK) else ""
        if kind:
            values = {"name": name, "kind": kind, "country": "FR"}
            yield Made("initiative", _text(row, "id"), {**values}, [("default", row.row)])
        else:
            yield Dropped("default", row.row, "perimeter-only")


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()
