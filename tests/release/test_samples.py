"""What the release of the samples of all sources brings beside its quads: its catalogue, held to the standards."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib.namespace import DCTERMS, FOAF, RDF, SKOS

from clirld.query.select import select
from clirld.settings import BASE

VOID = "http://rdfs.org/ns/void#"
PREFIXES = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX prov: <http://www.w3.org/ns/prov#> "
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
DCAT_AP_SHAPES = [
    "html/shacl/shapes.ttl",
    "html/shacl/range.ttl",
    "html/shacl/mdr-vocabularies.shape.ttl",
    "shacl/dcat-ap-SHACL.ttl",
    "shacl/ranges.ttl",
]
"""The shapes of DCAT-AP 3.0.1 for what is mandatory, for ranges and for controlled vocabularies."""


@pytest.fixture(scope="module")
def release(samples: Path) -> Path:
    """The folder of the release."""
    return (samples / "current").resolve()


@pytest.fixture(scope="module")
def manifest(release: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def catalogue(release: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(release / "catalog.ttl")


@pytest.fixture(scope="module")
def store(release: Path) -> ox.Store:
    """All that the release says, from its dumps: the store itself is not what is compared with itself."""
    store = ox.Store()
    for path in sorted((release / "dump").glob("clirld-*.nq.gz")):
        store.bulk_load(input=gzip.decompress(path.read_bytes()), format=ox.RdfFormat.N_QUADS)
    return store


@pytest.mark.real
@pytest.mark.parametrize("shapes", DCAT_AP_SHAPES)
def test_the_catalogue_keeps_the_shapes_of_dcat_ap(catalogue: rdflib.Graph, shared: Path, shapes: str) -> None:
    wanted = rdflib.Graph().parse(shared / "suites" / "dcat-ap" / "releases" / "3.0.1" / shapes)
    # One property shape that the published file of dcat:DataService names is nowhere in it.
    for node in set(wanted.objects(None, SH.property)) - set(wanted.subjects()):
        wanted.remove((None, SH.property, node))
    conforms, _report, text = pyshacl.validate(catalogue, shacl_graph=wanted, allow_warnings=True)
    assert conforms, text
    broken = rdflib.Graph() + catalogue
    whole = rdflib.URIRef(f"{BASE}id/dataset/clirld")
    broken.set((whole, DCTERMS.title, rdflib.URIRef("https://example.org/no-title")))
    broken.remove((None, RDF.type, FOAF.Agent))
    broken.set((whole, DCTERMS.language, rdflib.URIRef("https://example.org/no-language")))
    assert not pyshacl.validate(broken, shacl_graph=wanted, allow_warnings=True)[0]


def test_partitions_are_what_a_count_gives(store: ox.Store, manifest: dict[str, Any]) -> None:
    for kind, name, number in (("property", "property", "triples"), ("class", "class", "entities")):
        rows = select(
            store,
            f"{PREFIXES} SELECT ?d ?what ?n {{ ?d void:{kind}Partition ?x . ?x void:{name} ?what ; void:{number} ?n"
            f" FILTER(REGEX(STR(?d), '/id/dataset/[^#]*$') && ?d != <{BASE}id/dataset/clirld>) }}",
        )
        told = {(row["d"].value, row["what"].value): int(row["n"].value) for row in rows}
        counted: Counter[tuple[str, str]] = Counter()
        for source in manifest["sources"]:
            graph = ox.NamedNode(f"{BASE}graph/{source['id']}")
            for quad in store.quads_for_pattern(None, None, None, graph):
                is_type = quad.predicate.value == str(RDF.type)
                if kind == "property" or is_type:
                    what = quad.predicate.value if kind == "property" else quad.object.value  # type: ignore[union-attr]
                    counted[f"{BASE}id/dataset/{source['id']}", what] += 1
        assert told == counted


def test_linksets_are_what_a_count_gives(store: ox.Store) -> None:
    rows = list(
        select(
            store,
            f"{PREFIXES} SELECT ?from ?to ?p ?n {{ ?x a void:Linkset ; void:subjectsTarget ?from ;"
            " void:objectsTarget ?to ; void:linkPredicate ?p ; void:triples ?n }",
        )
    )
    assert {row["to"].value for row in rows} == {f"{BASE}id/dataset/territories", "http://id.insee.fr/codes/"}
    spaces = {f"{BASE}id/dataset/territories": f"{BASE}id/territory/"}
    for row in rows:
        source = ox.NamedNode(row["from"].value.replace("/id/dataset/", "/graph/"))
        start = spaces.get(row["to"].value, row["to"].value)
        links = store.quads_for_pattern(None, row["p"], None, source)
        assert int(row["n"].value) == sum(getattr(link.object, "value", "").startswith(start) for link in links)
    told = {(row["from"].value.rpartition("/")[2], row["p"].value) for row in rows}
    seats = "https://w3id.org/clirld/ontology#seatedIn"
    seated = {
        quad.graph_name.value.rpartition("/")[2]
        for quad in store.quads_for_pattern(None, ox.NamedNode(seats), None, None)
    }
    assert {source for source, predicate in told if predicate == seats} == seated


def test_every_graph_leads_to_the_bytes_it_is_made_from(store: ox.Store, manifest: dict[str, Any]) -> None:
    way = "(prov:wasDerivedFrom|(prov:wasGeneratedBy/prov:used))+/spdx:checksum/spdx:checksumValue"
    for name in manifest["graphs"]:
        question = f"PREFIX spdx: <http://spdx.org/rdf/terms#> {PREFIXES} SELECT ?s {{ <{BASE}graph/{name}> {way} ?s }}"
        digests = {row["s"].value for row in select(store, question)}
        assert digests, name
        assert all(len(digest) == 64 for digest in digests)
        for source in manifest["sources"]:
            if source["id"] == name:
                assert {snapshot["sha256"] for snapshot in source["snapshots"]} <= digests


def test_each_licence_group_is_a_dataset_with_its_dump(
    catalogue: rdflib.Graph, release: Path, manifest: dict[str, Any]
) -> None:
    dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
    for group in manifest["rights"]["groups"]:
        node = rdflib.URIRef(f"{BASE}id/dataset/clirld-{group['id']}")
        sources = {str(one).rpartition("/")[2] for one in catalogue.objects(node, DCTERMS.source)}
        assert sources == set(group["sources"])
        for file in catalogue.objects(node, dcat.distribution):
            url = str(catalogue.value(file, dcat.downloadURL))
            assert (release / url.removeprefix(f"{BASE}release/")).is_file()
            if len(group["licenses"]) == 1:
                (given,) = catalogue.objects(file, DCTERMS.license)  # of the list of the EU, where it is there
                assert (
                    group["licenses"] == [str(given)]
                    or (rdflib.URIRef(group["licenses"][0]), SKOS.exactMatch, given) in catalogue
                )
