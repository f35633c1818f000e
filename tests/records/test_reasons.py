"""Every reason that a row can be left out for has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from clirld.project import Project
from clirld.records import reasons
from clirld.settings import Settings


@pytest.fixture(scope="module")
def loaded() -> Project:
    return Project.load(Settings.from_environment({}))


def of_functions(folder: Path) -> Iterator[str]:
    """The reasons in the calls of Dropped, and those put in a variable `reason` before it."""
    for path in folder.glob("*/records.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Dropped":
                yield from words(node.args[-1])  # after its place, which may be a tuple
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
                yield from words(node.value)


def words(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*words(node.body), *words(node.orelse))
    elif isinstance(node, ast.Constant):
        yield str(node.value)


def test_every_reason_of_a_source_has_words(loaded: Project) -> None:
    found = {reason for source in loaded.sources.values() for rows in source.card.records
             for reason in rows.withhold.values()}  # fmt: skip
    assert found
    found |= set(of_functions(loaded.settings.sources))
    assert "never-a-commune" in found
    unsaid = sorted(reason for reason in found if reasons.label(reason) is None)
    assert unsaid == [], "say in src/clirld/reasons.yaml what they mean"


def test_every_shape_that_holds_a_record_back_has_words(loaded: Project) -> None:
    facts = loaded.shapes.by_name
    holding = [name for name, shape in facts.items() if shape.severity == "Violation"]
    assert len(holding) > 50
    assert [name for name in holding if reasons.label(name, shapes=facts) is None] == []


def test_both_languages_fill_in_the_same() -> None:
    for reason, said in reasons.labels().items():
        assert set(said) == {"fr", "en"}, reason
        assert all(text.strip() for text in said.values()), reason
        assert {"{0}" in reason} == {"{0}" in text for text in said.values()}, reason


def test_what_follows_the_hyphen_is_filled_in_and_a_whole_reason_comes_first() -> None:
    assert reasons.label("missing-name", "en") == "the row does not give name, without which nothing can be made"
    assert reasons.label("missing-identifier", "en") == "the row has no identifier"
    assert reasons.label("missing-") is None


def test_what_has_no_words_is_its_code() -> None:
    assert reasons.labels_by_language("quite-new") == {"fr": "quite-new", "en": "quite-new"}
