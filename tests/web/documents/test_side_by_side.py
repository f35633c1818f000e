"""What agrees side by side: names of organizations as they are read, in any order; a year that is not said."""

from __future__ import annotations

import pytest

from clirld.settings import BASE
from clirld.web.documents.same_thing.side_by_side import _row
from clirld.web.documents.told import Value


def named(*names: str) -> list[Value]:
    return [Value(name, iri=f"{BASE}id/organization/{n}-{name}") for n, name in enumerate(names)]


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (named("Atelier", "L'Exemple"), named("L\N{RIGHT SINGLE QUOTATION MARK}exemple", "ATELIER"), "agree"),
        (named("Forêt d'exemple"), named("Foret d\N{RIGHT SINGLE QUOTATION MARK}Exemple"), "agree"),
        (named("Atelier"), named("Fabrique"), "differ"),
        (named("Atelier"), [], "one"),
    ],
)
def test_organizations_are_compared_by_name_in_any_order(left: list[Value], right: list[Value], verdict: str) -> None:
    assert _row("", [left, right]).verdict == verdict
    assert _row("", [right, left]).verdict == verdict


def test_territories_of_one_name_are_not_the_same() -> None:
    one, other = (Value("Saint-Exemple", iri=f"{BASE}id/territory/commune-0000{n}") for n in (1, 2))
    assert _row("", [[one], [other]]).verdict == "differ"
