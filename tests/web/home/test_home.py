"""The home page: what it proposes finds something, and what is new is that of the release."""

from __future__ import annotations

from pathlib import Path

import requests
from pyoxigraph import Store

from clirld.settings import BASE
from clirld.web.changes.classes import Count
from clirld.web.documents.naming import Naming
from clirld.web.home.beginnings import NONE, beginnings
from clirld.web.home.news import news
from tests.web.test_pages import BROWSER, Page

ONTOLOGY = f"{BASE}ontology#"


def test_what_is_proposed_finds_something(documents: str) -> None:
    text = requests.get(documents, headers=BROWSER, timeout=60).text
    links = [link for link in Page(text).links if link.startswith("/search?")]
    assert "/search?type=initiative&lang=fr" in links
    for link in links:
        answer = requests.get(documents + link, headers=BROWSER, timeout=60)
        assert (answer.status_code, answer.headers["clirld-hits"] == "0") == (200, False), link


def test_numbers_say_what_they_count(sampled: str) -> None:
    text = requests.get(f"{sampled}/?lang=en", headers=BROWSER, timeout=60).text
    assert "one place may be told twice" in text
    assert "a kind also counts its narrower kinds" in text
    for anchor in ("candidates", "release"):
        assert f'href="#{anchor}"' in text
        assert f'id="{anchor}"' in text


def test_a_release_without_an_index_has_a_page_too(tmp_path: Path) -> None:
    assert beginnings(tmp_path, tmp_path / "store", "fr") == NONE


def test_what_is_new_is_told_by_source_with_its_date() -> None:
    naming = Naming(Store(), "fr")
    manifest = {"sources": [{"id": "ptce", "retrieved": "2026-11-02T08:00:00Z"}, {"id": "lieux"}]}
    rows = [
        {"graph": "ptce", "class": f"{ONTOLOGY}Initiative", "added": 3, "removed": 1, "changed": 0},
        {"graph": "ptce", "class": f"{ONTOLOGY}Need", "added": 0, "removed": 0, "changed": 0},
        {"graph": "ptce", "class": "", "added": 9, "removed": 9, "changed": 9},
    ]
    counts = {"added": 1, "removed": 0}
    summary = {
        "from": {"id": "r0", "created": "2026-10-01T00:00:00+00:00"},
        "classes": rows,
        "quads": {"lieux": counts, "ptce": counts, "catalog": counts, "accounting-open": counts},
        "withheld": False,
    }
    told = news(summary, manifest, naming)
    assert told is not None
    assert told.since is not None
    assert told.since.month == 10
    assert [one.iri for one in told.sources] == [f"{BASE}graph/ptce", f"{BASE}graph/lieux"]
    assert told.sources[0].changes == [Count(f"{ONTOLOGY}Initiative", "Ontology#Initiative", 3, 1, 0)]
    assert told.sources[0].retrieved is not None
    assert told.sources[1].changes == []
    assert not any(one.is_read_again for one in told.sources)
    read_again = {"graph": "lieux", "class": f"{ONTOLOGY}SourceRecord", "added": 0, "removed": 0, "changed": 900}
    told = news({**summary, "classes": [*rows, read_again]}, manifest, naming)
    assert told is not None
    assert [(one.changes == [], one.is_read_again) for one in told.sources] == [(False, False), (True, True)]
    withheld = news({**summary, "withheld": True}, manifest, naming)
    assert withheld is not None
    assert not withheld.is_told
    assert withheld.sources == []
    first = news({"from": None}, manifest, naming)
    assert first is not None
    assert first.since is None
    assert news(None, manifest, naming) is None
