"""Where an initiative is drawn whose address was corrected: never at the point of the old address."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clirld.release.maps import write
from clirld.release.maps.moved import corrected_places, moved
from clirld.release.maps.placing import Territories, place

ADDRESS, SEATED = "http://www.w3.org/ns/locn#address", "https://w3id.org/clirld/ontology#seatedIn"
ABOUT = "https://w3id.org/clirld/id/initiative/"
INITIATIVE = {"key": "atelier", "seat": "commune-1", "acts_in": [], "longitude": "5.1", "latitude": "46.1"}
TERRITORIES = Territories(centres={"commune-1": (5.0, 46.0), "commune-2": (6.0, 47.0)})
COLUMNS = ("key", "about", "property", "contradicted", "street", "postcode", "locality", "territory", "seat")


def corrections(*rows: dict[str, str]) -> pl.DataFrame:
    schema = dict.fromkeys(COLUMNS, pl.String())
    told = [{"about": f"{ABOUT}atelier", "property": ADDRESS, **row} for row in rows]
    return pl.DataFrame(told, schema=schema)


@pytest.mark.parametrize(
    ("correction", "expected"),
    [
        pytest.param({"contradicted": "a", "street": "2 rue Haute", "seat": "commune-1"}, ((5.0, 46.0), "commune"),
                     id="another street"),
        pytest.param({"contradicted": "a", "locality": "Deux", "seat": "commune-2"}, ((6.0, 47.0), "commune"),
                     id="another commune"),
        pytest.param({"property": SEATED, "contradicted": "a", "territory": "commune-2"}, ((6.0, 47.0), "commune"),
                     id="another seat"),
        pytest.param({"contradicted": "a", "locality": "Ailleurs"}, (None, ""), id="a place that is not known"),
        pytest.param({"contradicted": "a"}, ((5.0, 46.0), "commune"), id="wrong, and nothing in its place"),
        pytest.param({"locality": "Deux", "seat": "commune-2"}, ((6.0, 47.0), "commune"), id="added, elsewhere"),
        pytest.param({"street": "1 rue Haute", "seat": "commune-1"}, ((5.1, 46.1), "point"), id="added, same commune"),
        pytest.param({"property": "http://xmlns.com/foaf/0.1/homepage", "contradicted": "a"}, ((5.1, 46.1), "point"),
                     id="of something else"),
        pytest.param({"about": f"{ABOUT}autre", "contradicted": "a"}, ((5.1, 46.1), "point"), id="of another"),
    ],
)  # fmt: skip
def test_the_old_point_gives_way(correction: dict[str, str], expected: tuple[Any, str]) -> None:
    found = corrected_places(corrections({"key": "1-1", **correction}), str)
    assert place(moved(INITIATIVE, found.get("atelier")), TERRITORIES, {}) == expected


def test_the_last_correction_holds_and_is_of_all_that_are_one() -> None:
    table = corrections(
        {"key": "2-1", "about": f"{ABOUT}double", "contradicted": "a", "seat": "commune-2", "locality": "Deux"},
        {"key": "1-1", "contradicted": "a", "seat": "commune-1", "locality": "Un"},
    )
    found = corrected_places(table, {"double": "atelier", "atelier": "atelier"}.__getitem__)
    assert place(moved(INITIATIVE, found["atelier"]), TERRITORIES, {}) == ((6.0, 47.0), "commune")


def test_a_release_of_the_samples_draws_none_at_its_old_address(samples: Path) -> None:
    """One of their corrections is of an address: tiers-lieux-2019-15 moves to Dax."""
    with closing(sqlite3.connect(samples / "current" / write.FILE)) as database:
        told = database.execute("SELECT precision, territory FROM place WHERE key = 'tiers-lieux-2019-15'").fetchone()
    assert told == ("commune", "commune-40088")
