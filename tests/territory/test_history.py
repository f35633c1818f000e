"""Communes through time, on made-up changes: what is sure, what was shared out, and what never was."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.territory.changes import Change, Passage, Unit, together
from clirld.territory.history import History, Target

LATER = "2026-01-01"


def com(text: str, name: str | None = None) -> Unit:
    """A commune, by its code; “COMA A” is a part of one."""
    kind, _, code = text.rpartition(" ")
    return Unit(kind or "COM", code, name or f"C{code}")


def change(date: str, kind: str, *moves: str) -> Change:
    """A change of communes: “A>B” is a line, “>B” one from nothing."""
    sides = [move.split(">") for move in moves]
    passages = [Passage(com(a) if a else None, com(b) if b else None) for a, b in sides]
    return Change(date, kind, tuple(passages))


def history(*changes: Change, today: str, parts: dict[str, str] | None = None) -> History:
    return History(changes, {code: f"C{code}" for code in today}, parts)


def codes(targets: Iterable[Target]) -> dict[str, bool]:
    return {target.code: target.whole for target in targets}


MERGED = change("1973-01-01", "simple-merger", "A>A", "B>A", "C>A")
PARTED = change("1985-01-01", "re-establishment", "A>A", "A>B")


def test_a_merger_puts_communes_together() -> None:
    found = history(MERGED, today="A")
    then = found.at("B", "1972-12-31")
    assert then is not None
    assert found.targets(then, LATER) == [Target("A", whole=True, alone=False)]
    assert found.at("B", "1973-01-01") is None
    assert found.at("A", "1942-01-01") is not None  # nobody knows since when


def test_what_is_established_again_takes_back_its_own_and_leaves_the_rest() -> None:
    found = history(MERGED, PARTED, today="AB")
    for code, today in (("A", "A"), ("B", "B"), ("C", "A")):
        then = found.at(code, "1970-01-01")
        assert then
        assert codes(found.targets(then, LATER)) == {today: True}, code
    between = found.at("A", "1980-01-01")
    assert between
    assert found.targets(between, LATER) == [Target("A", whole=False, alone=True), Target("B", whole=False, alone=True)]
    assert found.targets(between, "1970-01-01") == [
        Target(code, whole=False, alone=True) for code in "ABC"
    ]  # backwards, too


def test_what_is_cut_is_in_no_one_for_sure_until_it_is_together_again() -> None:
    created = change("1981-01-01", "creation", "A>A", "A>N", "B>B", "B>N")
    rejoined = change("2016-01-01", "new-commune", "A>A", "B>A", "N>A")
    found = history(created, rejoined, today="A")
    then = found.at("A", "1980-01-01")
    assert then
    assert codes(found.targets(then, "1990-01-01")) == {"A": False, "N": False}
    assert codes(found.targets(then, LATER)) == {"A": True}
    later = found.at("N", "1990-01-01")
    assert later
    assert codes(found.targets(later, "1980-01-01")) == {"A": False, "B": False}


def test_the_commune_goes_on_under_its_name_when_its_code_returns_to_another() -> None:
    """As Les Hauts-Talican did, which was 60054 and is 60694 since Beaumont-les-Nonains, 60054, left it in 2024."""
    merged = Change(
        "2019-01-01", "new-commune", tuple(Passage(com(code), com("B", "Hauts")) for code in ("B", "N", "V"))
    )
    hauts = com("B", "Hauts")
    passages = (Passage(hauts, com("B")), Passage(hauts, com("V", "Hauts")))
    left = Change("2024-01-01", "re-establishment", passages)
    found = history(merged, left, today="BV")
    for code, today in (("B", "B"), ("N", "V"), ("V", "V")):
        then = found.at(code, "2018-01-01")
        assert then
        assert codes(found.targets(then, LATER)) == {today: True}, code


def test_a_part_of_today_tells_where_its_ground_went() -> None:
    """As Lamarche-en-Woëvre, 55273, went from Madine to Nonsard-Lamarche in 1983."""
    merged = change("1973-01-01", "merger-association", "A>A", "L>A", "N>A")
    left = change("1983-01-01", "re-establishment", "A>A", "A>N")
    found = history(merged, left, today="AN", parts={"L": "N"})
    then = found.at("L", "1970-01-01")
    assert then
    assert codes(found.targets(then, LATER)) == {"N": True}


def test_changes_of_one_day_follow_each_other() -> None:
    """As Freigné became 44225 and part of Vallons-de-l'Erdre on 2018-01-01."""
    found = history(
        change("2018-01-01", "new-commune", "N>V", "V>V"), change("2018-01-01", "departement-change", "A>N"), today="V"
    )
    then = found.at("A", "2017-12-31")
    assert then
    assert codes(found.targets(then, LATER)) == {"V": True}
    assert found.at("N", "2018-01-01") is None
    assert [step.change.kind for step in found.path(then, LATER)] == ["departement-change", "new-commune"]


