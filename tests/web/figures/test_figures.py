"""The pictures: each with title, table, sources and licence; as SVG, CSV and page; bounded and the same each time."""

from __future__ import annotations

import csv
import io
from html import unescape
from xml.etree import ElementTree

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from clirld.web.figures.bars import Bar, lying, upright
from clirld.web.figures.layout import Line, Node, columns
from clirld.web.figures.routes import NAMES
from clirld.web.figures.svg import THEMES, Sheet, wrapped
from tests.web.test_pages import Page, get

SVG = "{http://www.w3.org/2000/svg}"
THINGS = {
    "recognitions-by-year": "",
    "initiatives-by-start-year": "",
    "initiatives-by-density": "",
    "network": "thing=initiative/atelier",
}


def table(site: str, name: str, query: str = "") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(get(site, f"/figure/{name}.csv?{query}").text)))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", THINGS)
def test_each_says_the_same_as_page_drawing_and_table(documents: str, name: str, language: str) -> None:
    query = f"lang={language}&{THINGS[name]}"
    text = get(documents, f"/figure/{name}?{query}").text
    drawing = get(documents, f"/figure/{name}.svg?{query}")
    root = ElementTree.fromstring(drawing.text)
    title = root.findtext(f"{SVG}title") or ""
    assert Page(text).language == language
    assert drawing.headers["content-language"] == language
    assert title in unescape(text)
    rows = table(documents, name, query)
    assert text.count("<tr>") == len(rows) + 1
    release = drawing.headers["clirld-release"]
    written = " ".join(one.text or "" for one in root.iter(f"{SVG}text"))
    assert release in written
    assert "Licence" in written
    assert min(float(one.get("font-size", "0")) for one in root.iter(f"{SVG}text")) >= 13
    assert f"/release/{release}/figure/{name}?{query}" in Page(text).links or THINGS[name] == ""
    assert len(text.encode()) < 50_000


@pytest.mark.parametrize("name", THINGS)
@pytest.mark.parametrize("size", ["width=340", "width=1400&theme=dark", "bare=1"])
def test_each_is_drawn_in_any_width_within_its_edges(documents: str, name: str, size: str) -> None:
    root = ElementTree.fromstring(get(documents, f"/figure/{name}.svg?{THINGS[name]}&{size}").text)
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for one in root.iter(f"{SVG}text"):
        assert 0 <= float(one.get("x", "0")) <= width
        assert 0 <= float(one.get("y", "0")) <= height


def test_recognitions_by_year_leave_no_year_out_and_none_apart(documents: str) -> None:
    rows = table(documents, "recognitions-by-year", "lang=en&recognition=ptce-laureate")
    assert [(row["year"], row["initiatives"]) for row in rows] == [
        ("2021", "1"),
        ("2022", "0"),
        ("2023", "1"),
        ("", "1"),
    ]
    (row,) = table(documents, "recognitions-by-year", "lang=en&recognition=fabrique-de-territoire")
    told = {"year": "2020", "initiatives": "1", "autres": "1", "lieux": "1"}
    assert {name: row[name] for name in told} == told
    assert "No year" in get(documents, "/figure/recognitions-by-year?lang=en&recognition=ptce-laureate").text


