"""Citations: written in three formats, read from each, refused when damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.errors import DataError
from clirld.release import citation
from clirld.release.citation import FORMATS, OWN_LICENCE, Question, cite, licences, read
from clirld.settings import BASE

ODBL, LO = "https://opendatacommons.org/licenses/odbl/", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
MANIFEST: dict[str, Any] = {
    "created": "2026-11-24T10:15:30+00:00",
    "version": "3f9a1c2b55",
    "sources": [
        {"id": "ptce", "license": {"iri": LO, "title": {"fr": "Licence Ouverte & libre", "en": "Open Licence"}}},
        {"id": "osm", "license": {"iri": ODBL, "title": {"fr": "ODbL", "en": "ODbL"}}},
        {"id": "bare"},
    ],
}
RELEASE = "20261124T101530Z-3f9a1c2b"
QUERY = 'SELECT ?é { ?s ?p "}\\"{ <a> & 100 % #_" } # fin'
DIGEST = {"rows": 12, "sha256": "ab" * 32}


def example(query: str = QUERY, **given: Any) -> citation.Citation:
    return replace(cite(MANIFEST, RELEASE, Question(query), DIGEST, None), **given)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("media", FORMATS.values())
def test_what_is_written_is_read(media: str, language: citation.Language) -> None:
    question = Question(QUERY, ("http://example.org/g",), ())
    text = example(question=question).write(media, language)
    assert read(text, "x") == citation.Cited(RELEASE, Question(QUERY, ("http://example.org/g",)), "ab" * 32)
    for said in ("2026", RELEASE, "ab" * 32, ODBL, LO, BASE):
        assert said in text


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(sorted(FORMATS.values())))
def test_any_query_is_read_again(query: str, media: str) -> None:
    query = query.rstrip(".")  # a full stop is that of the sentence that the address ends; no query ends in one
    assert read(example(question=Question(query)).write(media, "fr"), "x").question.query == query


def test_csl_is_that_of_csl() -> None:
    (item,) = json.loads(example().write(citation.CSL, "en"))
    assert item["type"] == "dataset"
    assert item["issued"] == {"date-parts": [[2026, 11, 24]]}
    assert item["version"] == RELEASE
    assert item["custom"]["query"] == QUERY
    assert item["custom"]["version"] == "3f9a1c2b55"
    assert item["custom"]["licences"].keys() == {LO, ODBL, OWN_LICENCE}
    assert item["URL"] == item["URL"].strip()
    assert "issued" not in json.loads(example(created=None).write(citation.CSL, "en"))[0]


@pytest.mark.parametrize("media", FORMATS.values())
def test_an_answer_of_samples_says_so(media: str) -> None:
    samples = {**MANIFEST, "sources": [{"id": "ptce", "sample": True}, {"id": "osm", "sample": False}]}
    assert "sample data, invented" in cite(samples, RELEASE, Question(QUERY), DIGEST, None).write(media, "en")
    assert "invented" not in example().write(media, "en")


def test_bibtex_has_its_signs_escaped() -> None:
    text = example().write(citation.BIBTEX, "fr")
    assert "Licence Ouverte \\& libre" in text
    assert text.count("{") == text.count("}")
    assert text.startswith(f"@misc{{clirld-{RELEASE}-abababab,\n")


def test_the_text_in_french_and_in_english() -> None:
    french, english = (example().write(citation.TEXT, language) for language in ("fr", "en"))
    assert "version 20261124T101530Z-3f9a1c2b. Réponse à une requête SPARQL, 12 lignes, sha256:abab" in french
    assert "release 20261124T101530Z-3f9a1c2b. Answer to a SPARQL query, 12 rows, sha256:abab" in english
    assert "1 ligne," in example(rows=1).write(citation.TEXT, "fr")
    assert "0 ligne," in example(rows=0).write(citation.TEXT, "fr")
    assert "SPARQL query, sha256" in example(rows=None).write(citation.TEXT, "en")


@pytest.mark.parametrize(
    ("graphs", "iris"),
    [
        (None, {LO, ODBL, OWN_LICENCE}),
        ([], set()),
        (["ptce"], {LO}),
        (["ptce", "osm"], {LO, ODBL}),
        (["catalog"], {OWN_LICENCE}),
        (["ontology", "osm"], {OWN_LICENCE, ODBL}),
        (["derived"], {LO, ODBL, OWN_LICENCE}),
        (["bare"], set()),
        (["nowhere"], set()),
    ],
)
def test_licences_are_those_of_the_graphs(graphs: list[str] | None, iris: set[str]) -> None:
    named = None if graphs is None else [f"{BASE}graph/{name}" for name in graphs]
    assert licences(MANIFEST, named).keys() == iris


def test_a_release_that_says_nothing_of_itself() -> None:
    assert licences({}, None).keys() == {OWN_LICENCE}
    assert cite({}, "2", Question("ASK {}"), {"rows": None, "sha256": "0"}, []).created is None


GOOD = example("ASK {}").write(citation.TEXT, "en")


@pytest.mark.parametrize(
    "text",
    [
        "", "no citation", GOOD.replace("sha256:", "sha:"), GOOD.replace("abab", "ab ab"),
        GOOD.replace("/release/", "/releases/"), GOOD.replace("query=", "quer="), GOOD.replace("sparql?", "sparql? "),
        GOOD.replace("query=", "query=ASK&query="), GOOD.replace("/release/2", "/release/../2"), GOOD[: len(GOOD) // 2],
    ],
)  # fmt: skip
def test_what_is_damaged_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="citation") as raised:
        read(text, "cited.txt")
    assert raised.value.where == "cited.txt"
    assert "clirld cite" in raised.value.do


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(DataError):
        read(text, "x")
