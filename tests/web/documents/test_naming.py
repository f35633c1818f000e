"""Pages have words for what they show: no technical name of a property, and a contact by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store

from clirld.query.failure import Language
from clirld.settings import BASE
from clirld.web.documents.naming import Naming, names, short


@pytest.fixture(scope="module")
def store(samples: Path) -> Store:
    return Store.read_only(str(samples / "current" / "store"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_properties_of_concepts_and_of_records_have_words(store: Store, language: Language) -> None:
    found = store.query(
        f"""SELECT DISTINCT ?p {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?s), "{BASE}concept/")
        || STRSTARTS(STR(?s), "{BASE}id/initiative/") || STRSTARTS(STR(?s), "{BASE}id/organization/")) }}"""
    )
    assert isinstance(found, QuerySolutions)
    iris = {row["p"].value for row in found}
    skos = "http://www.w3.org/2004/02/skos/core#"
    iris |= {f"{skos}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")}
    naming = Naming(store, language)
    shown = {iri: naming.property(iri) for iri in iris if short(iri) not in names()["hidden"] and "22-rdf-" not in iri}
    assert not {iri for iri, words in shown.items() if words == short(iri) or "://" in words}


def test_a_contact_is_told_by_its_name(store: Store) -> None:
    contact = NamedNode("http://www.w3.org/ns/dcat#contactPoint")
    contacts = {str(quad.object).strip("<>") for quad in store.quads_for_pattern(None, contact, None, None)}
    assert contacts
    assert not [one for one in map(Naming(store, "fr").label, contacts) if "#" in one]
