"""The index: which things are in it, with which words; the same bytes for the same quads."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from clirld.search.find import Narrowed, find, kinds
from clirld.search.index import write
from clirld.search.things import TERRITORY, Thing, kinds_of
from clirld.settings import BASE

PREFIXES = f"""
@prefix id: <{BASE}id/> . @prefix concept: <{BASE}concept/> . @prefix clir: <{BASE}ontology#> .
@prefix t: <{BASE}id/territory/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> . @prefix rov: <http://www.w3.org/ns/regorg#> .
@prefix cv: <http://data.europa.eu/m8g/> . @prefix ex: <http://example.org/> .
"""
THINGS = """
<{i}/un> a clir:Initiative ; rdfs:label "L'Atelier du Val"@fr ; skos:altLabel "Le Fournil" ;
  dct:description "On y travaille le bois.\\nEt \\"plus\\"."@fr ;
  clir:seatedIn t:commune-39300 ; clir:actsIn t:region-27 .
<{i}/gone> a clir:FormerEntity ; rdfs:label "L'Atelier du Val"@fr .
<{o}/siren-552100554> a org:FormalOrganization, cv:PublicOrganisation ; rdfs:label "Ville du Val"@fr ;
  rov:legalName "VILLE DU VAL" ; clir:siren "552100554" ; clir:jurisdiction t:commune-39300 .
<{o}/two> a org:FormalOrganization ; rdfs:label "Autre"@fr .
t:commune-39300 a clir:Territory ; rdfs:label "Lons-le-Saunier"@fr ; clir:inseeCode "39300" ; dct:identifier "39300" ;
  dct:isPartOf t:arrondissement-392, t:departement-39 .