@pytest.mark.parametrize(("language", "release"), [("fr", "version"), ("en", "release")])
@pytest.mark.parametrize("name", THINGS)
def test_each_row_of_a_table_says_whence_it_is(documents: str, name: str, language: str, release: str) -> None:
    answer = get(documents, f"/figure/{name}.csv?lang={language}&{THINGS[name]}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows
    assert {row[release] for row in rows} == {answer.headers["clirld-release"]}
    assert all("Source lieux" in row["sources"] and row["licences"] for row in rows)
    if language == "fr":
        assert rows[0].keys() & {"year", "level", "member", "per_100000_inhabitants"} == set()


def test_an_initiative_began_in_the_earliest_year_that_sources_say(documents: str) -> None:
    rows = table(documents, "initiatives-by-start-year", "lang=en")
    assert [(row["year"], row["initiatives"]) for row in rows] == [("2014", "1"), ("", "6")]


def test_density_is_for_inhabitants_and_not_merely_counted(documents: str) -> None:
    rows = table(documents, "initiatives-by-density", "lang=en")
    columns = ("initiatives", "inhabitants", "per_100000_inhabitants", "communes_with_one")
    told = [tuple(row[name] for name in columns) for row in rows]
    assert told == [("1", "500", "200.0", "1"), ("2", "3000", "66.667", "2"), ("4", "", "", "")]
    assert rows[-1]["level"] == "no commune known, or several"
    (small, rural, *_) = table(documents, "initiatives-by-density", "lang=en&kind=other")
    assert (small["initiatives"], rural["initiatives"]) == ("1", "0")


@pytest.mark.parametrize("bare", ["", "&bare=1"])
def test_what_is_in_no_bar_is_told_beside_them(documents: str, bare: str) -> None:
    drawing = get(documents, f"/figure/initiatives-by-density.svg?lang=en&width=1400{bare}").text
    assert "4 of 7 initiatives have no commune that is known" in drawing
    placed = get(documents, "/figure/initiatives-by-density.svg?lang=en&density=rural-town&width=1400").text
    assert "no commune that is known" not in placed
    assert "A zero does not say" not in placed


def test_a_network_has_who_takes_part_from_both_sides(documents: str) -> None:
    (row,) = table(documents, "network", "thing=initiative/atelier&lang=en")
    told = {"member": "Ville du Val", "public": "yes", "role": "facilitator", "source": "Source lieux",
            "other_initiative": ""}  # fmt: skip
    assert {name: row[name] for name in told} == told
    (row,) = table(documents, "network", "thing=organization/ville&lang=en")
    assert row["initiative"] == "L'atelier <b>"
    drawing = get(documents, "/figure/network.svg?thing=initiative/atelier&lang=en").text
    assert "square: public actor" in drawing
    assert "<b>" not in drawing
    assert "No source says who" in get(documents, "/figure/network?lang=en&thing=initiative/a.ttl").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/figure/nothing", 404), ("/figure/network", 404), ("/figure/network?thing=initiative/none", 404),
        ("/figure/network?thing=territory/commune-1", 404), ("/figure/network?thing=%3Cb%3E", 404),
        ("/figure/recognitions-by-year?recognition=none", 400), ("/figure/network.png?thing=initiative/atelier", 404),
        ("/figure/source-quality?source=none", 404), ("/figure/initiatives-by-density.svg?width=1", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(documents: str, address: str, status: int) -> None:
    answer = requests.get(documents + address, headers={"accept": "text/html"}, timeout=20)
    assert answer.status_code == status
    assert "<b>" not in answer.text.replace("L'atelier <b>", "")


def test_the_index_leads_to_all_of_them(documents: str) -> None:
    links = Page(get(documents, "/figure/?lang=en").text).links
    for name in NAMES:
        assert name == "network" or any(link.startswith(f"/figure/{name}?") for link in links), name


def sheet(width: int = 720) -> Sheet:
    return Sheet("title", "description", "en", THEMES["light"], width)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=30), st.floats(0, 1e6)), max_size=30), st.integers(340, 1400))
def test_bars_stay_on_the_sheet(told: list[tuple[str, float]], width: int) -> None:
    for draw in (upright, lying):
        page = sheet(width)
        draw(page, [Bar(label, value, f"{value:.0f}") for label, value in told])
        for part in page.parts:
            root = ElementTree.fromstring("".join(one for one in part if one.isprintable()))
            if root.tag == "rect":
                assert float(root.get("x", "0")) + float(root.get("width", "0")) <= width + 0.1
                assert float(root.get("height", "0")) >= 0


@given(st.integers(0, 24), st.integers(0, 24), st.integers(340, 1400))
def test_a_network_is_laid_out_the_same_each_time(near: int, far: int, width: int) -> None:
    nodes = [[Node(f"{k}{n}", f"Name {n} " * (n % 5 + 1), "circle") for n in range(size)] for k, size in
             (("a", 1), ("b", near), ("c", far))]  # fmt: skip
    lines = [Line("a0", f"b{n}") for n in range(near)] + [Line(f"b{n % near}", f"c{n}") for n in range(far) if near]
    drawn = []
    for _ in range(2):
        page = sheet(width)
        columns(page, (nodes[0], nodes[1], nodes[2]), lines, ("s", "c", "d"))
        drawn.append(page.document())
    assert drawn[0] == drawn[1]
    ElementTree.fromstring(drawn[0])


@given(st.text(max_size=200), st.integers(10, 900))
def test_text_is_cut_between_words_and_never_within(words: str, width: int) -> None:
    assert " ".join(wrapped(words, width, 14)).split(" ") == [
        one for one in words.split(" ") if one
    ] or not words.strip(" ")
