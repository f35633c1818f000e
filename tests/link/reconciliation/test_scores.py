"""What agrees never speaks against a candidate: whatever else is known of it, and whatever its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.link.reconciliation.candidates import given_of, score

PLACES = ("insee", "commune", "postcode", "departement")
COMPARED = (*PLACES, "website", "siren", "siret", "rna")

features = st.dictionaries(st.sampled_from(COMPARED), st.booleans())
names = st.floats(min_value=0, max_value=100).map(lambda one: round(one, 1))


@given(features, names, st.sampled_from(COMPARED))
def test_a_feature_that_agrees_never_lowers_a_score(known: dict[str, bool], name: float, more: str) -> None:
    without = {"name": name, **{one: value for one, value in known.items() if one != more}}
    assert score({**without, more: True}) >= score(without)


@given(names, st.lists(st.sampled_from(COMPARED), min_size=1, unique=True))
def test_what_agrees_is_worth_more_than_what_is_not_known(name: float, agreeing: list[str]) -> None:
    assert score({"name": name, **dict.fromkeys(agreeing, True)}) >= score({"name": name})


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_agrees_is_worth_more_and_another_less(place: str) -> None:
    assert score({"name": 100.0, place: True}) > score({"name": 100.0}) > score({"name": 100.0, place: False})


@pytest.mark.parametrize(("written", "code"), [(1, "01"), ("1", "01"), (58.0, "58"), ("2A", "2A"), ("Ain", "Ain")])
def test_a_departement_that_lost_its_zero(written: object, code: str) -> None:
    assert given_of([{"pid": "departement", "v": written}]) == {"departement": [code]}