t:departement-39 a clir:Territory ; rdfs:label "Jura"@fr ; dct:isPartOf t:region-27 .
t:region-27 a clir:Territory ; rdfs:label "Bourgogne-Franche-Comté"@fr ; dct:isPartOf t:departement-39 .
<{c}/phase/test> a skos:Concept ; skos:prefLabel "expérimentation"@fr, "testing"@en ; skos:notation "E1" .
clir:Initiative a rdfs:Class ; rdfs:label "initiative"@en .
<{r}/lieux-1> a clir:SourceRecord ; dct:identifier "secret-42" .
ex:elsewhere rdfs:label "Ailleurs" .
[] rdfs:label "Sans nom" .
""".format(i=f"{BASE}id/initiative", o=f"{BASE}id/organization", c=f"{BASE}concept", r=f"{BASE}id/record")


def quads(text: str) -> list[str]:
    """N-Quads lines of some Turtle."""
    triples = parse(PREFIXES + text, format=RdfFormat.TURTLE)
    return [f"{one.subject} {one.predicate} {one.object} <{BASE}graph/g> .\n" for one in triples]


def index_of(folder: Path, *files: Sequence[str]) -> Path:
    paths = []
    for number, lines in enumerate(files):
        paths.append(folder / f"{number}.nq")
        paths[-1].write_text("".join(lines), encoding="utf-8")
    (folder / "search.sqlite").unlink(missing_ok=True)
    write(paths, folder / "search.sqlite")
    return folder / "search.sqlite"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_of(tmp_path_factory.mktemp("index"), quads(THINGS))


def found(
    index: Path, question: str, *, kind: str | None = None, territory: str | None = None, **given: Any
) -> list[str]:
    """Ends of the IRIs that are found."""
    return [hit.iri.rpartition("/")[2] for hit in find(index, question, Narrowed(kind, territory), **given).hits]


def test_things_are_found_by_each_text_that_they_have(index: Path) -> None:
    for question in ("atelier val", "fournil", "bois", "plus"):
        assert found(index, question)[0] == "un", question
    assert found(index, "552100554") == found(index, "552 100 554") == found(index, "ville") == ["siren-552100554"]
    assert found(index, "39300") == ["commune-39300"]
    assert found(index, "e1") == found(index, "testing") == found(index, "experimentation") == ["test"]
    assert found(index, "initiative") == ["ontology#Initiative"]


@pytest.mark.parametrize("question", ["secret-42", "ailleurs", "sans nom", "clirld", "type", "initiative/un"])
def test_what_is_no_thing_of_the_project_or_has_no_name_is_not_there(index: Path, question: str) -> None:
    assert not {"lieux-1", "elsewhere", "un"} & set(found(index, question))


def test_kinds_are_counted_without_what_is_gone(index: Path) -> None:
    assert kinds(index) == {
        "territory": 3, "organization": 2, "vocabulary": 2, "commune": 1, "concept": 1, "departement": 1,
        "initiative": 1, "ontology": 1, "region": 1,
    }  # fmt: skip
    assert kinds_of(f"{BASE}id/territory/commune-deleguee-39001") == ["territory", "commune-deleguee"]
    assert kinds_of(f"{BASE}ontology") == kinds_of(f"{BASE}ontology#siren") == ["ontology"]
    assert kinds_of("http://example.org/id/initiative/un") == kinds_of(BASE) == []


def test_a_thing_is_in_the_territories_that_its_own_lie_in(index: Path) -> None:
    for key in ("commune-39300", "arrondissement-392", "departement-39", "region-27"):
        assert set(found(index, "val", territory=key)) == {"un", "siren-552100554"}, key
    assert found(index, "val", territory="commune-39301") == []
    lying_in = found(index, "", territory="departement-39", kind="territory")
    assert sorted(lying_in) == ["commune-39300", "departement-39", "region-27"]
    assert found(index, "", territory="commune-39300", kind="commune") == ["commune-39300"]


def test_hits_say_what_and_where_they_are(index: Path) -> None:
    (hit, gone) = find(index, "atelier du val").hits
    assert (hit.type, hit.is_gone) == (f"{BASE}ontology#Initiative", False)
    assert hit.territory == f"{BASE}id/territory/commune-39300"
    assert hit.territory_label is not None
    assert hit.territory_label.text == "Lons-le-Saunier"
    assert (gone.type, gone.is_gone) == (f"{BASE}ontology#FormerEntity", True)
    (town,) = find(index, "ville").hits
    assert town.type == "http://www.w3.org/ns/org#FormalOrganization"  # of its two classes the one that more have
    (commune,) = find(index, "lons").hits
    assert commune.territory == f"{BASE}id/territory/departement-39"
    (concept,) = find(index, "testing", language="en").hits
    assert (concept.label and concept.label.text, concept.label and concept.label.language) == ("testing", "en")
    (concept,) = find(index, "testing", language="fr").hits
    assert concept.label is not None
    assert concept.label.text == "expérimentation"


def test_the_same_quads_give_the_same_bytes_in_whatever_order_and_files(index: Path, tmp_path: Path) -> None:
    lines = quads(THINGS)
    again = index_of(tmp_path, sorted(lines[::2]), sorted(lines[1::2], reverse=True), sorted(lines[:5]))
    assert again.read_bytes() == index.read_bytes()


def test_it_keeps_no_text_of_a_description(index: Path) -> None:
    with closing(sqlite3.connect(index)) as opened:
        assert opened.execute("SELECT description FROM text").fetchall() == [(None,)] * 9
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_that_it_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "q.nq").write_text("".join(quads(THINGS)), encoding="utf-8")
    with pytest.raises(OSError, match="unable to open database file"):
        write([tmp_path / "q.nq"], tmp_path / "none" / "search.sqlite")


def test_an_index_of_nothing_finds_nothing(tmp_path: Path) -> None:
    empty = index_of(tmp_path, [])
    assert find(empty, "a").hits == []
    assert kinds(empty) == {}


def test_of_several_places_none_stands_for_the_others() -> None:
    acts_in = f"{BASE}ontology#actsIn"
    communes = [(acts_in, f"{TERRITORY}commune-{code}") for code in ("35001", "35238")]
    assert Thing(places=communes).place == ""
    assert Thing(places=communes[:1] * 2).place == f"{TERRITORY}commune-35001"
    whole = f"{TERRITORY}departement-35"
    assert Thing(places=[*communes, (acts_in, whole)]).place == whole


GROUPED = """
t:commune-12001 a clir:Territory ; rdfs:label "Un"@fr ; dct:isPartOf t:epci-1, t:ept-9, t:departement-12 .
t:commune-48001 a clir:Territory ; rdfs:label "Deux"@fr ; dct:isPartOf t:epci-1, t:departement-48 .
t:epci-1 a clir:Territory ; rdfs:label "Les deux rives"@fr .
t:ept-9 a clir:Territory ; rdfs:label "Une rive"@fr ; dct:isPartOf t:epci-1 .
t:departement-12 a clir:Territory ; rdfs:label "Aveyron"@fr ; dct:isPartOf t:region-76 .
t:departement-48 a clir:Territory ; rdfs:label "Lozère"@fr ; dct:isPartOf t:region-76 .
t:region-76 a clir:Territory ; rdfs:label "Occitanie"@fr .
<{i}/of-both> a clir:Initiative ; rdfs:label "Projet"@fr ; clir:actsIn t:epci-1 .
<{i}/of-a-part> a clir:Initiative ; rdfs:label "Projet"@fr ; clir:actsIn t:ept-9 .
<{i}/of-one> a clir:Initiative ; rdfs:label "Projet"@fr ; clir:seatedIn t:commune-48001 .
<{i}/of-all> a clir:Initiative ; rdfs:label "Projet"@fr ; clir:actsIn t:region-76 .
""".format(i=f"{BASE}id/initiative")


@pytest.mark.parametrize(
    ("territory", "initiatives", "territories"),
    [
        ("departement-12", {"of-both", "of-a-part"}, {"commune-12001", "departement-12", "epci-1", "ept-9"}),
        ("departement-48", {"of-both", "of-one"}, {"commune-48001", "departement-48", "epci-1"}),
        ("epci-1", {"of-both", "of-a-part", "of-one"}, {"commune-12001", "commune-48001", "epci-1", "ept-9"}),
        ("ept-9", {"of-a-part"}, {"commune-12001", "ept-9"}),
        ("commune-12001", set(), {"commune-12001"}),
    ],
)
def test_a_grouping_lies_in_the_departements_of_its_communes_and_they_in_their_own(
    tmp_path: Path, territory: str, initiatives: set[str], territories: set[str]
) -> None:
    index = index_of(tmp_path, quads(GROUPED))
    assert set(found(index, "", kind="initiative", territory=territory)) == initiatives
    assert set(found(index, "", kind="territory", territory=territory)) == territories


RECORDS = """
<{i}/first> a clir:Initiative ; rdfs:label "Le pôle"@fr ; clir:seatedIn t:commune-39300 ;
  clir:initiativeKind <{c}/initiative-kind/fablab> .
