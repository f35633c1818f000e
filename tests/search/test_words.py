"""Words: what is written alike is one word, and no question is an expression of its own."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.search.words import (
    MAX_WORDS,
    expression,
    facet,
    key,
    keys,
    number_free,
    singular,
    without_article,
    without_last_links,
    words,
)


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
        ("fab bus", '"fab" AND "bus"*'),
        ("fabla bois", '("fabla" OR "\ue003fabla") AND ("bois"* OR "\ue003bois")'),
        (
            "local locaux",
            '("local" OR "\ue003local") AND ("locaux"* OR "\ue003local" OR'
            ' {label name} : ("lo caux" OR "loc aux" OR "loca ux"))',
        ),
        ("co-op", '("co" OR "coop") AND ("op"* OR "coop")'),
        ('"tiers lieux" ru', '"tiers lieux" AND "ru"*'),
        ("rue «\xa0tiers lieu\xa0»", '"rue" AND "tiers lieu"'),
        ("“a b” “c”", '"a b" AND "c"'),
        ('cas "ouv', '"cas" AND "ouv"*'),
        (
            "a OR b* NOT(c, 2) -d all:e",
            '"a" AND "or" AND "b" AND "not" AND "c" AND "2" AND "d" AND "all" AND "e"',
        ),
        ("st", '("saint"* OR "st"* OR "\ue003saint")'),
        ("st yon", '("saint" OR "\ue003saint") AND "yon"*'),
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


PLURALS = {
    "recyclerie": "recycleries", "cooperative": "cooperatives", "local": "locaux", "social": "sociaux", "lieu": "lieux",
    "pole": "poles", "reseau": "reseaux", "bureau": "bureaux", "caillou": "cailloux", "workshop": "workshops",
    "festival": "festivals", "canal": "canaux",
}  # fmt: skip


@pytest.mark.parametrize(("one", "many"), PLURALS.items())
def test_singular_and_plural_are_the_same_without_their_number(one: str, many: str) -> None:
    assert singular(one) == singular(many) == one
    assert number_free([one]) == number_free([many])


WHOLE = [
    "sas", "cas", "bus", "mars", "prix", "jeux", "index", "croix", "process", "39300", "552100554", "w751234567s",
    "2as45", "ελλαδας", "e1",
]  # fmt: skip


@pytest.mark.parametrize("word", WHOLE)
def test_numbers_codes_short_words_and_those_without_a_plural_stay(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize("word", ["sas", "cas", "bus", "39300", "2as45", "★"])
def test_short_words_and_codes_have_one_form_only(word: str) -> None:
    assert number_free([word]) == []
    assert " OR " not in expression(word)


letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4)


@given(letters)
def test_whatever_the_word_its_plural_finds_it(word: str) -> None:
    if word.endswith(("s", "x", "eal")):  # « idéaux » is written as « beaux » is once its accent is folded
        return
    assert singular(word) == word
    mark = "x" if word.endswith(("eu", "eau", "ou")) else "s"
    plural = f"{word[:-2]}aux" if word.endswith("al") else word + mark
    assert singular(plural) == word
    assert number_free([plural]) == number_free([word]) != []


@given(st.text())
def test_what_is_left_of_a_word_begins_it(word: str) -> None:
    left = singular(word)
    assert word.startswith(left) or (word.endswith("aux") and left == f"{word[:-2]}l")
    assert len(word) - len(left) <= 1
    assert singular(word) == word or word.isascii()


def test_facets_are_one_word() -> None:
    assert facet("territory/commune-2A004") == facet("territory/commune-2a004")
    assert facet("territory/commune-2A004").isprintable() is False
    assert facet("territory/a-b") != facet("territory/ab")


@pytest.fixture(scope="module")
def table() -> sqlite3.Connection:
    opened = sqlite3.connect(":memory:")
    opened.execute("CREATE VIRTUAL TABLE text USING fts5(label, name, tokenize='unicode61 remove_diacritics 2')")
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


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("tiers lieux de", "tiers lieux"),
        ("ateliers dans la", "ateliers"),
        ("Fab d\u2019", "Fab"),
        ("de la", ""),
        ("a b", "a b"),
    ],
)
def test_words_that_bind_others_end_nothing(asked: str, left: str) -> None:
    assert " ".join(without_last_links(asked.split())) == left


@given(st.lists(st.sampled_from(["le", "la", "les", "dune", "x,", "Les"])).map(" ".join))
def test_a_name_has_the_same_keys_with_any_article_and_with_none(text: str) -> None:
    asked = keys(text)
    assert asked[:1] == [one for one in [key(text)] if one]
    assert {key(text), without_article(key(text))} - {""} <= {*asked}
