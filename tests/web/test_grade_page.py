"""The page of the grade: points, what to do, which datasets lose them, and what it was in the releases before."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.web.served import make_release, serving
from tests.web.test_pages import Page, get

GRADE = """method,indicator,about,points,of,detail
mqa,keywordAvailability,lieux,0.0,30,
mqa,keywordAvailability,autre,30.0,30,
mqa,publisherAvailability,lieux,10.0,10,
links,own-iris,,99.5,100,199/200 https://w3id.org/clirld/id/initiative/gone
"""
OVER_TIME = """release,created,method,points,of
r1,2026-11-01T00:00:00+00:00,mqa,162.4,405
r2,2026-11-24T00:00:00+00:00,mqa,397.2,405
r2,2026-11-24T00:00:00+00:00,fair,17.7,19.5
r2,2026-11-24T00:00:00+00:00,links,many,100
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    folder = make_release(data)
    (folder / "quality").mkdir()
    (folder / "quality" / "grade.csv").write_text(GRADE, encoding="utf-8")
    (folder / "quality" / "grade-over-time.csv").write_text(OVER_TIME, encoding="utf-8")
    return data


def test_what_is_lost_is_told_with_what_to_do(graded: Path) -> None:
    with serving(graded) as site:
        french, english = (get(site, f"/grade?lang={language}").text for language in ("fr", "en"))
        assert (Page(french).language, Page(english).language) == ("fr", "en")
        assert "25 sur 40 (mauvais)" in french
        assert "25 of 40 (bad)" in english
        assert "→ mettre keywords, en français et en anglais, dans la fiche de la source" in french
        assert "perdu par lieux" in french
        assert "lost by lieux" in english
        assert "199/200 https://w3id.org/clirld/id/initiative/gone" in english
        assert "nommer le producteur" not in french  # nothing is to be done
        for text in (french, english):
            assert "<script" not in text
            assert "style=" not in text
            plots = [
                ElementTree.fromstring(one) for one in re.findall(r'<svg[^>]*role="img".*?</svg>', text, re.DOTALL)
            ]
            assert [len(plot.findall("circle")) for plot in plots] == [2]  # links are “many” there, so unknown
        assert "98,1\u00a0%" in french
        assert "/release/quality/grade.csv" in Page(french).links
        assert "/grade?lang=fr" in Page(get(site, "/quality?lang=fr").text).links


def test_a_release_that_does_not_grade_itself(tmp_path: Path) -> None:
    make_release(tmp_path)
    with serving(tmp_path) as site:
        assert "does not grade itself" in get(site, "/grade?lang=en").text


def test_a_grade_that_is_damaged(tmp_path: Path) -> None:
    folder = make_release(tmp_path)
    (folder / "quality").mkdir()
    (folder / "quality" / "grade.csv").write_text("method,indicator\nmqa,keywordAvailability\n", encoding="utf-8")
    with serving(tmp_path) as site:
        answer = get(site, "/grade?lang=en")
        assert answer.status_code == 503
        assert "Traceback" not in answer.text


def test_without_a_release_there_is_no_grade(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        assert get(site, "/grade").status_code == 503
