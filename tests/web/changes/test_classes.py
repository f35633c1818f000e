"""Counts of changes by class: in words for every class that a source has, in both languages, and none of them lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from clirld.query.failure import Language
from clirld.settings import BASE
from clirld.web.changes.classes import RECORD, counts
from clirld.web.documents.naming import Naming

CLASSES = [f"{BASE}ontology#Initiative", RECORD, "http://www.w3.org/2004/02/skos/core#Concept", "http://e.org/A", ""]
NUMBERS = st.integers(0, 5)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"class": st.sampled_from(CLASSES), "added": NUMBERS, "removed": NUMBERS, "changed": NUMBERS}
    ),
    max_size=8,
)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_class_of_every_source_is_told_in_words(samples: Path, language: Language) -> None:
    release = (samples / "current").resolve()
    naming = Naming(Store.read_only(str(release / "store")), language)
    sources = [one["id"] for one in json.loads((release / "manifest.json").read_text("utf-8"))["sources"]]
    classes = {
        one
        for name in (*sources, "ontology", "concepts", "catalog")
        for one in json.loads((release / "pieces" / name / "counts.json").read_text("utf-8"))["classes"]
    }
    assert len(classes) > 20
    for one in classes:
        for told in counts([{"class": one, "added": 1, "removed": 0, "changed": 0}], naming):
            assert told.name[0].isupper()
            assert not set(told.name) & set(":/#_"), told.name


@given(ROWS)
def test_no_change_is_lost(rows: list[dict[str, object]]) -> None:
    told = counts(rows, Naming(Store(), "en"))
    for name in ("added", "removed", "changed"):
        assert sum(getattr(one, name) for one in told) == sum(int(str(row[name])) for row in rows)
    assert all(one.count for one in told)
