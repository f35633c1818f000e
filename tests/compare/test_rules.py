"""Rules of situations: three answers, what is near a threshold, files that are no rules, the project's rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.compare import rules, words
from clirld.compare.rules import AtLeast, Condition, Rule
from clirld.errors import MappingError
from clirld.settings import Settings
from clirld.vocabulary.terms import Vocabulary

A, B, C = (Condition(name, "at-least", 10, 1) for name in "abc")
TWO_OF_THREE = Rule("x", "1", "weakening", AtLeast(2, (A, B, C)), {}, {})


@pytest.mark.parametrize(
    ("figures", "answer"),
    [
        ({"a": 20, "b": 20, "c": 0}, "holds"),
        ({"a": 20, "b": 0, "c": 0}, "does-not-hold"),
        ({"a": 20, "b": 20}, "holds"),  # the third settles nothing
        ({"a": 0, "b": 0}, "does-not-hold"),
        ({"a": 20, "b": 0}, "cannot-be-said"),  # never “no”
        ({}, "cannot-be-said"),
    ],
)
def test_what_is_missing_leaves_open_what_the_others_do_not_settle(figures: Mapping[str, float], answer: str) -> None:
    found = rules.find(TWO_OF_THREE, figures)
    assert found.answer == answer
    assert set(found.missing) == ({"a", "b", "c"} - figures.keys() if answer == "cannot-be-said" else set())


FIGURES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 20).map(float))


@given(FIGURES, st.dictionaries(st.sampled_from("abc"), st.integers(0, 20).map(float)))
def test_a_figure_that_turns_up_changes_no_answer_that_was_given(
    figures: dict[str, float], others: dict[str, float]
) -> None:
    before, after = rules.find(TWO_OF_THREE, figures), rules.find(TWO_OF_THREE, others | figures)
    assert before.answer in (after.answer, "cannot-be-said")


@given(FIGURES)
def test_near_is_what_one_threshold_moved_by_a_tenth_would_change(figures: dict[str, float]) -> None:
    found = rules.find(TWO_OF_THREE, figures)
    for condition in found.near:
        assert abs(figures[condition.figure] - condition.threshold) <= condition.margin


@pytest.mark.parametrize(
    ("way", "value", "holds"),
    [("below", 10, False), ("at-most", 10, True), ("above", 10, False), ("at-least", 10, True), ("below", 9.9, True)],
)
def test_at_the_threshold(way: str, value: float, holds: bool) -> None:
    assert Condition("a", way, 10, 1).holds({"a": value}) is holds  # type: ignore[arg-type]


HEAD = """rules:
  x:
    version: 1
    situation: weakening
    title: {fr: a, en: a}
    text: {fr: a, en: a}
    all:
"""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("      - {figure: a, below: 0}", "no tenth"),
        ("      - {figure: a}", "no condition"),
        ("      - {figure: a, below: 1, above: 2}", "no condition"),
        ("      - {rule: not-above}", "no condition"),
        ("      - {figure: a, below: 1, colour: red}", "no condition"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_line(tmp_path: Path, lines: str, said: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(HEAD + lines + "\n", encoding="utf-8")
    with pytest.raises(MappingError, match=said) as caught:
        rules.load(path)
    assert caught.value.where


def test_the_rules_of_the_project() -> None:
    concepts = Vocabulary.load(Settings.from_environment({}).ontology).concepts["territory-situation"]
    loaded = rules.load()
    assert {rule.situation for rule in loaded} == {
        "weakening",
        "industrial-crisis",
        "isolated-rural",
        "declining-town-centre",
    }
    for rule in loaded:
        assert rule.situation in concepts
        assert rule.key.endswith(rule.version)
        for condition in rule.conditions:
            for language in words.LANGUAGES:
                assert words.name(condition.figure, language)


IN_WORDS = {0: ("", ""), 66: ("deux tiers", "two thirds")}


@pytest.mark.parametrize("rule", rules.load(), ids=lambda rule: rule.id)
def test_the_text_says_the_thresholds_that_the_rule_has(rule: Rule) -> None:
    others = {one for other in rules.load() if other.id != rule.id for one in other.conditions}
    for condition in set(rule.conditions) - others:
        for n, language in enumerate(words.LANGUAGES):
            text = rule.text[language].replace("\N{NARROW NO-BREAK SPACE}", " ")
            said = f"{abs(condition.threshold):,g}"
            said = said.replace(",", " ").replace(".", ",") if language == "fr" else said
            assert IN_WORDS.get(int(condition.threshold), (said, said))[n] in text
