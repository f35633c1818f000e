"""Which communes and groupings take part in which programme, and third places that were chosen by name.

Parts are written « Name (code); Name (code) », the code being the INSEE code of a commune, or the SIREN of a grouping
or of a commune's authority. The same territory may be in several groupings of a programme. Third places of one commune
stand in one row, their identifiers and names joined by semicolons.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow

PROGRAMMES = {  # distribution: concept of official-zoning
    "territoires-industrie": "territoires-dindustrie",
    "villages-avenir": "villages-davenir",
    "petites-villes-de-demain": "petites-villes-de-demain",
    "action-coeur-de-ville": "action-coeur-de-ville",
    "avenir-montagnes-ingenierie": "avenir-montagnes-ingenierie",
    "avenir-montagnes-mobilite": "avenir-montagnes-mobilites",
    "fabriques-prospectives": "fabriques-prospectives",
    "cites-educatives": "cites-educatives",
    "cites-emploi": "cites-de-lemploi",
}
PLACES = {  # distribution: recognition, practice field
    "fabriques-territoire": ("fabrique-de-territoire", "third-place"),
    "manufactures-proximite": ("manufacture-de-proximite", "production-third-place"),
}
CODE = re.compile(r"\((\d{9}|\d[\dAB]\d{3})\)")
SEPARATOR = re.compile(r" *; *")
LONGEST_NAME = 120  # signs: a few tell a story where a name should be


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give every participation and every third place, and the rows that name none."""
    for distribution, programme in PROGRAMMES.items():
        origins: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        for row in rows[distribution]:
            codes = list(dict.fromkeys(CODE.findall(_text(row, "liste_geo"))))
            if not codes:
                yield Dropped(distribution, row.row, "names-no-territory")
            for code in codes:  # a territory that is on two lines of a file is one
                origins[SEPARATOR.sub("+", _text(row, "id_territoire")), code].append((distribution, row.row))
        for (identifier, code), origin in origins.items():
            yield Made("zoning", f"{identifier}-{code}", {"territory": code, "official_zoning": programme}, origin)
    for distribution, (recognition, practice) in PLACES.items():
        for row in rows[distribution]:
            yield from _places(distribution, row, recognition, practice)


def _places(distribution: str, row: SourceRow, recognition: str, practice: str) -> Iterator[Made | Dropped]:
    identifiers = SEPARATOR.split(_text(row, "id_territoire"))
    names = [name.strip().split("\n")[0].strip() for name in SEPARATOR.split(_text(row, "lib_territoire"))]
    places = list(zip(identifiers, names, strict=False)) if len(names) == len(identifiers) else []
    named = [(identifier, name) for identifier, name in places if 0 < len(name) <= LONGEST_NAME]
    if not named:
        yield Dropped(distribution, row.row, "names-no-place")
    for identifier, name in named:
        values = {"name": name, "kind": "third-place", "practice_field": practice, "commune": _text(row, "id_geo")}
        yield Made("initiative", identifier, {**values}, [(distribution, row.row)])
        choice = {"initiative": f"anct-programmes-{identifier}", "recognition": recognition}
        yield Made("recognition", identifier, {**choice}, [(distribution, row.row)], further=True)


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(f"properties.{column}", "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()
