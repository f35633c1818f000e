"""The year of a call: where the name of a recognition has one, what has no year counts there, and is told."""

from __future__ import annotations

import html
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from clirld.release.maps.write import FILE
from clirld.settings import BASE
from clirld.web import pages
from clirld.web.documents.initiatives.call_years import call_year
from clirld.web.figures import years
from clirld.web.figures.picture import Picture
from clirld.web.figures.svg import THEMES, WIDE, Sheet
from clirld.web.maps.asked import Asked
from clirld.web.release import ServedRelease
from tests.web.maps import sample

BROADER = NamedNode("http://www.w3.org/2004/02/skos/core#broader")
Row = tuple[str, str, str | None, str]
GRAPH = NamedNode(f"{BASE}graph/vocabulary")


@pytest.mark.parametrize(
    ("label", "year"),
    [
        ("lauréat de l'appel à projets PTCE 2013", "2013"), ("selected in the 2013 call for PTCE projects", "2013"),
        ("AMI PTCE 2022", "2022"), ("AMI PTCE émergents, phase 2", ""), ("appel 2013-2014", ""),
        ("appel 2013, 2014", ""), ("loi n° 120135", ""), ("les 1000 lieux", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_year_is_of_a_call_where_its_name_has_one_alone(label: str, year: str) -> None:
    assert call_year(label) == year


@given(st.text(), st.integers(1900, 2099))
def test_a_year_is_never_made_up(label: str, year: int) -> None:
    assert call_year(label) in {"", *(label[n : n + 4] for n in range(len(label)))}
    assert call_year(f"AMI {year}") == str(year)


def _drawn(folder: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str, str | None, str]]) -> Picture:
    monkeypatch.setattr(sample, "RECOGNITIONS", rows)
    sample.write_map(folder)
    store = Store(str(folder / "store"))
    for name in ("ami-ptce-2022", "ami-ptce-2023", "ami-ptce-emergent-phase-2"):
        concept = f"{BASE}concept/recognition/"
        store.add(Quad(NamedNode(concept + name), BROADER, NamedNode(f"{concept}ptce-laureate"), GRAPH))
    store.flush()
    del store
    release = cast(ServedRelease, SimpleNamespace(store=folder / "store", manifest={}))
    view = Asked((("recognition", "ptce-laureate"),), language="fr")
    with sqlite3.connect(folder / FILE) as database:
        return years.recognitions(release, database, view, pages.words("clirld.web.figures", "fr"))


def _picture(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[str, str, str | None, str]]
) -> list[object]:
    picture = _drawn(folder, monkeypatch, rows)
    names = [one.name for one in picture.columns]
    return [dict(zip(names, row, strict=True)) for row in picture.rows]


@pytest.mark.parametrize("year", [None, "2022"])
def test_what_has_no_year_counts_in_that_of_its_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: str | None
) -> None:
    rows = [("pole", "ami-ptce-2022", year, "lieux"), ("porte", "ami-ptce-2022", "2023", "lieux")]
    first, second = _picture(tmp_path, monkeypatch, rows)
    of_call = {} if year else {"year_of_call": 1}
    assert first == {"year": "2022", "initiatives": 1, "lieux": 1, **of_call}
    assert second == {"year": "2023", "initiatives": 1, "lieux": 1, **dict.fromkeys(of_call, 0)}


def test_what_has_neither_stays_without_a_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ("pole", "ami-ptce-emergent-phase-2", None, "lieux"),
        ("pole", "ami-ptce-2022", None, "lieux"),
        ("nulle-part", "ptce-laureate", None, "lieux"),
    ]
    first, last = _picture(tmp_path, monkeypatch, rows)
    assert first == {"year": "2022", "initiatives": 1, "year_of_call": 1, "lieux": 1}
    assert last == {"year": None, "initiatives": 2, "year_of_call": 0, "lieux": 2}


@pytest.mark.parametrize("year", [None, "2022"])
def test_a_drawing_tells_years_of_a_call_from_those_of_a_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, year: str | None
) -> None:
    rows = [("pole", "ami-ptce-2022", year, "lieux"), ("porte", "ami-ptce-2022", "2022", "lieux")]
    picture = _drawn(tmp_path, monkeypatch, rows)
    sheet = Sheet("", "", "fr", THEMES["light"], WIDE)
    picture.draw(sheet)
    drawing, lighter = "".join(sheet.parts), f'fill="{THEMES["light"].paper}"'
    assert (drawing.count(lighter) == 2) is (year is None)  # half of the bar, and the key
    assert ("année de l'appel" in html.unescape(drawing)) is (year is None)
    assert ("(dont à l'année de l'appel 1)" in picture.description) is (year is None)
