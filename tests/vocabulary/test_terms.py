"""Loading the vocabulary as plain data."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld.errors import MappingError
from clirld.vocabulary.terms import CONCEPTS_GRAPH, ONTOLOGY_GRAPH, Vocabulary


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


def test_concepts(vocabulary: Vocabulary) -> None:
    fablab = vocabulary.concepts["initiative-kind"]["fablab"]
    assert fablab.iri == "https://w3id.org/clirld/concept/initiative-kind/fablab"
    assert fablab.labels == {"fr": "fablab", "en": "fab lab"}
    assert fablab.broader == ("third-place",)
    assert fablab.notation is None


@pytest.mark.parametrize(
    ("scheme", "notation", "slug"),
    [
        ("legal-form", "9220", "declared-association"),
        ("density-grid", "7", "very-dispersed-rural"),
        ("legal-form", "0000", None),
        ("no-scheme", "1", None),
    ],
)
def test_by_notation(vocabulary: Vocabulary, scheme: str, notation: str, slug: str | None) -> None:
    assert vocabulary.slug_by_notation(scheme, notation) == slug


@pytest.mark.parametrize(
    ("label", "slug"),
    [
        ("Bourgs ruraux", "rural-town"),
        (" bourgs RURAUX ", "rural-town"),
        ("Rural towns", "rural-town"),
        ("Bourg", None),
    ],
)
def test_by_label(vocabulary: Vocabulary, label: str, slug: str | None) -> None:
    assert vocabulary.slug_by_label("density-grid", label) == slug


def test_collections_are_no_concepts(vocabulary: Vocabulary) -> None:
    assert "in-order" not in vocabulary.concepts["phase"]
    assert vocabulary.slug_by_label("scaling-strategy", "individual strategies") is None
    assert vocabulary.slug_by_label("scaling-strategy", "essaimage") == "spin-out"


def test_terms(vocabulary: Vocabulary) -> None:
    assert "https://w3id.org/clirld/ontology#Initiative" in vocabulary.own
    assert "http://www.w3.org/ns/org#member" in vocabulary.terms
    assert "http://xmlns.com/foaf/0.1/Person" not in vocabulary.terms
    assert vocabulary.own < vocabulary.terms


def test_licences(vocabulary: Vocabulary) -> None:
    share_alike = {licence.spdx for licence in vocabulary.licences.values() if licence.group.share_alike}
    assert share_alike == {"ODbL-1.0", "CC-BY-SA-4.0"}
    not_stated = "https://w3id.org/clirld/concept/licence/not-stated"
    assert not_stated in vocabulary.licences
    assert vocabulary.concepts["licence"]["not-stated"].iri == not_stated


def test_nquads(vocabulary: Vocabulary) -> None:
    lines = list(vocabulary.as_nquads())
    store = ox.Store()
    store.load(input="\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    assert {graph.value for graph in store.named_graphs()} == {ONTOLOGY_GRAPH, CONCEPTS_GRAPH}
    assert len(store) == len(lines)
    assert list(vocabulary.as_nquads(ONTOLOGY_GRAPH)) == [line for line in lines if f"<{ONTOLOGY_GRAPH}>" in line]
    assert not any("_:" in line.split(" ")[0] for line in lines)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("clirld.ttl", "clir:Initiative a", "not Turtle"),
        ("vocabularies.yaml", "dct: {namespace: 'http://purl.org/dc/terms/'}", "dct is not whole"),
        ("licences.yaml", "https://example.org/: {title: {fr: libre}}", "not whole"),
    ],
)
def test_broken_files_are_named(project: Path, tmp_path: Path, file: str, text: str, said: str) -> None:
    shutil.copytree(project / "ontology", tmp_path / "ontology")
    (tmp_path / "ontology" / file).write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=said) as caught:
        Vocabulary.load(tmp_path / "ontology")
    assert file in caught.value.where
    assert caught.value.do


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="not there"):
        Vocabulary.load(tmp_path)


@pytest.mark.real
def test_every_legal_category_and_density_level_of_the_registries_is_known(
    shared: Path, vocabulary: Vocabulary
) -> None:
    def values(path: str, column: str) -> set[str]:
        with (shared / "registries" / path).open(encoding="utf-8-sig", newline="") as file:
            return {row[column].removesuffix(".0") for row in csv.DictReader(file)} - {""}

    codes = values("ess_numerique/x_enriched.csv", "categorie_juridique")
    assert [code for code in codes if not vocabulary.slug_by_notation("legal-form", code)] == []
    levels = values("anct_zonages/densite.csv", "niveau_densite")
    assert [level for level in levels if not vocabulary.slug_by_label("density-grid", level)] == []
