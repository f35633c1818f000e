"""Foundations by their RNF number, with the SIREN that their SIRET begins with, which gives an organization its IRI.

A SIRET that the register gives to two foundations says of neither which it is: it is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Cell, Dropped, Made, SourceRow


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """One organization a row."""
    foundations = list(rows["default"])
    # A set: a foundation on two rows is one, and its SIREN still says which it is.
    pairs = {(_siren(row), _text(row, "numero_rnf")) for row in foundations}
    foundations_of_siren = Counter(siren for siren, _number in pairs)
    for row in foundations:
        number = _text(row, "numero_rnf")
        if not number:
            yield Dropped("default", row.row, "missing-identifier")
            continue
        values: dict[str, Cell] = {
            "name": _text(row, "titre"),
            "rnf": number,
            "legal_form": "foundation",
            "founded": _text(row, "date_creation"),  # with a time of day
            "postcode": _text(row, "code_postal"),
            "locality": _text(row, "ville"),
        }
        if foundations_of_siren[_siren(row)] == 1:
            values |= {"siren": _siren(row), "siret": _text(row, "siret")}
        yield Made("organization", number, values, [("default", row.row)])


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return cell if isinstance(cell, str) else " ".join(cell)


def _siren(row: SourceRow) -> str:
    return "".join(_text(row, "siret").split())[:9]
