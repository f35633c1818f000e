"""Territories by the words that people use for them: one clear hit, several that are offered, or none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from clirld.reuse.facts import TERRITORY
from clirld.reuse.names import MOST, names_of
from clirld.search import index, postcodes
from clirld.settings import BASE

LABELS = {
    "commune-12145": "Millau",
    "commune-12208": "Saint-Affrique",
    "commune-81235": "Saint-Affrique-les-Montagnes",
    "commune-93066": "Saint-Denis",
    "commune-97411": "Saint-Denis",
    "commune-59183": "Dunkerque",
    "commune-38251": "Montceau",
    "commune-71306": "Montceau-les-Mines",
    "commune-71310": "Montceau-le-Petit",
    "epci-241200567": "CC de Millau Grands Causses",
    "epci-245900428": "CU de Dunkerque",
    "epci-200034825": "CA du Grand Guéret",
    "departement-12": "Aveyron",
    **{f"commune-{n}": f"Pays-de-Montagne-{n}" for n in range(25001, 25021)},
}
INHABITANTS = {
    "commune-12208": 8000,
    "commune-81235": 800,
    "commune-71306": 17_000,
    "commune-71310": 150,
    "commune-38251": 500,
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of these territories."""
    folder = tmp_path_factory.mktemp("release")
    graph = NamedNode(f"{BASE}graph/territories")
    store = Store()
    for key, label in LABELS.items():
        territory, kind = NamedNode(TERRITORY + key), key.partition("-")[0]
        said = {
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": NamedNode(f"{BASE}ontology#Territory"),
            "http://www.w3.org/2000/01/rdf-schema#label": Literal(label, language="fr"),
            f"{BASE}ontology#territoryKind": NamedNode(f"{BASE}concept/territory-kind/{kind}"),
        }
        store.extend(Quad(territory, NamedNode(one), value, graph) for one, value in said.items())
        if key in INHABITANTS:
            count = Literal(str(INHABITANTS[key]), datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
            store.add(Quad(territory, NamedNode(f"{BASE}ontology#population"), count, graph))
    store.dump(str(folder / "store.nq"), format=RdfFormat.N_QUADS)
    index.write([folder / "store.nq"], folder / index.FILE)
    with closing(sqlite3.connect(folder / postcodes.FILE)) as database, database:
        database.execute("CREATE TABLE postcode (code, territory)")
        database.executemany(
            "INSERT INTO postcode VALUES ('12100', ?)", [["commune-12145"], ["commune-12208"], ["commune-81235"]]
        )
    return folder


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("Millau", ["commune-12145"]),
        ("mairie de Millau", ["commune-12145"]),
        ("CC de Millau", ["epci-241200567"]),
        ("communauté de communes Millau", ["epci-241200567"]),
        ("Millau grand causse", ["epci-241200567"]),
        ("Communauté urbaine de Dunkerque", ["epci-245900428"]),
        ("Dunkerque", ["commune-59183"]),
        ("Grand Guéret", ["epci-200034825"]),
        ("Communauté d'agglomération du Grand Guéret", ["epci-200034825"]),
        ("CC Saint-Affrique", ["commune-12208"]),
        ("saint afrique", ["commune-12208"]),
        ("Saint-Denis", ["commune-93066", "commune-97411"]),
        ("Saint-Denis (974)", ["commune-97411"]),
        ("Saint-Denis 93", ["commune-93066"]),
        ("Aveyron", ["departement-12"]),
        ("Montceau", ["commune-38251", "commune-71306"]),  # one that more people live in has a name that begins so
        ("mairie de Montceau", ["commune-38251", "commune-71306"]),
        ("Montceau-les-Mines", ["commune-71306"]),
        ("Saint-Affrique", ["commune-12208"]),
        ("12100", ["commune-12145", "commune-12208", "commune-81235"]),
        ("12101", []),
        ("xyzzy", []),
        ("★", []),
        ("", []),
    ],
)
def test_words_lead_to_the_territories_that_they_may_name(release: Path, words: str, keys: list[str]) -> None:
    assert sorted(names_of(release)(words)) == keys


def test_of_many_the_nearest_are_offered(release: Path) -> None:
    assert len(names_of(release)("pays de montagne")) == MOST


@given(st.text(max_size=60))
def test_any_words_can_be_asked_for(release: Path, words: str) -> None:
    assert names_of(release)(words) == list(dict.fromkeys(names_of(release)(words)))


def test_of_the_communes_of_a_postcode_the_larger_come_first(release: Path) -> None:
    assert names_of(release)("12100") == ["commune-12208", "commune-81235", "commune-12145"]


def test_without_an_index_no_word_is_known(tmp_path: Path) -> None:
    assert names_of(tmp_path)("Millau") == names_of(tmp_path)("12100") == []
    (tmp_path / index.FILE).write_bytes(b"no index")
    assert names_of(tmp_path)("Millau") == []
