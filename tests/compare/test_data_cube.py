"""Figures of territories are a well-formed RDF Data Cube: the integrity constraints of the W3C, on sample and example.

`python -m tests.compare.test_data_cube DATA/current` asks the same of a release.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import PROJECT

QB = "http://purl.org/linked-data/cube#"
ID = "https://w3id.org/clirld/id/"
CLIR = "https://w3id.org/clirld/ontology#"
_PREFIXES = f"""PREFIX qb: <{QB}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
CONSTRAINTS = dict(
    re.findall(
        r"(?ms)^# (IC-\d+):.*?$\n(ASK.+?)(?=^# IC|\Z)",
        Path(__file__).with_name("data_cube.rq").read_text(encoding="utf-8"),
    )
)
ONTOLOGY = PROJECT / "ontology" / "clirld.ttl"


def normalised(quads: Iterator[ox.Quad]) -> ox.Store:
    """The cube of some quads, with what the normalisation of the recommendation (10.1) adds; ours have no slices."""
    store = ox.Store()
    store.extend(ox.Quad(one.subject, one.predicate, one.object) for one in quads)
    for kind in ("Dimension", "Measure", "Attribute"):
        store.update(
            f"{_PREFIXES} INSERT {{ ?spec qb:componentProperty ?property . ?property a qb:{kind}Property }} "
            f"WHERE {{ ?spec qb:{kind.lower()} ?property }}"
        )
    return store


def broken(store: ox.Store) -> set[str]:
    """The constraints that a normalised cube breaks."""
    return {name for name, query in CONSTRAINTS.items() if bool(store.query(_PREFIXES + query))}


def read(*paths: Path) -> list[ox.Quad]:
    return [quad for path in paths for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def sample() -> list[ox.Quad]:
    return read(ONTOLOGY, PROJECT / "pipelines" / "sources" / "comparisons" / "expected.ttl")


def test_all_constraints_are_asked() -> None:
    assert list(CONSTRAINTS) == [f"IC-{number}" for number in range(1, 22)]


def test_the_sample_is_well_formed(sample: list[ox.Quad]) -> None:
    store = normalised(iter(sample))
    assert broken(store) == set()
    sizes = "SELECT ?set (COUNT(?obs) AS ?n) { ?obs qb:dataSet ?set . ?set qb:structure ?dsd } GROUP BY ?set"
    assert len(list(store.query(_PREFIXES + sizes))) >= 6  # type: ignore[arg-type]


def test_the_example_is_well_formed() -> None:
    assert broken(normalised(iter(read(ONTOLOGY, PROJECT / "ontology" / "example.ttl")))) == set()


def test_units_are_told_of_each_measure(sample: list[ox.Quad]) -> None:
    store = normalised(iter(sample))
    unit = "<http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure>"
    told = f"SELECT ?measure {{ ?spec qb:measure ?measure FILTER NOT EXISTS {{ ?measure {unit} ?unit }} }}"
    assert list(store.query(_PREFIXES + told)) == []  # type: ignore[arg-type]


SPOILED = {
    "IC-1": (None, f"{QB}dataSet", None, ""),
    "IC-2": (None, f"{QB}structure", None, ""),
    "IC-3": (None, f"{QB}component", f"{ID}cube-component/rural-share", ""),
    "IC-4": (f"{CLIR}year", "http://www.w3.org/2000/01/rdf-schema#range", None, ""),
    "IC-11": (None, f"{CLIR}boundariesYear", None, ""),
    "IC-12": (None, f"{CLIR}year", None, "2020"),
    "IC-14": (None, f"{CLIR}retailJobs", None, ""),
}
"""What is taken out of the sample, or put in its place, to break it: subject, predicate, object, new value."""


@pytest.mark.parametrize("name", SPOILED)
def test_a_constraint_sees_what_breaks_it(name: str, sample: list[ox.Quad]) -> None:
    subject, predicate, target, value = SPOILED[name]

    def spoiled() -> Iterator[ox.Quad]:
        for quad in sample:
            hit = quad.predicate.value == predicate and (not subject or quad.subject == ox.NamedNode(subject))
            if not hit or (target and quad.object != ox.NamedNode(target)):
                yield quad
            elif value:
                yield ox.Quad(quad.subject, quad.predicate, ox.Literal(value, datatype=quad.object.datatype))  # type: ignore[union-attr]

    assert name in broken(normalised(spoiled()))


if __name__ == "__main__":
    release = ox.Store.read_only(str(Path(sys.argv[1]) / "store"))
    graphs = [ox.NamedNode(f"https://w3id.org/clirld/graph/{name}") for name in ("comparisons", "ontology")]
    print(broken(normalised(quad for graph in graphs for quad in release.quads_for_pattern(None, None, None, graph))))
