"""The whole line on the real registries beside the project: counts, a second run, a forced release, real answers."""

from __future__ import annotations

import csv
import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import requests
from pyoxigraph import QueryBoolean, QueryTriples, Store

from clirld.card.source import Source
from clirld.errors import RecordsError
from clirld.fetch.stage import Origin
from clirld.harvest import line, rights
from clirld.project import Project
from clirld.release import published
from clirld.release.make import make_release
from clirld.search.index import FILE
from clirld.settings import BASE, Settings
from clirld.web.local_links import document_path
from tests.dumps import quads_of
from tests.once import linked_copy
from tests.release.test_search import not_on_the_first_page
from tests.sources import scan
from tests.web.documents.test_every_iri import check_formats
from tests.web.served import serve_settings, serving

pytestmark = pytest.mark.real

SETTINGS = Settings.from_environment({})
COUNTS = {
    "territories": (192_652, 157_901),
    "zonings": (114_043, 109_600),
    "statistics": (378_203, 359_522),
    "comparisons": (36_130, 36_130),
    "contours": (1_356, 1_328),
    "programmes": (991, 991),
    "projets-alimentaires": (5_906, 5_812),
    "anct-programmes": (5_558, 5_544),
    "contrats-crte": (1_306, 1_305),
    "actee-laureats": (995, 993),
    "magasins-participatifs": (130, 88),
    "groupes-action-locale": (821, 389),
    "ort": (2_290, 1_896),
    "zrr": (34_965, 17_730),
    "tiers-lieux-2023-extract": (47, 45),
    "tiers-lieux-2019": (1_512, 1_509),
    "ess-numerique": (3_664, 3_626),
    "gogocarto-full": (23, 19),
    "gogocarto-compact": (75, 73),
    "gogocarto-jsonld": (700, 528),
}
"""Rows in and published of the files of ../shared, which do not change; the curated sources grow."""

NOTHING_KEPT = "rna-import"
"""The mirror's extract has three associations, all dissolved: the card keeps none, and a harvest of nothing fails."""


def mirrored(project: Project, mirror: Path) -> list[Source]:
    """Sources kept by hand, and those whose files the mirror has; the others are for the network."""
    sources = (one for one in project.sources.values() if one.id != NOTHING_KEPT)
    return [one for one in sources if Origin(mirror=mirror).includes(one)]


