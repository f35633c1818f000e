"""The pages of quality: figures of all sources, plots of one over the releases with the figures beside them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.web import quality
from tests.web.served import make_release, serving
from tests.web.test_pages import Page, get

OVER_TIME = """release,created,source,measure,about,count,of,share
r1,2026-11-01T00:00:00+00:00,lieux,rows,published,8,10,0.8
r1,2026-11-01T00:00:00+00:00,lieux,rows,held,1,10,0.1
r1,2026-11-01T00:00:00+00:00,lieux,completeness,findable,4,8,0.5
r1,2026-11-01T00:00:00+00:00,lieux,completeness,cooperation,2,8,0.25
r1,2026-11-01T00:00:00+00:00,lieux,age,retrieved,1400,,
{id},2026-11-24T00:00:00+00:00,lieux,rows,published,9,10,0.9
{id},2026-11-24T00:00:00+00:00,lieux,age,retrieved,3,,
"""
MEASURES = """release,created,source,measure,about,count,of,share
{id},2026-11-24T00:00:00+00:00,lieux,results,InitiativeLabelCase,2,10,0.2
{id},2026-11-24T00:00:00+00:00,lieux,filled,initiative.name,9,9,1.0
{id},2026-11-24T00:00:00+00:00,lieux,filled,initiative.homepage,0,9,0.0
{id},2026-11-24T00:00:00+00:00,autre,filled,initiative.phase,1,1,1.0
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that says how good its one source was in two releases."""
    data = tmp_path_factory.mktemp("data")
    folder = make_release(data)
    (folder / "quality").mkdir()
    name = _id(folder)
    (folder / "quality" / "over-time.csv").write_text(OVER_TIME.format(id=name), encoding="utf-8")
    (folder / "quality" / "measures.csv").write_text(MEASURES.format(id=name), encoding="utf-8")
    return data


def _id(folder: Path) -> str:
    found = re.search(r'"id": *"([^"]+)"', (folder / "manifest.json").read_text(encoding="utf-8"))
    return found[1] if found else folder.name


def test_all_sources_with_their_figures_of_now(release: Path) -> None:
    with serving(release) as site:
        text = get(site, "/quality?lang=en").text
        page = Page(text)
        assert page.language == "en"
        assert "/quality/lieux?lang=en" in page.links
        assert "90%" in text
        assert "Days since retrieval" in text
        assert "not known" in text
        assert "80%" not in text
        assert "/quality?lang=fr" in Page(get(site, "/?lang=fr").text).links


def test_a_source_over_the_releases(release: Path) -> None:
    with serving(release) as site:
        french = get(site, "/quality/lieux").text
        assert Page(french).language == "fr"
        for cell in (
            "80\u00a0%",
            "90\u00a0%",
            "75\u00a0%",
            "1\u202f400",
            "initiative.name",
            "InitiativeLabelCase",
            "Le nom est écrit tout en capitales.",
        ):
            assert cell in french, cell
        for other in ("initiative.homepage", "initiative.phase", "<script", "style="):
            assert other not in french, other
        assert "/release/quality/measures.csv" in Page(french).links
        assert get(site, "/release/quality/measures.csv").text.startswith("release,")
        plots = [ElementTree.fromstring(one) for one in re.findall(r'<svg[^>]*role="img".*?</svg>', french, re.DOTALL)]
        assert [len(plot.findall("circle")) for plot in plots] == [2, 1, 1, 2]
        assert all(plot.get("role") == "img" and plot.get("aria-label") for plot in plots)
        assert get(site, "/quality/nothing").status_code == 404


def test_a_release_that_says_nothing_of_quality(tmp_path: Path) -> None:
    make_release(tmp_path)
    with serving(tmp_path) as site:
        assert get(site, "/quality").status_code == 200
        assert "says nothing of its quality" in get(site, "/quality/lieux?lang=en").text


def test_without_a_release_there_is_no_quality(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        assert get(site, "/quality").status_code == 503
        assert get(site, "/quality/lieux").status_code == 503


@given(st.lists(st.none() | st.floats(0, 1), max_size=30), st.booleans())
def test_a_plot_stays_within_its_frame(values: list[float | None], is_share: bool) -> None:
    plot = quality.plot(values, is_share=is_share)
    known = [value for value in values if value is not None]
    assert (plot["count"], plot["first"], plot["last"]) == (
        len(known),
        known[0] if known else None,
        known[-1] if known else None,
    )
    assert len(plot["dots"]) == len(known)
    for x, y in plot["dots"]:
        assert quality.MARGIN <= x <= quality.WIDTH - quality.MARGIN
        assert quality.MARGIN <= y <= quality.HEIGHT - quality.MARGIN
    assert [x for x, _y in plot["dots"]] == sorted({x for x, _y in plot["dots"]})
