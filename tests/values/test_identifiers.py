"""What of an identifier may be published: the names are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.values.persons import identifiers


@pytest.mark.parametrize(
    "identifier",
    [
        "jeanne-exemple",
        "Jeanne.Exemple",
        "exemple_jeanne",
        "mme-exemple",
        "chez-jeanne-exemple",
        "Jeanne Exemple, 23000",
        "jeanne exemple",
        "Jeanne/Exemple",
        "exemple, jeanne",
    ],
)
def test_what_names_somebody_is_hashed(identifier: str) -> None:
    assert identifiers.public(identifier) == identifiers.hashed(identifier)


@pytest.mark.parametrize(
    "identifier",
    [
        "W231000001",
        "552100554",
        "110h",
        "ptce-2021-p1-edenn",
        "fablab-lyon",
        "la-fabrique",
        "saint-jean",
        "2A004",
        "C-12.3",
        "0612345678",
        "La Jeanne",
        "fablab lyon",
    ],
)
def test_codes_and_words_stay(identifier: str) -> None:
    assert identifiers.public(identifier) == identifier


@given(st.text(max_size=60))
def test_what_is_published_is_so_for_good(identifier: str) -> None:
    once = identifiers.public(identifier)
    assert identifiers.public(once) == once