@pytest.fixture(scope="module")
def harvested(shared: Path, real_territories: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """All sources of the mirror harvested, and a release of them."""
    data = linked_copy(real_territories, tmp_path_factory.mktemp("real") / "data")
    project = Project.load(replace(SETTINGS, data=data))
    for source in mirrored(project, shared / "registries"):
        harvest = line.harvest(project, source, Origin(mirror=shared / "registries"))
        if rights.refusal(project, harvest):
            rights.accept(project, source, "for this test, whose release nobody sees", "the tests")
    make_release(project)
    return project


@pytest.fixture(scope="module")
def served(harvested: Project) -> published.Release:
    now = published.current(harvested.settings.data)
    assert now is not None
    return now


@pytest.fixture(scope="module")
def quads(served: published.Release) -> list[bytes]:
    """Every line of its dumps, sorted."""
    return quads_of(served.folder)


@pytest.fixture(scope="module")
def store(served: published.Release) -> Store:
    return Store.read_only(str(served.folder / "store"))


def test_every_row_is_accounted_for(served: published.Release) -> None:
    sources = {source["id"]: source for source in served.manifest["sources"]}
    for source in sources.values():
        assert source["rows_in"] == source["published"] + source["held"] + source["dropped"], source["id"]
        assert source["state"] == "fresh"
    found = {name: (sources[name]["rows_in"], sources[name]["published"]) for name in COUNTS}
    assert found == COUNTS


def test_where_all_rows_are_left_out_the_source_fails(harvested: Project, shared: Path) -> None:
    with pytest.raises(RecordsError, match="none of the 3 rows is published") as caught:
        line.harvest(harvested, harvested.sources[NOTHING_KEPT], Origin(mirror=shared / "registries"))
    assert "column position" in caught.value.what


def test_a_second_run_changes_nothing(harvested: Project, served: published.Release, shared: Path) -> None:
    said: list[tuple[str, str, str]] = []
    for source in mirrored(harvested, shared / "registries"):
        origin = Origin(mirror=shared / "registries")
        line.harvest(harvested, source, origin, lambda *what: said.append(what))
    assert {what for what in said if what[2] not in ("started", "skipped")} == set()
    again, new = make_release(harvested)
    assert (again.id, new) == (served.id, False)


def test_a_forced_release_is_the_same_to_the_byte(
    harvested: Project, served: published.Release, quads: list[bytes]
) -> None:
    forced, new = make_release(harvested, force=True)
    assert new
    assert quads_of(forced.folder) == quads
    assert (forced.folder / FILE).read_bytes() == (served.folder / FILE).read_bytes()
    assert len(set(quads)) == served.manifest["quads"]
    assert published.switch_to(harvested.settings.data, served.id).id == served.id


def test_one_name_in_twenty_finds_its_thing_on_the_first_page(served: published.Release) -> None:
    assert not_on_the_first_page(served.folder, every=20) == []


@pytest.mark.parametrize("pole", ["edenn", "textile-circulaire"])
def test_a_pole_that_stands_twice_is_one_since_somebody_said_so(
    served: published.Release, store: Store, pole: str
) -> None:
    first, second = (f"ptce-2021-p{phase}-{pole}" for phase in (1, 2))
    same = "<http://www.w3.org/2002/07/owl#sameAs>"
    ask = f"ASK {{ <{BASE}id/initiative/{first}> {same}|^{same} <{BASE}id/initiative/{second}> }}"
    assert store.query(ask, use_default_graph_as_union=True)
    with (served.folder / "links" / "candidates.csv").open(encoding="utf-8") as file:
        assert (first, second) not in {(row["left"], row["right"]) for row in csv.DictReader(file)}


def test_no_candidate_and_no_held_record_is_in_the_store(store: Store) -> None:
    graphs = [str(graph) for graph in store.named_graphs()]
    assert len(graphs) > len(COUNTS)
    assert [graph for graph in graphs if "/graph/links/" in graph] == []
    assert not store.query(
        """PREFIX clir: <https://w3id.org/clirld/ontology#> PREFIX prov: <http://www.w3.org/ns/prov#>
        ASK { ?e prov:wasDerivedFrom ?r . ?r clir:rowOutcome <https://w3id.org/clirld/concept/row-outcome/held> }""",
        use_default_graph_as_union=True,
    )


def test_every_entity_leads_to_a_row_and_a_sha256(quads: list[bytes]) -> None:
    """Statement by statement on the samples (tests/release/test_provenance.py); here every entity.

    By the lines of the dump: as a query it would take a minute.
    """
    origins: defaultdict[bytes, list[bytes]] = defaultdict(list)
    values: defaultdict[bytes, dict[bytes, bytes]] = defaultdict(dict)
    kept = {b"sourceRow>", b"checksum>", b"checksumValue>"}
    records = set()
    for quad in quads:
        subject, predicate, rest = quad.split(b" ", 2)
        name = re.split(rb"[#/]", predicate)[-1]
        if name == b"wasDerivedFrom>":
            origins[subject].append(rest.split(b" ", 1)[0])
        elif name in kept:
            values[name][subject] = rest.split(b" ", 1)[0]
        elif name == b"type>" and rest.startswith(b"<https://w3id.org/clirld/ontology#SourceRecord>"):
            records.add(subject)
    files = {file.strip(b"<>") for file, one in values[b"checksum>"].items() if one in values[b"checksumValue>"]}
    traced = {
        record
        for record in records & values[b"sourceRow>"].keys()
        if any(place.strip(b"<>").partition(b"#")[0] in files for place in origins[record])
    }
    assert len(traced) > 80_000
    untraced = records - traced
    assert [entity for entity, derived_from in origins.items() if not untraced.isdisjoint(derived_from)] == []


HARMLESS = {
    "THE@TRE.COM": "of the registered name of a company",
    "M. ATELIERS": "of the initials of an association",
    "Dr Albert": "of the name of a street",
    "200067429": "a grouping of communes, which is no social enterprise and is published as a territory",
}
"""What the patterns find in the release of the real files, looked at one by one."""


def test_a_thousand_entities_open_in_every_format(harvested: Project, quads: list[bytes]) -> None:
    """Drawn at random, up to 110 of each kind that a row of a registry gives: 303, then 200 with the same in each."""
    entity = re.compile(rb"<(https://w3id\.org/clirld/id/[^>#]*)> <http://www\.w3\.org/ns/prov#wasDerivedFrom>")
    iris = sorted({match[1].decode() for quad in quads if (match := entity.match(quad))})
    by_kind: dict[str, list[str]] = defaultdict(list)
    for iri in random.Random(2026).sample(iris, len(iris)):
        by_kind[iri.removeprefix(BASE).split("/")[1]].append(iri)
    drawn = [iri for kind in sorted(by_kind) for iri in by_kind[kind][:110]]
    assert len(drawn) >= 1000
    with serving(harvested.settings.data, serve_settings()) as site:
        with requests.Session() as session:
            for iri in drawn:
                led = session.get(site + f"/{iri.removeprefix(BASE)}", timeout=60, allow_redirects=False)
                assert (led.status_code, led.headers["location"]) == (303, document_path(iri))
        check_formats(site, drawn)


def test_nothing_personal_is_in_any_file(
    harvested: Project, served: published.Release, shared: Path, figure: Callable[[str], None]
) -> None:
    withheld = scan.withheld_keys(harvested, served, shared / "registries")
    assert {name: len(keys) for name, keys in withheld.items() if name.startswith(("gogocarto", "tiers"))} == {
        "gogocarto-compact": 2,
        "gogocarto-full": 4,
        "tiers-lieux-2019": 3,
        "tiers-lieux-2023-extract": 1,
    }
    looked_at, findings = scan.found(served.folder, (key for keys in withheld.values() for key in keys))
    kept_out = sum(len(keys) for keys in withheld.values())
    left = {kind: {one: n for one, n in what.items() if one not in HARMLESS} for kind, what in findings.items()}
    counts = ", ".join(f"{kind} {sum(what.values())}" for kind, what in left.items())
    figure(f"scan of the real release, {dict(looked_at)}, {kept_out} keys that must not be there: {counts}")
    assert left == {"e-mail": {}, "phone": {}, "civil title": {}, "withheld": {}}


def test_the_scan_finds_what_it_looks_for(tmp_path: Path) -> None:
    text = "Écrire à jeanne@exemple.fr, au 06 12 34 56 78 ou +33(0)6.12.34.56.78 ; Mme Exemple ; W632007046."
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    pl.DataFrame({"name": ["0612345678"], "labels": [["M. Exemple"]]}).write_parquet(tmp_path / "table.parquet")
    with closing(sqlite3.connect(tmp_path / "tables.gpkg")) as database, database:
        database.execute("CREATE TABLE place (name TEXT, geom BLOB)")
        database.execute("INSERT INTO place VALUES ('jean@exemple.fr', x'0102')")
    looked_at, findings = scan.found(tmp_path, ["W632007046", "W63200704", "632007046"])
    assert looked_at["files"] == 3
    assert {kind: what.total() for kind, what in findings.items()} == {
        "e-mail": 2,
        "phone": 3,
        "civil title": 2,
        "withheld": 1,
    }


@pytest.mark.parametrize("path", sorted(SETTINGS.queries.glob("*.rq")), ids=lambda path: path.stem)
def test_example_queries_have_answers(path: Path, store: Store) -> None:
    results = store.query(path.read_text(encoding="utf-8"), use_default_graph_as_union=True)
    assert not isinstance(results, QueryBoolean | QueryTriples)
    assert next(iter(results), None) is not None or path.stem in ("missing-rows", "sources-disagree", "corrections")


@pytest.mark.parametrize("number", [*range(2, 19), 41, 42])
def test_questions_on_roles_processes_lessons_and_places_have_real_answers(number: int, store: Store) -> None:
    path = SETTINGS.ontology / "competency" / f"CQ{number:02}.rq"
    results = store.query(path.read_text(encoding="utf-8"), use_default_graph_as_union=True)
    assert not isinstance(results, QueryBoolean | QueryTriples)
    assert next(iter(results), None) is not None