def test_codes_that_swap_on_a_day() -> None:
    found = history(change("1990-01-01", "seat-transfer", "A>B", "B>A"), today="AB")
    then = found.at("A", "1989-01-01")
    assert then
    assert codes(found.targets(then, LATER)) == {"B": True}


def test_a_path_leaves_out_what_changes_nothing_of_it() -> None:
    found = history(MERGED, change("1980-01-01", "end-of-association", "A>A"), PARTED, today="AB")
    then = found.at("C", "1970-01-01")
    assert then
    assert [step.change.kind for step in found.path(then, LATER)] == ["simple-merger", "re-establishment"]


def test_what_ends_without_anything_after_it() -> None:
    found = history(change("1990-01-01", "suppression", "A>"), today="B")
    then = found.at("A", "1989-01-01")
    assert then
    assert found.targets(then, LATER) == []


def test_a_commune_of_today_that_the_changes_end_is_there_all_the_same() -> None:
    found = history(change("1990-01-01", "simple-merger", "A>B", "B>B"), today="AB")
    assert found.at("A", LATER)
    assert found.since("A") is None  # nothing says that there was a break


def test_since_when_without_a_break() -> None:
    found = history(MERGED, PARTED, change("1990-01-01", "name-change", "B>B"), today="AB")
    assert (found.since("A"), found.since("B"), found.since("Z")) == (None, "1985-01-01", None)


@pytest.mark.parametrize("text", ["COM 14624 L'Oudon → COM 14697 L'Oudon", "– → COM 97601 Acoua", "COM 1 A b → –"])
def test_passages_are_read_as_they_are_written(text: str) -> None:
    assert str(Passage.parse(text)) == text


@pytest.mark.parametrize("text", ["", "COM 1 A", "COM → COM 1 A", "COM 1 → –"])
def test_what_is_no_passage(text: str) -> None:
    with pytest.raises(ValueError, match=r"no passage|no unit"):
        Passage.parse(text)


def test_lines_that_share_codes_are_one_change() -> None:
    lines = [Passage(com(a), com(b)) for a, b in ("AB", "CD", "BE", "FF")]
    assert [[number for number, _ in group] for group in together(enumerate(lines))] == [[0, 2], [1], [3]]


KINDS = st.sampled_from(["simple-merger", "re-establishment", "creation", "seat-transfer"])
MOVES = st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE")), min_size=1, max_size=5)


@given(st.lists(st.tuples(st.integers(1950, 1960), KINDS, MOVES), max_size=8))
def test_ground_is_never_lost_nor_in_two_communes(given_changes: list[tuple[int, str, list[tuple[str, str]]]]) -> None:
    """Whatever happens, in whatever order: each day each piece is in one commune, and targets add up to the whole."""
    changes = [
        change(f"{year}-01-01", kind, *[f"{a}>{b}" for a, b in dict.fromkeys(moves)])
        for year, kind, moves in given_changes
    ]
    found = History(changes, {})
    for year in range(1949, 1962):
        day = f"{year}-06-01"
        there = [version for code in found.codes() if (version := found.at(code, day))]
        pieces = [found.ground(version, day) for version in there]
        assert sum(map(len, pieces)) == len(frozenset().union(*pieces))
        for version in there:
            for other in (1949, 1955, 1961):
                targets = found.targets(version, f"{other}-06-01")
                assert sum(target.whole for target in targets) == (1 if len(targets) == 1 and targets[0].whole else 0)
                if other > year:
                    assert targets
                    reached = frozenset[int]().union(
                        *(found.ground(found.at(t.code, f"{other}-06-01"), f"{other}-06-01") for t in targets)  # type: ignore[arg-type]
                    )
                    assert found.ground(version, f"{other}-06-01") <= reached
