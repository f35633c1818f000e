"""The grade of a release: what each damage to a catalogue costs, at which indicator, and what goes on over releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld.errors import ReleaseError
from clirld.release.catalog import WHOLE
from clirld.release.grade import dcat_ap, fair, links, mqa, umaka
from clirld.release.grade import write as grade
from clirld.release.grade.described import Described, Node
from clirld.release.grade.marks import METHODS, Mark, Total, said, totals, words
from clirld.release.statements import PREFIXES, TYPE, iri, typed
from clirld.settings import BASE
from clirld.validate import engine, pyshacl_engine, rust_engine
from tests.conftest import PROJECT

SHAPES = PROJECT / "shapes"
AUTHORITY = "http://publications.europa.eu/resource/authority/"
DATASET = ox.NamedNode(f"{BASE}id/dataset/clirld-open")
"""The dataset that is damaged: all its distributions are files of the release."""


@pytest.fixture(scope="module")
def release(samples: Path) -> Path:
    return (samples / "current").resolve()


@pytest.fixture(scope="module")
def catalogue(release: Path) -> list[ox.Triple]:
    return list(Described.read(release / "catalog.ttl"))


@pytest.fixture(scope="module")
def files(catalogue: list[ox.Triple]) -> set[object]:
    return {one.object for one in catalogue if (one.subject, one.predicate) == (DATASET, iri("dcat:distribution"))}


Damage = Callable[[ox.Triple, set[object]], ox.Triple | None]
"""Makes of a triple of the catalogue another one, or none; it is told which are the files of the dataset."""


def without(property_: str, of: str) -> Damage:
    """The same without a property of the dataset, or of its files."""

    def damage(triple: ox.Triple, files: set[object]) -> ox.Triple | None:
        is_of_it = triple.subject in files if of == "distribution" else triple.subject == DATASET
        return None if is_of_it and triple.predicate == iri(property_) else triple

    return damage


def instead(property_: str, value: str, of: str) -> Damage:
    """The same with another value of it."""

    def damage(triple: ox.Triple, files: set[object]) -> ox.Triple | None:
        if without(property_, of)(triple, files) is not None:
            return triple
        return ox.Triple(triple.subject, triple.predicate, ox.NamedNode(value))

    return damage


def undated(property_: str) -> Damage:
    """The same without a date, of the dataset and of its files."""
    of_dataset, of_files = (without(property_, of) for of in ("dataset", "distribution"))
    return lambda triple, files: of_dataset(triple, files) and of_files(triple, files)


FORMATS = {"formatAvailability", "formatMediaTypeVocabularyAlignment", "formatMediaTypeNonProprietary",
           "formatMediaTypeMachineInterpretable"}  # fmt: skip
DAMAGES: dict[str, tuple[Damage, set[str]]] = {
    "keywordAvailability": (without("dcat:keyword", "dataset"), set()),
    "categoryAvailability": (without("dcat:theme", "dataset"), set()),
    "spatialAvailability": (without("dct:spatial", "dataset"), set()),
    "temporalAvailability": (without("dct:temporal", "dataset"), set()),
    "accessUrlStatusCode": (instead("dcat:accessURL", f"{BASE}release/gone", "distribution"), set()),
    "downloadUrlAvailability": (without("dcat:downloadURL", "distribution"), {"downloadUrlStatusCode"}),
    "downloadUrlStatusCode": (instead("dcat:downloadURL", f"{BASE}release/dump/gone.nq.gz", "distribution"), set()),
    "formatAvailability": (without("dct:format", "distribution"), FORMATS),
    "mediaTypeAvailability": (without("dcat:mediaType", "distribution"), {"formatMediaTypeVocabularyAlignment"}),
    "formatMediaTypeVocabularyAlignment": (instead("dcat:mediaType", "http://a.test/nq", "distribution"), set()),
    "formatMediaTypeNonProprietary": (instead("dct:format", f"{AUTHORITY}file-type/XLSX", "distribution"), set()),
    "formatMediaTypeMachineInterpretable": (
        instead("dct:format", f"{AUTHORITY}file-type/TXT", "distribution"),
        set(),
    ),
    "dcatApCompliance": (without("dct:title", "dataset"), set()),
    "licenceAvailability": (without("dct:license", "distribution"), {"knownLicence"}),
    "knownLicence": (instead("dct:license", "https://a.test/licence", "distribution"), set()),
    "accessRightsAvailability": (without("dct:accessRights", "dataset"), {"accessRightsVocabularyAlignment"}),
    "accessRightsVocabularyAlignment": (instead("dct:accessRights", "http://a.test/all", "dataset"), set()),
    "contactPointAvailability": (without("dcat:contactPoint", "dataset"), set()),
    "publisherAvailability": (without("dct:publisher", "dataset"), set()),
    "rightsAvailability": (without("dct:rights", "distribution"), set()),
    "byteSizeAvailability": (without("dcat:byteSize", "distribution"), set()),
    "dateIssuedAvailability": (undated("dct:issued"), set()),
    "dateModifiedAvailability": (undated("dct:modified"), set()),
}
"""Indicator → a damage to the catalogue, and the other indicators that hang on the same."""
BREAK_THE_SHAPES = {
    *("accessRightsVocabularyAlignment", "knownLicence"),
    *("formatMediaTypeVocabularyAlignment", "formatMediaTypeMachineInterpretable"),
}
"""Damages that put a thing of no class there, which the shapes find as well."""


def lost(marks: list[Mark], about: str) -> set[str]:
    return {one.indicator for one in marks if one.about == about and not one.is_whole}


def test_the_method_has_405_points_in_its_five_dimensions() -> None:
    by_dimension: dict[str, int] = {}
    for one in mqa.INDICATORS:
        by_dimension[one.dimension] = by_dimension.get(one.dimension, 0) + one.points
    # The table of https://data.europa.eu/mqa/methodology.
    assert by_dimension == {
        "findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20,
    }  # fmt: skip
    assert [mqa.rating(points) for points in (405, 351, 350, 221, 220, 121, 120, 0)] == [
        "excellent", "excellent", "good", "good", "sufficient", "sufficient", "bad", "bad",
    ]  # fmt: skip
    assert DAMAGES.keys() == {one.name for one in mqa.INDICATORS}


@pytest.mark.parametrize("indicator", DAMAGES)
def test_a_damage_costs_the_points_of_its_indicator(
    indicator: str, catalogue: list[ox.Triple], files: set[object], release: Path
) -> None:
    damage, others = DAMAGES[indicator]
    damaged = [one for triple in catalogue if (one := damage(triple, files)) is not None]
    assert damaged != catalogue
    described = Described.of(damaged)
    broken = dcat_ap.broken(described, SHAPES)
    marks = list(mqa.marks(described, mqa.answers_of(release), {node for at in broken.values() for node in at}))
    found = lost(marks, "clirld-open")
    if indicator in BREAK_THE_SHAPES:
        found.discard("dcatApCompliance")
    assert found == {indicator} | others
    if indicator == "dcatApCompliance":
        named = next(one for one in dcat_ap.marks(broken) if not one.is_whole)
        assert DATASET.value in named.detail
        assert iri("dct:title").value in named.detail


def test_both_engines_find_the_same(catalogue: list[ox.Triple], monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = Described.of(one for one in catalogue if one.predicate != iri("foaf:name"))
    found = []
    for module in (rust_engine, pyshacl_engine):
        monkeypatch.setattr(engine, "_engine", lambda module=module: module)
        found.append(dcat_ap.broken(damaged, SHAPES))
    assert found[0] == found[1]
    assert found[0]["shapes"]


def test_a_dataset_without_a_file_has_what_is_of_the_dataset_alone() -> None:
    node = ox.NamedNode(f"{BASE}id/dataset/alone")
    described = Described.of(
        [ox.Triple(node, TYPE, iri("dcat:Dataset")), ox.Triple(node, iri("dcat:keyword"), ox.Literal("a"))]
    )
    given = {one.indicator: one.points for one in mqa.marks(described, lambda _url: True, ()) if one.points}
    assert given == {"keywordAvailability": 30, "dcatApCompliance": 30}


def test_of_several_files_the_best_counts() -> None:
    node, *files = (ox.NamedNode(f"{BASE}{name}") for name in ("id/dataset/two", "a", "b"))
    triples = [ox.Triple(node, TYPE, iri("dcat:Dataset"))]
    triples += [ox.Triple(node, iri("dcat:distribution"), file) for file in files]
    triples.append(ox.Triple(files[0], iri("dct:rights"), ox.NamedNode(f"{BASE}rights")))
    triples.append(ox.Triple(files[1], iri("dct:license"), ox.NamedNode(f"{AUTHORITY}licence/CC_BY_4_0")))
    given = {one.indicator for one in mqa.marks(Described.of(triples), lambda _url: False, [node]) if one.points}
    assert given == {"licenceAvailability", "knownLicence"}  # and not the rights of the other


def test_only_what_the_release_has_answers(release: Path) -> None:
    answers = mqa.answers_of(release)
    assert answers(f"{BASE}release/dump/clirld-open.nq.gz")
    assert answers(f"{BASE}release/")
    for url in (
        f"{BASE}release/dump",
        f"{BASE}release/../current/manifest.json",
        f"{BASE}id/x",
        "https://www.insee.fr/",
    ):
        assert not answers(url), url


METRICS: dict[str, Damage] = {
    "FsF-F2-01M": without("dct:creator", "dataset"),
    "FsF-F3-01M": without("dcat:downloadURL", "distribution"),
    "FsF-A1-01M": without("dct:accessRights", "dataset"),
    "FsF-I3-01M": without("dct:source", "dataset"),
    "FsF-R1-01M": without("dcat:byteSize", "distribution"),
    "FsF-R1.1-01M": without("dct:license", "dataset"),
    "FsF-R1.3-02D": without("dct:format", "distribution"),
}


@pytest.mark.parametrize("metric", METRICS)
def test_a_damage_costs_the_points_of_its_metric(metric: str, catalogue: list[ox.Triple], files: set[object]) -> None:
    damaged = [one for triple in catalogue if (one := METRICS[metric](triple, files)) is not None]
    before, after = (lost(list(fair.marks(Described.of(one))), "clirld-open") for one in (catalogue, damaged))
    assert before == set()
    assert after - {"FsF-A1.1-01MD"} == {metric}  # without a file there is no address of one


def test_links_that_lead_nowhere_are_named() -> None:
    source, graph, property_ = (ox.NamedNode(f"{BASE}{one}") for one in ("id/dataset/s", "graph/s", "ontology#p"))
    part = ox.NamedNode(f"{source.value}#part")
    described = Described.of(
        [
            ox.Triple(source, TYPE, iri("void:Dataset")),
            ox.Triple(source, iri("void:propertyPartition"), part),
            ox.Triple(part, iri("void:property"), property_),
        ]
    )
    objects = [f"{BASE}id/there", f"{BASE}id/gone", "http://192.168.1.1/a"]
    store = ox.Store()
    store.extend(ox.Quad(ox.NamedNode(f"{BASE}id/there"), property_, ox.NamedNode(one), graph) for one in objects)
    own, others = links.marks(store, described, lambda _url: False)
    assert (own.points, own.detail) == (50.0, f"1/2 {BASE}id/gone")
    assert (others.points, others.detail) == (0.0, "0/1 http://192.168.1.1/a")


@pytest.mark.parametrize(
    ("url", "is_sound"),
    [
        ("https://www.insee.fr/fr/accueil", True),
        ("http://xn--caf-dma.fr/", True),
        ("mailto:contact@lieux.example.org", True),
        ("http://localhost:8000/", False),
        ("https://intranet/", False),
        ("https://nom:mot@site.fr/", False),
        ("https://site.invalid/", False),
        ("http://[::1", False),
        ("http://site.fr:99999/", False),
        ("ftp://site.fr/", False),
        ("https://a b.fr/", False),
    ],
)
def test_addresses(url: str, is_sound: bool) -> None:
    assert links.is_address(url) == is_sound


def test_the_release_of_the_samples_is_excellent_and_says_so_in_dqv(release: Path) -> None:
    marks = grade.read(release)
    found = {one.method: one for one in totals(marks)}
    assert list(found) == list(METHODS)
    assert found["mqa"].points >= 380
    assert (found["umaka"].points, found["dcat-ap"].points, found["links"].points) == (100, 2, 200)
    # What the project's own datasets lose is lost for a reason: a group of several licences has none.
    own = [one for one in marks if one.method == "mqa" and one.about.startswith("clirld-") and not one.is_whole]
    assert {(one.about, one.indicator) for one in own} == {
        ("clirld-by-permission", "knownLicence"), ("clirld-by-permission", "licenceAvailability"),
    }  # fmt: skip
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert marks == grade.marks_of(release, manifest, SHAPES)
    assert {f"quality/{name}" for name in ("grade.csv", "grade-over-time.csv", "grade.ttl")} <= {
        one["path"] for one in manifest["files"]
    }
    dqv = Described.read(release / "quality" / "grade.ttl")
    node = ox.NamedNode(f"{WHOLE.value}#grade-mqa")
    assert dqv.values(node, "dqv:value") == [typed(f"{found['mqa'].points:.2f}", "xsd:decimal")]
    assert dqv.values(node, "dqv:computedOn") == [WHOLE]


def test_a_damaged_release_is_told_and_not_graded(release: Path, tmp_path: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    for content, what in (
        (None, "the catalogue cannot be read"),
        ("<a", "it is not Turtle"),
        ("", "the store of the release cannot be read"),
    ):
        if content is not None:
            (tmp_path / "catalog.ttl").write_text(content, encoding="utf-8")
        with pytest.raises(ReleaseError, match=what):
            grade.marks_of(tmp_path, manifest, SHAPES)


def test_every_indicator_has_words_in_both_languages(release: Path) -> None:
    marks = grade.read(release)
    named: dict[str, set[str]] = {}
    for one in marks:
        named.setdefault(one.method, set()).add(one.indicator)
        for what in ("title", "do"):
            french, english = (said(one.method, one.indicator, what, language) for language in ("fr", "en"))
            assert french
            assert english
    assert {method: set(words()[method]["indicators"]) for method in METHODS} == named


def test_umaka_wants_numbers(release: Path) -> None:
    manifest = {"id": "r", "sources": [{"id": "lieux"}], "quads": 5}
    given = {one.indicator: one.points for one in umaka.marks(Described.of([]), manifest)}
    assert given == {"service-description": 50, "void": 0}


def test_totals_are_means_of_datasets() -> None:
    marks = [Mark("mqa", "a", "x", 10, 10), Mark("mqa", "a", "y", 0, 10), Mark("umaka", "void", "", 50, 50)]
    assert totals(marks) == [
        Total("mqa", 5.0, 10.0, {"a": (5.0, 10.0)}),
        Total("umaka", 50.0, 50.0, {"void": (50.0, 50.0)}),
    ]
    assert totals([]) == []


def test_numbers_of_bytes_stay_what_they_are(release: Path) -> None:
    described = Described.read(release / "catalog.ttl")
    file: Node = ox.NamedNode(f"{BASE}release/dump/clirld-open.nq.gz")
    size = (release / "dump" / "clirld-open.nq.gz").stat().st_size
    assert described.values(file, "dcat:byteSize") == [typed(str(size), "xsd:nonNegativeInteger")]
    assert PREFIXES["xsd"] in str(described.values(file, "dcat:byteSize")[0])
