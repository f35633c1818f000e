"""Synthetic rows for the benchmarks: invented, regular, the same every time. Nothing here is real data.

Real registries have fewer triples a row and are less even; what is compared here are ways of doing the same
work on the same rows, not registries.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from clirld.records.parquet_parts import PART_ROWS, PartWriter
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

SOURCE = "tiers-lieux-2019"
"""The source whose card and name the synthetic rows take."""

RETRIEVED = "2026-01-01T00:00:00Z"
_FILE = f"{SOURCE}.default.{'0' * 64}"
CanonicalRow = dict[str, str | list[str] | int | None]

_WORDS = [
    *("atelier", "fabrique", "maison", "jardin", "café", "“grand”", "épicerie", "halle", "ferme", "moulin"),
    *("«coopérative»", "lieu", "bois", "rivière", "partagé", "commun", "solidaire", "numérique", "rural"),
    *("associatif", "l'Arc", "d'été", "vert", "neuf", "citoyen"),
]


def write_tables(out: Path, rows: int, tables: Tables, vocabulary: Vocabulary) -> None:
    """Write canonical `record` and `initiative` tables, about 22 triples an initiative, as a harvest does."""
    writer = PartWriter(out)
    stream = _initiatives(rows, vocabulary)
    while batch := list(islice(stream, PART_ROWS)):
        writer.add("initiative", pl.DataFrame(batch, schema=tables["initiative"].schema))
        writer.add("record", pl.DataFrame([_record(row) for row in batch], schema=tables["record"].schema))
    writer.close()


def _record(row: CanonicalRow) -> CanonicalRow:
    key = str(row["record"])
    standard = {"key": key, "record": key, "source": SOURCE, "row": row["row"]}
    identifier = key.removeprefix(f"{SOURCE}-")
    return {**standard, "identifier": identifier, "distribution": "default", "file": _FILE, "retrieved": RETRIEVED}


def _initiatives(rows: int, vocabulary: Vocabulary) -> Iterator[CanonicalRow]:
    rng = random.Random(0)
    kinds, domains = (sorted(vocabulary.concepts[name]) for name in ("initiative-kind", "activity-domain"))
    for n in range(rows):
        key = f"{SOURCE}-{n}"
        departement, commune = f"{1 + n % 95:02}", f"{1 + n % 95:02}{1 + n // 95 % 367:03}"
        latitude, longitude = f"{43 + rng.random() * 6:.5f}", f"{rng.random() * 6:.5f}"
        yield {
            "key": key,
            "record": key,
            "source": SOURCE,
            "row": n + 2,
            "name": f"{_random_words(rng, 4)} {n}",
            "alternative_name": [_random_words(rng, 2)] if n % 2 else None,
            "description": f'{_random_words(rng, 20)}.\n"{_random_words(rng, 8)}"',
            "kind": [kinds[n % len(kinds)]],
            "domain": [domains[n % len(domains)], domains[(n + 1) % len(domains)]],
            "source_category": [_random_words(rng, 1)],
            "status": "active",
            "homepage": [f"https://www.example.org/{n}?a=b&c=d"],
            "street": f"{n % 200} rue de la {_random_words(rng, 1)}",
            "postcode": f"{departement}000",
            "locality": _random_words(rng, 1),
            "address": key,
            "commune": commune,
            "seat": f"commune-{commune}",
            "acts_in": [f"departement-{departement}"],
            "latitude": latitude,
            "longitude": longitude,
            "point": f"POINT({longitude} {latitude})",
            "geometry": key,
        }


class Place(NamedTuple):
    """A commune: its code, name, département, a postcode, and its centre in degrees."""

    code: str
    name: str
    departement: str
    postcode: str
    latitude: str
    longitude: str


def write_csv(out: Path, rows: int, columns: list[str], places: list[Place], kinds: list[str]) -> None:
    """Write a file in the layout of the tiers-lieux card: each row has a point in its commune, four of five a website.

    One in ten websites has no scheme, and one point in a hundred lies elsewhere.
    """
    rng = random.Random(0)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        for n in range(rows):
            place = places[n % len(places)]
            centre = places[(n + 1) * 7 % len(places)] if n % 100 == 0 else place
            cells: dict[str, Any] = {
                "ID": n,
                "NOM_TL": f"{_random_words(rng, 4)} {n}",
                "ADRESSE": f"{n % 200} rue de la {_random_words(rng, 1)}",
                "CP": place.postcode,
                "INSEECOM": place.code,
                "NOMCOM": place.name,
                "INSEEDEP": place.departement,
                "WEB": f"{'' if n % 10 == 1 else 'https://'}www.example.org/{n}" if n % 5 else "",
                "TYPO": kinds[n % len(kinds)],
                "LAT": f"{float(centre.latitude) + rng.uniform(-0.005, 0.005):.5f}",
                "LONG": f"{float(centre.longitude) + rng.uniform(-0.005, 0.005):.5f}",
            }
            writer.writerow(cells)


def _random_words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choices(_WORDS, k=count))
