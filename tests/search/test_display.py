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
        ([("LA RUCHE", "")], "LA RUCHE"),
        ([("The Hive", "en"), ("LA RUCHE", "fr"), ("Ruche", "")], "LA RUCHE"),
        ([("The Hive", "en"), ("RUCHE", "")], "RUCHE"),
        ([("LA RUCHE", "fr"), ("La Ruche du Quai", "fr"), ("Quai", "fr")], "La Ruche du Quai"),
    ],
)
def test_the_first_rule_that_tells_them_apart_decides(names: Sequence[Name], shown: str | None) -> None:
    assert {shown_name(one, "fr") for one in permutations(names)} == {shown}
