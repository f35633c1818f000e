"""One initiative a winner, with each call that it won and the amount: a winner is a name in a département.

A name that says commune, town hall or town is looked for in the département, and so is one without a word of an
institution that the list calls a commune; one that says community, agglomeration or metropolis is looked for among
groupings. Others stay in their département.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Cell, Made, SourceRow
from clirld.values.text import fold

PAGE = "https://programme-cee-actee.fr/faq-chene"
CITATION = "Foire aux questions, fonds CHÊNE 5, programme ACTEE (FNCCR), 8 janvier 2025"
NEED = "Le programme aide des collectivités à préparer la rénovation énergétique de leurs bâtiments."
FUNDER = "Fédération nationale des collectivités concédantes et régies (FNCCR)"
COMMUNE = re.compile(r"^(?:commune|ville|mairie) +(?:de |du |des |d['’ ])?", re.IGNORECASE)
GROUPING = re.compile(r"^(?:cc|ca|cu)\b|\b(?:communaute|agglo\w*|metropole)\b")
PUBLIC = re.compile(
    r"^(?:commune|ville|mairie|cc|ca|cu|sivom|sivos|petr)\b|\b(?:communaute|agglo\w*|metropole|departement\w*|conseil|region\w*)\b"
    r"|^syndicat|^synd |pole d equilibre territorial"
)


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made]:
    """Give every winner, then the calls and what each gave."""
    winners: dict[str, list[SourceRow]] = defaultdict(list)
    calls: dict[str, list[SourceRow]] = defaultdict(list)
    for row in rows["default"]:
        winners[_slug(f"{_text(row, 'departement_code')} {_text(row, 'nom')}")].append(row)
        calls[_call(row)].append(row)
    for call, of_call in calls.items():
        yield Made("programme", _slug(f"ACTEE {call}"), {"name": f"ACTEE, {call}", "page": PAGE}, _origin(of_call))
    yield Made("organization", "fnccr", {"name": FUNDER}, _origin(row for of in calls.values() for row in of))
    for identifier, won in winners.items():
        yield from _winner(identifier, won)


def _winner(identifier: str, won: list[SourceRow]) -> Iterator[Made]:
    name, origin = _text(won[0], "nom"), _origin(won)
    initiative: dict[str, Cell] = {
        "name": f"ACTEE : {name}",
        "kind": "public-energy-plan",
        "domain": "energy",
        "practice_field": "public-building-energy",
        "departement": _text(won[0], "departement_code"),
        **_place(name, {_text(row, "type") for row in won}),
    }
    yield Made("initiative", identifier, initiative, origin)
    organization = {"name": name}
    if PUBLIC.search(fold(name)):
        organization |= {"category": "local-authority", "public_class": "PublicOrganisation"}
    yield Made("organization", identifier, {**organization}, origin, further=True)
    key = f"actee-laureats-{identifier}"
    yield Made("participation", identifier, {"initiative": key, "member": key, "role": "carrier"}, origin, further=True)
    need = {
        "initiative": key,
        "kind": "public-building-energy",
        "description": NEED,
        "page": PAGE,
        "citation": CITATION,
    }
    yield Made("need", identifier, {**need}, origin, further=True)
    for row in won:
        programme = _slug(f"ACTEE {_call(row)}")
        choice = {"initiative": key, "recognition": "actee-laureate", "programme": programme}
        yield Made("recognition", _text(row, "id"), {**choice}, _origin([row]))
        if amount := _text(row, "aide_validee"):
            grant = {"funder": "actee-laureats-fnccr", "initiative": key, "kind": "call-for-projects"}
            grant |= {"programme": programme, "amount": amount, "currency": "EUR"}
            yield Made("grant", _text(row, "id"), {**grant}, _origin([row]), further=True)


def _place(name: str, types: set[str]) -> dict[str, Cell]:
    if GROUPING.search(fold(name)):
        return {"acts_in": f"epci: {name}"}
    if COMMUNE.match(name) or (types == {"COMMUNE"} and not PUBLIC.search(fold(name))):
        return {"locality": COMMUNE.sub("", name)}
    return {}


def _call(row: SourceRow) -> str:
    return _text(row, "aap") or _text(row, "source")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")


def _origin(rows: Iterable[SourceRow]) -> list[tuple[str, int]]:
    return [("default", row.row) for row in rows]


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return (cell if isinstance(cell, str) else " ".join(cell)).strip()
