"""Every IRI of a release opens: all of the samples', and some drawn from the real registries."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import requests
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from clirld.settings import BASE
from clirld.web.local_links import document_path
from tests.web.served import serve_settings, serving

RDF = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG}
DRAWN = 6
"""Things of each kind that are asked for in each format."""


@pytest.fixture(scope="module")
def site(samples: Path) -> Iterator[str]:
    with serving(samples, serve_settings()) as address:
        yield address


@pytest.fixture(scope="module")
def things(samples: Path) -> dict[str, list[str]]:
    """IRIs of the project that a statement names, by kind."""
    store = Store.read_only(str(samples / "current" / "store"))
    found = defaultdict(set)
    for quad in store:
        for term in (quad.subject, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and document_path(term.value):
                first, _, rest = term.value.removeprefix(BASE).partition("/")
                # No client sends a fragment: a row of a file is asked for as the file.
                found[rest.partition("/")[0] if first == "id" else first].add(term.value.partition("#")[0])
    return {kind: sorted(iris) for kind, iris in sorted(found.items())}


KINDS = [
    *("acceptance", "activity", "adaptation", "address", "amount", "checksum", "concept", "condition", "dataset"),
    *("contribution", "correction", "derivation", "distribution", "need", "outcome", "statement"),
    *("comparison", "comparison-neighbour", "situation-finding", "territory-observation"),
    *("cube-component", "cube-structure", "observation-cube"),
    *(
        "file",
        "geometry",
        "grant",
        "graph",
        "initiative",
        "lesson",
        "metric",
        "observation",
        "obstacle",
        "organization",
    ),
    *("participation", "partition", "process", "programme", "recognition", "record", "resource", "rights", "rule"),
    *("scaling", "service", "step", "territory", "territory-change"),
    *("judgement", "query", "reviewer"),
]


def test_every_kind_is_drawn(things: dict[str, list[str]]) -> None:
    assert set(KINDS) - {"acceptance"} <= things.keys() <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_iri_leads_to_its_document(site: str, things: dict[str, list[str]], kind: str) -> None:
    with requests.Session() as session:
        for iri in things.get(kind, ()):
            path = f"/{iri.removeprefix(BASE)}"
            if kind != "concept":  # a concept is told by the vocabulary's own page
                led = session.get(site + path, timeout=60, allow_redirects=False)
                assert led.status_code == 303, iri
                assert led.headers["location"] == document_path(iri)
            document = session.get(site + document_path(iri), timeout=60)
            assert document.status_code == 200, iri
            assert any(
                iri in (quad.subject.value, getattr(quad.object, "value", "")) for quad in _read(document.content)
            )


def _read(content: bytes) -> list[object]:
    return list(parse(content, format=RdfFormat.TURTLE))


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_says_the_same(site: str, things: dict[str, list[str]], kind: str) -> None:
    iris = things.get(kind, [])
    check_formats(site, random.Random(kind).sample(iris, min(DRAWN, len(iris))))


def check_formats(site: str, iris: list[str]) -> None:
    context = requests.get(f"{site}/context.jsonld", timeout=60).text.strip().removeprefix("{").removesuffix("}")
    with requests.Session() as session:
        for iri in iris:
            address = site + document_path(iri)
            answers = {name: session.get(f"{address}.{name}", timeout=60) for name in (*RDF, "jsonld", "csv", "html")}
            assert {answer.status_code for answer in answers.values()} == {200}, iri
            said = {
                name: {quad.triple for quad in parse(answers[name].content, format=form)} for name, form in RDF.items()
            }
            # The reader does not fetch a context: it is given instead of its address.
            linked = answers["jsonld"].text.replace(f'"@context": "{site}/context.jsonld"', context, 1)
            said["jsonld"] = {quad.triple for quad in parse(linked, format=RdfFormat.JSON_LD)}
            assert all(triples == said["ttl"] for triples in said.values()), iri
            rows = csv.DictReader(io.StringIO(answers["csv"].text, newline=""))
            assert {(row["subject"], row["predicate"], row["object"]) for row in rows} == {
                tuple(getattr(term, "value", str(term)) for term in (one.subject, one.predicate, one.object))
                for one in said["ttl"]
            }
            assert "</html>" in answers["html"].text
            assert iri in unquote(answers["html"].text)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "· Valeur 12 · Valeur de départ 3 · Valeur visée 20"),
        ("en", "· Value 12 · Value before 3 · Value aimed at 20"),
    ],
)
def test_an_outcome_says_its_figures_where_its_initiative_is(site: str, language: str, said: str) -> None:
    address = f"{site}/doc/initiative/capitalisation-pole-fictif-du-val.html?lang={language}"
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", requests.get(address, timeout=60).text))
    assert said in page
