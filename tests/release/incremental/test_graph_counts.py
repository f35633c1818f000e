"""What is counted in a graph is what a plain count of its statements gives."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from clirld.release.incremental import graph_counts
from clirld.release.incremental.graph_counts import GraphCounts
from clirld.search.things import READ
from clirld.settings import BASE

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SEAT, KIND = f"{BASE}ontology#seatedIn", f"{BASE}ontology#nafCode"
_TERMS = [
    f"<{TYPE}> <{BASE}ontology#Initiative>",
    f"<{TYPE}> <http://schema.org/Thing>",
    f"<{SEAT}> <{BASE}id/territory/commune-39300>",
    f"<{KIND}> <http://id.insee.fr/codes/nafr2/sousClasse/94.99Z>",
    "<http://www.w3.org/2000/01/rdf-schema#label> \"Un « lieu » \\\"commun\\\" <et> @fr\"@fr",
    '<http://www.w3.org/2000/01/rdf-schema#label> "a@b"',
    '<http://schema.org/foundingDate> "2020"^^<http://www.w3.org/2001/XMLSchema#gYear>',
    "<http://purl.org/dc/terms/relation> _:blank",
]  # fmt: skip
LINES = sorted(
    f"<{BASE}id/{'initiative' if number % 3 else 'record'}/{number}> {term} <{BASE}graph/lieux> .\n".encode()
    for number in range(60)
    for place, term in enumerate(_TERMS)
    if (number + place) % 5 and not (place < 2 and number % 4 == 3)
)


@pytest.mark.parametrize(("several", "together"), [(1, 1), (7, 3), (1000, 1000)])
def test_counts_are_those_of_the_statements(several: int, together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_counts, "_TOGETHER", together)
    monkeypatch.setattr(graph_counts, "_KNOWN", together)
    counts = GraphCounts([SEAT, KIND])
    words = [line for start in range(0, len(LINES), several) for line in counts.add(LINES[start : start + several])]
    assert words == [line for line in LINES if line.split(b" ")[1] in READ]
    found = counts.as_json()
    quads = [
        (quad.subject.value, quad.predicate.value, quad.object) for quad in parse(b"".join(LINES), RdfFormat.N_QUADS)
    ]
    assert found["properties"] == Counter(predicate for _, predicate, _ in quads)
    assert found["classes"] == Counter(one.value for _, predicate, one in quads if predicate == TYPE)
    starts = {SEAT: f"{BASE}id/territory/", KIND: "http://id.insee.fr/codes/"}
    assert found["links"] == {
        one: {start: found["properties"][one]} for one, start in starts.items()
    }  # each of these leads there
    classes: dict[str, set[str]] = {}
    for subject, predicate, value in quads:
        if predicate == TYPE:
            classes.setdefault(subject, set()).add(value.value)
    for class_, properties in found["class_properties"].items():
        of_class = [(predicate, value) for subject, predicate, value in quads if class_ in classes.get(subject, ())]
        assert {one: sum(numbers.values()) for one, numbers in properties.items()} == Counter(
            predicate for predicate, _ in of_class
        )
        ranges = Counter(f"<{one.datatype.value}>" for _, one in of_class if isinstance(one, Literal))
        told: Counter[str] = Counter()
        for numbers in properties.values():
            told.update({name: number for name, number in numbers.items() if name.endswith(">")})
        assert told == ranges
    kinds = Counter(subject.rpartition("/")[0] for subject in classes)
    assert {kind: numbers[""] for kind, numbers in found["kinds"].items()} == {
        f"<{kind}/": number for kind, number in kinds.items()
    }
