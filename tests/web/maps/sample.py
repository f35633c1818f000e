"""A small map: squares for territories, and initiatives of each kind, precision and licence; all of it invented."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from clirld.release.maps import write
from clirld.vocabulary.terms import Vocabulary
from tests.conftest import PROJECT

OPEN = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
SHARED = "https://opendatacommons.org/licenses/odbl/1-0/"
TERRITORIES: list[dict[str, Any]] = [
    {"key": "departement-08", "name": "Le département", "kind": "departement"},
    {"key": "departement-974", "name": "L'île", "kind": "departement"},
    {"key": "epci-200000001", "name": "CC du Val", "kind": "epci"},
    *(
        {"key": f"commune-0800{n}", "name": f"Commune {n}", "kind": "commune", "population": 1000 * n,
         "population_year": "2023", "part_of": ["departement-08", *(["epci-200000001"] if n < 3 else [])],
         "latitude": str(46 + n / 10), "longitude": "5.5", "postcode": ["08100", "08110"][: 3 - n]}
        for n in (1, 2, 3)
    ),
    {"key": "commune-97401", "name": "Commune de l'île", "kind": "commune", "population": 500,
     "population_year": "2023", "part_of": ["departement-974"], "latitude": "-21.1", "longitude": "55.5"},
]  # fmt: skip
INITIATIVES: list[dict[str, Any]] = [
    {"key": "atelier", "name": "Atelier <b>", "kind": ["fablab"], "latitude": "46.101234", "longitude": "5.512346",
     "seat": "commune-08001", "license": SHARED, "source": "autres"},
    {"key": "lieu", "name": "Lieu", "kind": ["third-place"], "seat": "commune-08002"},
    {"key": "double", "name": "Le lieu", "kind": ["fablab"], "acts_in": ["commune-08003"], "source": "autres"},
    {"key": "pole", "name": "Pôle", "kind": ["ptce"], "acts_in": ["epci-200000001"],
     "practice_field": ["recycling-centre"]},
    {"key": "porte", "name": "Porté", "kind": ["ptce"]},
    {"key": "contrat", "name": "Contrat", "kind": ["territorial-contract"], "seat": "departement-08"},
    {"key": "ile", "name": "Île", "kind": ["other"], "seat": "commune-97401"},
    {"key": "nulle-part", "name": "Nulle part", "kind": ["ptce"], "acts_in": ["region-44"]},
]  # fmt: skip
SAME = {"initiative:double": "initiative:lieu"}
PLACES = {
    "atelier": (5.51235, 46.10123, "point"),
    "lieu": (5.5, 46.2, "commune"),
    "pole": (5.5, 46.16667, "acts-in"),
    "porte": (5.5, 46.3, "carrier"),
    "contrat": (5.5, 46.23333, "departement"),
    "ile": (55.5, -21.1, "commune"),
    "nulle-part": (None, None, ""),
}
"""Key of an initiative → longitude, latitude and what its place is."""
RECOGNITIONS = [
    ("pole", "ami-ptce-2023", "2023", "lieux"), ("pole", "ami-ptce-2023", None, "autres"),
    ("porte", "ptce-laureate", "2021", "lieux"), ("nulle-part", "ptce-laureate", None, "lieux"),
    ("lieu", "fabrique-de-territoire", "2020", "lieux"), ("double", "fabrique-de-territoire", "2020", "autres"),
]  # fmt: skip
SITUATED = [("commune-08001", "isolated-rural"), ("epci-200000001", "weakening")]
DENSE = {"commune-08001": "rural-town", "commune-08002": "rural-town", "commune-97401": "small-town"}


def square(west: float, south: float, side: float = 1) -> str:
    """A square as WKT."""
    east, north = west + side, south + side
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


CONTOURS = {
    "departement-08": square(5, 46),
    "departement-974": square(-7, 44),  # moved near France, as files for drawing have it
    "epci-200000001": square(5.2, 46, 0.5),
}
_EMPTY = {
    "initiative": dict.fromkeys(("seat", "latitude", "longitude")) | {"acts_in": [], "practice_field": []},
    "territory": dict.fromkeys(("end", "population", "population_year", "latitude", "longitude"))
    | {"part_of": [], "postcode": []},
}


def _tables() -> dict[str, pl.DataFrame]:
    mine = {"source": "lieux", "license": OPEN}
    lists = pl.List(pl.String())
    initiatives = [{**mine, **_EMPTY["initiative"], **one} for one in INITIATIVES]
    recognised = [dict(zip(("initiative", "recognition", "year", "source"), one, strict=True)) for one in RECOGNITIONS]
    zoned = [{"territory": key, "situation": [one], "density": None} for key, one in SITUATED]
    zoned += [{"territory": key, "situation": None, "density": one} for key, one in DENSE.items()]
    carried = [{"key": "p", "initiative": "porte", "member": "o", "role": "carrier"}]
    return {
        "initiative": pl.DataFrame(initiatives,
                                   schema_overrides=dict.fromkeys(("acts_in", "practice_field"), lists)),
        "territory": pl.DataFrame([{**_EMPTY["territory"], **one} for one in TERRITORIES], schema_overrides={
            "part_of": lists, "postcode": lists, "end": pl.String(), "population": pl.Int64()}),
        "recognition": pl.DataFrame(recognised),
        "zoning": pl.DataFrame(zoned, schema_overrides={"situation": lists, "density": pl.String()}),
        "contour": pl.DataFrame([{"key": key, "territory": key, "polygon": one} for key, one in CONTOURS.items()]),
        "participation": pl.DataFrame(carried),
        "organization": pl.DataFrame([{"key": "o", "source": "lieux", "commune": "08003"}]),
    }  # fmt: skip


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary.load(PROJECT / "ontology")


def write_map(folder: Path) -> None:
    """Let the folder of a release have the map."""
    with tempfile.TemporaryDirectory() as scratch:
        tables = Path(scratch) / "tables" / "open"
        tables.mkdir(parents=True)
        for name, rows in _tables().items():
            rows.write_parquet(tables / f"{name}.parquet")
        write.write(Path(scratch), _vocabulary().concepts, SAME)
        shutil.copyfile(Path(scratch) / write.FILE, folder / write.FILE)
