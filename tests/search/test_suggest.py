"""Suggestions: a word that is mistyped, as the index has it; only what finds something."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.search import find as module
from clirld.search.find import find
from clirld.search.suggest import suggestion
from clirld.settings import BASE
from tests.search.test_find import LONG
from tests.search.test_index import index_of, quads

THING = f"{BASE}id/initiative"
THINGS = f"""
<{THING}/a> a clir:Initiative ; rdfs:label "La Recyclerie de l'Étang"@fr ; dct:identifier "552100554" .
<{THING}/b> a clir:Initiative ; rdfs:label "Coopérative du Bourg"@fr ; dct:description "Un local partagé."@fr .
<{THING}/c> a clir:Initiative ; rdfs:label "Le Bourg"@fr .
<{THING}/d> a clir:Initiative ; rdfs:label "Le Bouge"@fr .
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_of(tmp_path_factory.mktemp("index"), quads(THINGS))


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("recyclrie", "recyclerie"),  # left out
        ("recylcerie", "recyclerie"),  # swapped
        ("recycclerie", "recyclerie"),  # added
        ("Recyclarie", "recyclerie"),  # changed
        ("rcyclreie", "recyclerie"),  # two in a long word
        ("cooperatvie", "coopérative"),  # with its accents
        ("recyclrie de l'etangg", "recyclerie de l'étang"),
        ("bourgg", "bourg"),
        ("boure", "bourg"),  # of two that are as near, the one that more things have
        ('"recyclrie" !', '"recyclerie" !'),
        ("coopérativve local", "coopérative local"),
    ],
)
def test_one_letter_or_two_may_be_wrong(index: Path, question: str, meant: str) -> None:
    assert suggestion(index, question) == meant


@pytest.mark.parametrize(
    "question",
    [
        *("recyclerie bourg", "recyclerie", "xyzzy", "loc", "552100553", "39300", "", "★", "becyclerie", "recycl"),
        "recyclrie bourg",  # each word is there, but in no thing both
        "recyclrie xyzzy",
        "abcde bcdef cdefg defgh",
    ],
)
def test_nothing_is_proposed_that_would_find_nothing_or_is_right(index: Path, question: str) -> None:
    assert suggestion(index, question) is None


def test_what_is_proposed_is_found_where_it_was_looked_for(index: Path) -> None:
    assert suggestion(index, "recyclrie", kind="initiative") == "recyclerie"
    assert suggestion(index, "recyclrie", kind="organization") is None
    assert suggestion(index, "recyclrie", territory="commune-39300") is None


@pytest.mark.parametrize("question", LONG)
def test_any_question_is_read(index: Path, question: str) -> None:
    assert suggestion(index, question) is None


@given(st.lists(st.sampled_from([*"abcdeéolrst '\"-", "recycl", "coop", "bourg"]), max_size=12).map("".join))
def test_what_is_proposed_finds_something(index: Path, question: str) -> None:
    if not find(index, question).found and (meant := suggestion(index, question)):
        assert find(index, meant).found
        assert meant != question


def test_nothing_is_proposed_where_it_takes_too_long(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", -1.0)
    monkeypatch.setattr(module, "_STEPS", 1)
    assert suggestion(index, "recyclrie") is None


def test_what_is_no_index_is_an_error_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "search.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        suggestion(tmp_path / "search.sqlite", "abcde")
