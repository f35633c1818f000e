"""Which candidate is a match: what bears a name and a code, and not what only lies there or is called after it."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, Store

from clirld.link.reconciliation.candidates import Candidate, is_match
from clirld.link.reconciliation.facts import Facts, facts
from clirld.link.reconciliation.looked_up import Query
from clirld.settings import BASE

STORE = Store()
PART_OF = NamedNode("http://purl.org/dc/terms/isPartOf")


def candidate(id_: str, score: float, name: float = 100.0, **features: bool) -> Candidate:
    return Candidate(id_, id_, score, False, {"name": name, **features}, Facts(id_, STORE))


@pytest.mark.parametrize(
    ("id_", "is_one"),
    [
        ("territory/commune-38185", True),
        ("territory/commune-deleguee-38185", True),
        ("territory/epci-200040715", True),
        ("territory/arrondissement-381", False),
        ("initiative/ici", True),
        ("organization/siren-552100554", False),
    ],
)
def test_a_name_and_a_departement_mean_no_arrondissement(id_: str, is_one: bool) -> None:
    query = Query("GRENOBLE", "territory", 5, {"departement": ["Isère"]})
    assert is_match(query, [candidate(id_, 94.0, departement=True)]) == is_one


@pytest.mark.parametrize(
    ("id_", "name", "is_one"),
    [
        ("territory/commune-39577", 80.0, True),
        ("territory/commune-deleguee-39577", 80.0, True),  # the same place, before or within
        ("territory/commune-deleguee-39243", 80.0, False),  # lies in it, and is called otherwise
        ("territory/commune-deleguee-39243", 100.0, True),
        ("territory/arrondissement-39577", 80.0, False),
    ],
)
def test_a_code_means_what_has_it_and_not_what_lies_there(id_: str, name: float, is_one: bool) -> None:
    query = Query("VINCENT-FROIDEVILLE", "territory", 5, {"insee": ["39577"]})
    assert is_match(query, [candidate(id_, 86.0, name, insee=True)]) == is_one


def test_a_grouping_is_in_the_departements_of_its_communes() -> None:
    store = Store()
    grouping = NamedNode(f"{BASE}id/territory/epci-200000001")
    for code in ("39300", "39001", "97401", "2A004"):
        store.add(Quad(NamedNode(f"{BASE}id/territory/commune-{code}"), PART_OF, grouping))
    store.add(Quad(NamedNode(f"{BASE}id/territory/canton-3901"), PART_OF, grouping))
    found = [f"{BASE}id/territory/departement-{code}" for code in ("2A", "39", "974")]
    assert facts(store, "territory/epci-200000001").value("departement") == found