<{i}/other> a clir:Initiative ; rdfs:label "Pôle Exemple"@fr ; clir:actsIn t:departement-39 ;
  dct:description "On y tourne le buis."@fr ; clir:practiceField <{c}/practice-field/wood> .
<{i}/unnamed> owl:sameAs <{i}/first> .
<{i}/other> owl:sameAs <{i}/first> .
<{i}/alone> a clir:Initiative ; rdfs:label "Seul"@fr ; owl:sameAs <{i}/nowhere>, ex:elsewhere .
<{j}/a1> rdfs:label "Jugement" ; dct:description "un seul pôle"@fr .
<{c}/initiative-kind/fablab> a skos:Concept ; skos:prefLabel "fablab"@fr ; skos:broader <{c}/initiative-kind/place> .
<{c}/initiative-kind/place> a skos:Concept ; skos:prefLabel "lieu"@fr .
""".format(i=f"{BASE}id/initiative", j=f"{BASE}id/judgement", c=f"{BASE}concept")


def test_records_that_are_one_are_found_once_by_what_each_of_them_says(tmp_path: Path) -> None:
    index = index_of(tmp_path, quads("@prefix owl: <http://www.w3.org/2002/07/owl#> ." + THINGS + RECORDS))
    assert kinds(index)["initiative"] == 3
    for question in ("le pole", "pole exemple", "buis"):
        assert found(index, question, kind="initiative") == ["first"], question
    assert found(index, "seul", kind="initiative") == ["alone"]
    assert found(index, "pole", territory="departement-39", kind="initiative") == ["first"]
    for other in ("kind/fablab", "kind/place", "practice/wood"):
        hits = find(index, "", Narrowed("initiative", None, (other,))).hits
        assert [hit.iri.rpartition("/")[2] for hit in hits] == ["first"], other
    assert "judgement" not in kinds(index)
    (hit,) = find(index, "buis").hits
    assert (hit.label and hit.label.text, hit.territory) == ("Le pôle", f"{BASE}id/territory/commune-39300")
