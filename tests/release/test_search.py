"""The index of a release: what is published is found by its name, what is not is nowhere in it."""

from __future__ import annotations

import gzip
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from clirld.release.make import make_release
from clirld.release.maps import write as maps
from clirld.search.find import Narrowed, find, kinds
from clirld.search.index import FILE
from clirld.search.overview import count
from clirld.search.things import kinds_of
from clirld.search.words import key
from clirld.web.search.asked import DEFAULT_LIMIT
from tests.followed import Followed, row

LABELS = [
    *(f"http://www.w3.org/2004/02/skos/core#{name}" for name in ("prefLabel", "altLabel", "notation")),
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/ns/regorg#legalName",
    "http://purl.org/dc/terms/title",
    *(f"https://w3id.org/clirld/ontology#{name}" for name in ("siren", "siret", "rna", "inseeCode")),
]


def named(folder: Path, predicates: list[str]) -> Iterator[Quad]:
    """The quads of some predicates, from the dumps: the index is not compared with itself."""
    wanted = {f"<{predicate}>".encode() for predicate in predicates}
    for path in sorted((folder / "dump").glob("clirld-*.nq.gz")):
        lines = [line for line in gzip.decompress(path.read_bytes()).splitlines() if line.split(b" ", 2)[1] in wanted]
        yield from parse(b"\n".join(lines), format=RdfFormat.N_QUADS)


def stand_for(folder: Path) -> dict[str, str]:
    """IRI of a record that is one with others → that of the one that stands for them, where both have a name."""
    same = named(folder, ["http://www.w3.org/2002/07/owl#sameAs"])
    return {
        str(quad.subject.value): quad.object.value
        for quad in same
        if isinstance(quad.subject, NamedNode) and kinds_of(quad.object.value) == kinds_of(quad.subject.value)
    }


def not_on_the_first_page(folder: Path, every: int = 1) -> list[tuple[str, str]]:
    """Names and things, of each so many names one, where the name does not find the thing.

    Where more things than a page holds have the very same name, any of them will do.
    """
    things: dict[str, set[str]] = defaultdict(set)
    same = stand_for(folder)
    for quad in named(folder, LABELS):
        if isinstance(quad.subject, NamedNode) and kinds_of(quad.subject.value):
            things[quad.object.value].add(same.get(quad.subject.value, quad.subject.value))
    assert things
    missing = []
    for text in sorted(things)[::every]:
        hits = find(folder / FILE, text, limit=DEFAULT_LIMIT).hits
        found = {hit.iri for hit in hits}
        if len(hits) == DEFAULT_LIMIT and all(float(hit.score) == 3 for hit in hits):
            continue
        missing += [(text, iri) for iri in things[text] if iri not in found]
    return missing


def test_every_name_finds_its_thing_on_the_first_page(samples: Path) -> None:
    assert not_on_the_first_page((samples / "current").resolve()) == []


@pytest.mark.parametrize(
    ("question", "end"),
    [
        ("lons le saunier", "territory/commune-39300"),
        ("LONS-LE-SAUNIER", "territory/commune-39300"),
        ("39300", "territory/commune-39300"),
        ("pole fictif du val", "initiative/capitalisation-pole-fictif-du-val"),
        ("Pôle fictif", "initiative/capitalisation-pole-fictif-du-val"),
        ("facilitator", "public-actor-role/enabler"),
        ("facilitateur", "public-actor-role/enabler"),
    ],
)
def test_what_people_write_finds_what_they_mean(samples: Path, question: str, end: str) -> None:
    hits = find((samples / "current").resolve() / FILE, question, limit=3).hits
    assert any(hit.iri.endswith(end) for hit in hits), [hit.iri for hit in hits]


def test_each_thing_that_is_named_is_in_it_once(samples: Path) -> None:
    folder = (samples / "current").resolve()
    labels = [one for one in LABELS if one.endswith(("#prefLabel", "#label", "/title"))]
    subjects = {str(quad.subject.value) for quad in named(folder, labels) if isinstance(quad.subject, NamedNode)}
    same = stand_for(folder)
    initiatives = {same.get(iri, iri) for iri in subjects if kinds_of(iri) == ["initiative"]}
    assert len(initiatives) < len([iri for iri in subjects if kinds_of(iri) == ["initiative"]])
    hits = find(folder / FILE, "", Narrowed("initiative"), most=10_000).hits
    assert sorted(hit.iri for hit in hits) == sorted(initiatives)
    assert kinds(folder / FILE)["initiative"] == len([hit for hit in hits if not hit.is_gone])


def test_the_same_content_has_the_same_bytes(source: Followed) -> None:
    source.run([row(1, "Le lieu"), row(2, "L'Œuvre")], "2026-01-01")
    first, _new = make_release(source.project)
    again, new = make_release(source.project, force=True)
    assert new
    assert (again.folder / FILE).read_bytes() == (first.folder / FILE).read_bytes()
    (listed,) = [one for one in again.manifest["files"] if one["path"] == FILE]
    assert listed["bytes"] == (again.folder / FILE).stat().st_size


def test_a_former_entity_comes_last_and_says_so(source: Followed) -> None:
    source.card("grace: 0\n")
    places = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(8)]
    source.run([*places, row(9, "Le lieu")], "2026-01-01")
    source.run(places, "2026-01-02")
    release, _new = make_release(source.project)
    hits = find(release.folder / FILE, "le lieu", Narrowed("initiative")).hits
    assert len(hits) == 9
    assert [hit.is_gone for hit in hits] == [False] * 8 + [True]
    assert hits[-1].iri.endswith("/lieux-9")


def test_records_held_back_are_not_found(source: Followed) -> None:
    places = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(8)]
    harvest = source.run([*places, row("held", "Chez Mme Jeanne Exemple")], "2026-01-01")
    assert harvest.account.summary()["held"] == 1
    release, _new = make_release(source.project)
    for question in ("jeanne", "exemple", "lieux-held", "held", "chez"):
        hits = find(release.folder / FILE, question, Narrowed("initiative")).hits
        assert hits == [], question
    for word in ("jeanne", "Jeanne"):
        assert word.encode() not in (release.folder / FILE).read_bytes()
    assert key("Jeanne") == "jeanne"


@pytest.mark.parametrize("facet", ["kind", "practice", "source", "departement", "epci"])
def test_the_search_and_the_map_count_the_same(samples: Path, facet: str) -> None:
    folder = (samples / "current").resolve()
    with closing(sqlite3.connect(folder / maps.FILE)) as database:
        query = "SELECT value, count(*) FROM facet WHERE name = ? GROUP BY value"
        drawn = dict(database.execute(query, [facet]))
        places = database.execute("SELECT count(*) FROM place").fetchone()[0]
    drawn.pop("contributions", None)  # which says something of initiatives of other sources, too
    assert drawn
    asked = "territory" if facet in ("departement", "epci") else facet
    assert {value: count(folder / FILE, "type/initiative", f"{asked}/{value}") for value in drawn} == drawn
    assert count(folder / FILE, "type/initiative") == places
