"""Groups of what is joined: the same as by looking for all that can be reached."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clirld.link.clusters import clusters

NAMES = st.sampled_from("abcdefghij")


@given(st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=12))
def test_groups_are_what_can_be_reached(joined: list[list[str]]) -> None:
    near: dict[str, set[str]] = {}
    for names in joined:
        for name in names:
            near.setdefault(name, set()).update(names)

    def reached(name: str) -> tuple[str, ...]:
        found = {name}
        while more := set().union(*(near[one] for one in found)) - found:
            found |= more
        return tuple(sorted(found))

    expected = sorted({reached(name) for name in near})
    assert [tuple(found) for found in clusters(joined)] == [found for found in expected if len(found) > 1]
