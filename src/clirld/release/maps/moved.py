"""What an accepted correction of an address makes of the place of an initiative: its old point contradicts it.

A correction keeps what it contradicts (docs/contribute.md), the point of the old address among it. On the map there is
one place an initiative: that of the address as it is corrected, which the line has brought to its commune.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from clirld.settings import BASE

_INITIATIVE = f"{BASE}id/initiative/"
_PLACED = ("http://www.w3.org/ns/locn#address", f"{BASE}ontology#seatedIn")
"""Properties that say where something is."""
_STATED = ("street", "postcode", "locality", "territory")
Record = Mapping[str, Any]


def corrected_places(table: pl.DataFrame, stands_for: Callable[[str], str]) -> dict[str, Record]:
    """Key of an initiative → the last correction of where it is; `table` is that of corrections, or has no columns."""
    if table.is_empty():
        return {}
    rows = table.filter(pl.col("property").is_in(_PLACED), pl.col("about").str.starts_with(_INITIATIVE)).sort("key")
    return {stands_for(row["about"].removeprefix(_INITIATIVE)): row for row in rows.iter_rows(named=True)}


def moved(row: Record, correction: Record | None) -> Record:
    """A row of the table `initiative` as a correction leaves it.

    Without its point, where the correction contradicts an address or leads to another commune; and seated where it
    leads to, which may be not known. What only adds the address of the same commune contradicts nothing.
    """
    if correction is None:
        return row
    seat = correction["seat"] or correction["territory"]
    if not correction["contradicted"] and seat in (None, row["seat"]):
        return row
    is_stated = any(correction[name] for name in _STATED)
    return {**row, "longitude": None, "latitude": None, **({"seat": seat} if is_stated else {})}
