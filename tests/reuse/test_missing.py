"""How far cases reach, and where one is missing: counted by hand on a row of groupings."""

from __future__ import annotations

import pytest

from clirld.reuse import likeness as likenesses
from clirld.reuse.missing import missing
from tests.reuse.small import facts, likeness


@pytest.fixture(autouse=True)
def two_are_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likenesses, "NEAR", 2)


def test_cases_are_counted_for_those_who_find_them_near() -> None:
    # Normal scores of nine in a row: −1.49 −0.93 −0.57 −0.27 0 0.27 0.57 0.93 1.49. Cases are in 1, 2 and 3. The two
    # nearest of 1 are 2 and 3, of 2 are 3 and 1, of 3 are 4 and 2, of 4 are 5 and 3, of 5 are 4 and 6.
    found = missing(facts(), likeness(9))
    process, every, listed = found.reach
    assert (listed.known, listed.one) == (every.known, every.one)
    assert (process.known, process.placed, every.known, every.placed) == (1, 1, 4, 3)
    assert (process.one, process.three) == (3, 0)
    assert (every.one, every.three) == (4, 2)
    assert found.in_a_situation == 2
    assert (process.one_shared, every.three_shared) == (2, 0)


def test_a_place_serves_those_that_are_left_and_then_none_is() -> None:
    # 7 is near enough for 6, 8 and 9; then only 5 is left.
    wanted = missing(facts(), likeness(9)).wanted
    assert [one.territory.iri[-1] for one in wanted] == ["7", "4"]
    assert [(one.serves, one.left) for one in wanted] == [(4, 1), (1, 0)]
    assert len(missing(facts(), likeness(9), places=1).wanted) == 1


LISTED = "i:list rdfs:label 'Nommé'@fr ; clir:initiativeKind kind:ptce ; clir:actsIn t:epci-000000007 ;"
LISTED += " clir:practiceField pf:kitchen . x:nl clir:addressedBy i:list ; clir:needKind n:jobs ; dct:source x:list ."


def test_what_a_registry_only_names_is_counted_apart_and_serves_nobody() -> None:
    found = missing(facts(more=LISTED), likeness(9))
    _process, told, listed = found.reach
    assert (told.known, told.one, listed.known, listed.one) == (4, 4, 5, 8)
    assert [one.territory.iri[-1] for one in found.wanted] == ["7", "4"]


def test_without_groupings_nothing_is_counted() -> None:
    found = missing(facts(), likeness(0))
    assert (found.groupings, found.wanted) == (0, [])
    assert all((one.one, one.placed) == (0, 0) for one in found.reach)
