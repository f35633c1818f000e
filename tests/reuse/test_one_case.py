"""A case that several records tell is one case: in the answer, and where cases are counted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from clirld.reuse.answer import Question, answer
from clirld.reuse.facts import Facts
from clirld.reuse.missing import missing
from clirld.settings import BASE
from tests.reuse.small import facts, likeness

ONE = NamedNode(f"{BASE}id/initiative/two")
OTHERS = [NamedNode(f"{BASE}id/initiative/{name}") for name in ("three-bis", "a-two")]
WHOLE = facts()
SAID = sorted(WHOLE.store, key=str)


def told_by_several(who: list[int]) -> Facts:
    """The same facts, each told of the case or of another record that is one with it, as `who` says."""
    store = Store()
    for quad, n in zip(SAID, who, strict=True):
        teller = [ONE, *OTHERS][n]
        subject, target = (teller if term == ONE else term for term in (quad.subject, quad.object))
        store.add(Quad(subject, quad.predicate, target, quad.graph_name))
    same = NamedNode("http://www.w3.org/2002/07/owl#sameAs")
    store.extend(Quad(one, same, ONE, NamedNode(f"{BASE}graph/links")) for one in OTHERS)
    return Facts(store, "fr")


@given(who=st.lists(st.integers(0, 2), min_size=len(SAID), max_size=len(SAID)))
@settings(max_examples=30)
def test_whoever_tells_it_the_answer_and_the_counts_are_the_same(who: list[int]) -> None:
    found = told_by_several(who)
    for question in (Question("01001", needs=["jobs"]), Question("01002", practices=["kitchen"]), Question("01003")):
        assert answer(found, likeness(), question) == answer(WHOLE, likeness(), question)
    assert missing(found, likeness(9)) == missing(WHOLE, likeness(9))


def test_what_another_graph_calls_the_same_joins_nothing() -> None:
    """Only the graph of links says which records are one: a source's own word is what that source says."""
    found = facts(more="i:three <http://www.w3.org/2002/07/owl#sameAs> i:two .")
    assert answer(found, likeness(), Question("01001")).known == answer(WHOLE, likeness(), Question("01001")).known
