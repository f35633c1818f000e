"""Every reason that a row can be left out for has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from clirld.project import Project
from clirld.records import reasons
from clirld.records.plan import not_kept_reason
from clirld.settings import Settings


@pytest.fixture(scope="module")
def loaded() -> Project:
    return Project.load(Settings.from_environment({}))


def of_functions(folder: Path) -> Iterator[str]:
    """The reasons in the calls of Dropped, and those put in a variable `reason` before it."""
    for path in folder.glob("*/*.py"):
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
    assert "unknown-kind-of-change" in found
    unsaid = sorted(reason for reason in found if reasons.label(reason) is None)
    assert unsaid == [], "say in src/clirld/records/reason_messages.yaml what they mean"


def test_every_shape_that_holds_a_record_back_has_words(loaded: Project) -> None:
    facts = loaded.shapes.by_name
    holding = [name for name, shape in facts.items() if shape.severity == "Violation"]
    assert len(holding) > 50
    assert [name for name in holding if reasons.label(name, shapes=facts) is None] == []


LISTED = {
    "ragged",
    "above-header",
    "below-table",
    "missing-identifier",
    "duplicate-identifier",
    "missing-kind",
    "contour-elsewhere",
    "missing-{0}",
}
"""Reasons that are no shapes and whose rows are named."""
COUNTED_SHAPES = {"PersonalData"}


def every_reason() -> list[str]:
    """Of the program, of every card and every function, and every shape that holds records back."""
    project = Project.load(Settings.from_environment({}))
    cards = [rows for source in project.sources.values() for rows in source.card.records]
    withheld = {reason for rows in cards for reason in rows.withhold.values()}
    not_kept = {not_kept_reason(column) for rows in cards for column in rows.keep}
    held = {name for name, shape in project.shapes.by_name.items() if shape.severity == "Violation"}
    functions = set(of_functions(project.settings.sources))
    return sorted({*reasons.labels(), *withheld, *not_kept, *functions, *held})


@pytest.mark.parametrize("reason", every_reason())
def test_the_rows_of_every_reason_are_either_named_or_only_counted(reason: str, loaded: Project) -> None:
    is_shape = reason in loaded.shapes.by_name
    named = reason not in COUNTED_SHAPES if is_shape else reason in LISTED or reason.startswith("missing-")
    assert reasons.is_listed(reason) is named
    stated = {kind for kind, names in reasons.kinds().items() if reason in names}
    if not reason.startswith(("missing-", "not-kept-")):
        assert stated == {"listed" if named else "counted"}, "say in reason_kinds.yaml which of the two it is"


@pytest.mark.parametrize("reason", ["quite-new", "QuiteNew", "", "natural-person", "not-kept-country", "erased"])
def test_what_is_not_known_to_be_harmless_is_counted(reason: str) -> None:
    assert not reasons.is_listed(reason)


def test_no_reason_is_of_both_kinds_or_of_nothing(loaded: Project) -> None:
    kinds = reasons.kinds()
    assert set(kinds) == {"listed", "counted"}
    names = [name for some in kinds.values() for name in some]
    assert len(names) == len(set(names))
    assert {
        name for name in names if reasons.label(name.replace("{0}", "x"), shapes=loaded.shapes.by_name) is None
    } == set()


def test_which_columns_of_a_card_leave_rows_out_that_are_named(loaded: Project) -> None:
    listed = {(name, column) for name, source in loaded.sources.items() for rows in source.card.records
              for column in rows.listed}  # fmt: skip
    assert listed == {
        ("carteco", "address.addressCountry"), ("dotcoop", "Country ID"), ("fablabs", "country_code"),
        ("france-tiers-lieux", "address.addressCountry"), ("gogocarto-full", "address.addressCountry"),
        ("transiscope", "address.addressCountry"), ("magasins-participatifs", "departement"), ("zrr", "status"),
        ("ort", "Signée ?"),
    }  # fmt: skip


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
