"""The name that is shown where sources give several: by the written policy, whatever the order they come in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest

from clirld.search.display import Name, shown_name


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], None),
        ([Name("LA RUCHE", "")], "LA RUCHE"),
        ([Name("The Hive", "en"), Name("LA RUCHE", "fr"), Name("Ruche", "")], "LA RUCHE"),
        ([Name("The Hive", "en"), Name("RUCHE", "")], "RUCHE"),
        ([Name("LA RUCHE", "fr"), Name("La Ruche du Quai", "fr"), Name("Quai", "fr")], "La Ruche du Quai"),
        ([Name("Abc", "fr"), Name("La Ruche", "fr", is_correction=True)], "La Ruche"),
        ([Name("Abc", "fr"), Name("The Hive", "en", is_correction=True)], "Abc"),
    ],
)
def test_the_first_rule_that_tells_them_apart_decides(names: Sequence[Name], shown: str | None) -> None:
    assert {shown_name(one, "fr") for one in permutations(names)} == {shown}
