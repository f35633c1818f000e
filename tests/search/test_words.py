"""Words: what is written alike is one word, and no question is an expression of its own."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.search.words import MAX_WORDS, expression, facet, key, words


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["Saint-Étienne", "SAINT ETIENNE", "St-Étienne", "st. etienne", "Saint–E\u0301tienne"], "saint etienne"),
        (["Sainte-Croix", "Ste Croix"], "sainte croix"),
        (["L'Atelier", "l’atelier", "Atelier", "L`ATELIER", "Lʼatelier"], "atelier"),
        (["Main-d'œuvre", "main d’oeuvre", "MAIN D'ŒUVRE"], "main oeuvre"),
        (["qu'il lorsqu’on", "il on"], "il on"),
        (["aujourd'hui", "aujourd hui"], "aujourd hui"),
        (["Straße", "STRASSE"], "strasse"),
        (["Łódź", "lodz"], "lodz"),
        (["ﬁlière n° 2²", "filière n 22"], "filiere n 22"),
        (["2A004", "2a004"], "2a004"),
        (["a_b", "a b", "  a\u00a0b\n"], "a b"),
        (["Ελλάδα", "ελλαδα"], "ελλαδα"),
    ],
)
def test_what_is_written_alike_is_the_same(texts: list[str], found: str) -> None:
    assert {key(text) for text in texts} == {found}


def test_start_is_no_saint() -> None:
    assert key("Start") == "start"
    assert key("nest") == "nest"


def test_signs_are_a_word_where_there_is_no_other() -> None:
    assert len(words("★ ☕")) == 1
    assert words("★ ☕") == words("★☕")
    assert words("★") != words("☆")
    assert words("★ lieu") == ["lieu"]
    assert words(" \n") == []


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("fablab bois", '"fablab" AND "bois"*'),
        ("L'Atelier", '"atelier"*'),
        ('"tiers lieu" rural', '"tiers lieu" AND "rural"*'),
        ("rural «\xa0tiers lieu\xa0»", '"rural" AND "tiers lieu"'),
        ("“a b” “c”", '"a b" AND "c"'),
        ('lieu "ouvert', '"lieu" AND "ouvert"*'),
        (
            "a OR b* NEAR(c, 2) -d label:e",
            '"a" AND "or" AND "b" AND "near" AND "c" AND "2" AND "d" AND "label" AND "e"*',
        ),
        ("st", '("saint"* OR "st"*)'),
        ("st etienne", '"saint" AND "etienne"*'),
        ("552 100 554", '(("552" AND "100" AND "554"*) OR "552100554"*)'),
        ("552.100.554 00012", '(("552" AND "100" AND "554" AND "00012"*) OR "55210055400012"*)'),
        ("39 300", '"39" AND "300"*'),
        ("", ""),
        (' "" \x00', None),
    ],
)
def test_a_question_is_words(question: str, asked: str | None) -> None:
    said = expression(question)
    assert said == asked if asked is not None else "\ue002" in said


def test_only_so_many_words_count_and_the_last_of_them_is_whole() -> None:
    asked = expression(" ".join(f"w{n}" for n in range(MAX_WORDS + 1)))
    assert asked.count(" AND ") == MAX_WORDS - 1
    assert "*" not in asked
    quoted = expression('"' + " ".join(f"w{n}" for n in range(MAX_WORDS + 5)) + '" more')
    assert quoted.count("w") == MAX_WORDS
    assert "more" not in quoted
    assert expression(" ".join(f"w{n}" for n in range(MAX_WORDS))).endswith("*")


def test_facets_are_one_word() -> None:
    assert facet("territory/commune-2A004") == facet("territory/commune-2a004")
    assert facet("territory/commune-2A004").isprintable() is False
    assert facet("territory/a-b") != facet("territory/ab")


@pytest.fixture(scope="module")
def table() -> sqlite3.Connection:
    opened = sqlite3.connect(":memory:")
    opened.execute("CREATE VIRTUAL TABLE text USING fts5(label, tokenize='unicode61 remove_diacritics 2')")
    return opened


anything = st.one_of(
    st.text(st.characters(exclude_categories=[])),
    st.lists(st.sampled_from(['"', "«", "»", "AND", "*", "NEAR(", "a", "st", "\x00", "l'", "☕", "-", "1", "^"])).map(
        " ".join
    ),
)


@given(anything)
def test_fts5_takes_whatever_is_asked(table: sqlite3.Connection, question: str) -> None:
    if asked := expression(question):
        assert table.execute("SELECT count(*) FROM text WHERE text MATCH ?", [asked]).fetchone() == (0,)


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    found = words(text)
    if not found or not found[0].startswith("\ue002"):
        assert words(" ".join(found)) == found
