"""Which communes and groupings take part in which programme: one record for each part of a row's grouping.

A part is the SIREN of a grouping or of a commune's authority, or the INSEE code of a commune, whose leading zeros may
be lost; the engine finds the territory. The same territory may be in several groupings of a programme.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow

PROGRAMMES = {  # distribution: (column of the identifier, column of the parts, concept of official-zoning)
    "action-coeur-de-ville": ("id_acv", "insee_com", "action-coeur-de-ville"),
    "territoires-industrie": ("id_ti", "siren_groupement", "territoires-dindustrie"),
    "territoires-engages": ("id_tec", "siren_groupement", "territoires-dengagement"),
    "avenir-montagnes-ingenierie": ("id_ami", "siren_groupement", "avenir-montagnes-ingenierie"),
    "avenir-montagnes-mobilite": ("id_amm", "siren_groupement", "avenir-montagnes-mobilites"),
    "fabriques-prospectives": ("id_fabp", "siren_groupement", "fabriques-prospectives"),
}


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every participation, and the rows that name nobody."""
    for distribution, (identifier, parts, programme) in PROGRAMMES.items():
        for row in rows[distribution]:
            territory_codes = [part.strip().zfill(5) for part in _text(row, parts).split(",") if part.strip()]
            if not territory_codes:
                yield Dropped(distribution, row.row, "names-no-territory")
            for part in dict.fromkeys(territory_codes):
                values = {"territory": part, "official_zoning": programme}
                yield Made("zoning", f"{_text(row, identifier)}-{part}", {**values}, [(distribution, row.row)])


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(f"properties.{column}", "")
    return cell if isinstance(cell, str) else ",".join(cell)
