"""The state of a store: what is written is read again, in words that are the field's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from clirld.publish import state as states
from clirld.publish.state import Part, State
from clirld.settings import BASE

_PARTS = st.dictionaries(
    st.integers(0, 9).map(lambda n: f"{BASE}graph/source-{n}"),
    st.builds(Part, st.integers(0, 10**9), st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex)),
)
_STAGING = _PARTS.map(
    lambda parts: {iri.replace(f"{BASE}graph/", "urn:clirld:staging:"): one for iri, one in parts.items()}
)
_RELEASE = st.integers(0, 10**6).map(lambda n: f"2026-{n}")


def read(text: str) -> State | None:
    return states.read(quad.triple for quad in parse(input=text, format=RdfFormat.N_TRIPLES))  # type: ignore[misc]


_TIME = "2026-11-24T10:15:30Z"
_STATES = st.builds(
    State,
    st.uuids().map(str),
    _RELEASE,
    st.just(_TIME),
    st.none() | st.just(_TIME),
    st.none() | _RELEASE,
    _PARTS,
    _STAGING,
    st.lists(st.sampled_from(["odbl", "open", "share-alike"]), unique=True).map(lambda one: tuple(sorted(one))),
)


@given(_STATES)
def test_what_is_written_is_read_again(state: State) -> None:
    assert read("".join(states.written(state))) == state


def test_what_is_read_of_a_store_by_its_state() -> None:
    whole, not_whole = Part(3, "ab" * 32), Part(3)
    state = State("x", "B", _TIME, None, "A", {"urn:g": whole}, {"urn:s": not_whole})
    assert (state.kind, state.held, dict(state.under_way)) == ("beside", "A", {"urn:s": not_whole})
    assert state.labels()["fr"] == "Version A, complète ; B se prépare : 0 graphes sur 1"
    some = State("x", "B", _TIME, _TIME, None, {"urn:g": whole}, groups=("odbl", "open"))
    assert some.labels()["en"] == "Release B (licence groups: odbl, open), complete"
    mixed = State("x", "B", _TIME, None, "A", {"urn:g": whole, "urn:h": not_whole})
    assert (mixed.kind, mixed.held) == ("after", "A")
    assert mixed.labels()["en"] == "From release A to B, not done yet: 1 of 2 graphs"
    assert State("x", "B", "2026", None, None, {"urn:g": not_whole}).kind == "first"
    assert State("x", "B", "2026", "2027", None, {"urn:g": not_whole}).held == "B"


def test_what_is_no_state() -> None:
    assert read("") is None
    with pytest.raises(ValueError, match="no state"):
        read("<urn:a> <urn:b> <urn:c> .")
