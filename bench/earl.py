"""What the project passes of the W3C's suites, as EARL (https://www.w3.org/TR/EARL10-Schema/): `python -m bench.earl`.

SHACL Core by both engines, the SPARQL 1.1 Protocol and the Service Description by a server of the project. The endpoint
is read-only: a test of updates is inapplicable, and passes nothing, even where it is refused as it should be.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from bench import w3c
from clirld import __version__
from tests.web import test_w3c_protocol as protocol
from tests.web.served import serve_settings, serving, switch

EARL = "http://www.w3.org/ns/earl#"
_PREFIXES = {
    "earl": EARL,
    "dct": "http://purl.org/dc/terms/",
    "doap": "http://usefulinc.com/ns/doap#",
}
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_SHACL = "https://github.com/w3c/data-shapes/tree/gh-pages/data-shapes-test-suite/tests/core/"
_DESCRIPTION = "https://w3c.github.io/rdf-tests/sparql/sparql11/service-description/manifest"
_PROTOCOL = "https://w3c.github.io/rdf-tests/sparql/sparql11/protocol/manifest"
_PROJECT = "https://w3id.org/clirld/"


class Outcome(NamedTuple):
    """What came out of a test: of which suite, which test, by what, and `passed`, `failed` or `inapplicable`."""

    suite: str
    test: str
    subject: str
    outcome: str


def of_shacl(core: Path) -> Iterator[Outcome]:
    """The tests of SHACL Core, by each engine."""
    for engine in w3c.ENGINES:
        _count, failing = w3c.failed(engine, core)
        for path in sorted(core.rglob("*.ttl")):
            if "sht:Validate" in path.read_text(encoding="utf-8"):
                name = path.relative_to(core).with_suffix("").as_posix()
                outcome = "failed" if name in failing else "passed"
                yield Outcome("SHACL Core", f"{_SHACL}{name}.ttl", f"{_PROJECT}#shacl-{engine}", outcome)


def of_protocol(suite: Path) -> Iterator[Outcome]:
    """The tests of the SPARQL 1.1 Protocol and of the Service Description, by a server of the project."""
    manifest = ox.Store()
    path = suite / "protocol" / "manifest.ttl"
    manifest.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="http://example.org/manifest")
    with _endpoint(suite) as site:
        for test in protocol.names(manifest):
            outcome = "inapplicable"
            if not protocol.is_update(test):
                outcome = "passed" if _passes(site, manifest, test) else "failed"
            name = f"{_PROTOCOL}#{test.rpartition('#')[2]}"
            yield Outcome("SPARQL 1.1 Protocol", name, f"{_PROJECT}#endpoint", outcome)
        try:
            protocol.test_service_description(suite.parents[3], site)  # the three tests in one
            outcome = "passed"
        except AssertionError:
            outcome = "failed"
        for name in ("returns-rdf", "has-endpoint-triple", "conforms-to-schema"):
            test = f"{_DESCRIPTION}#{name}"
            yield Outcome("SPARQL 1.1 Service Description", test, f"{_PROJECT}#endpoint", outcome)


@contextmanager
def _endpoint(suite: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as data:
        folder = Path(data) / "releases" / "w3c"
        folder.mkdir(parents=True)
        store = ox.Store(str(folder / "store"))
        for number in (1, 2, 3):
            graph = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
            path = suite / "protocol" / f"data{number}.nt"
            store.load(path=str(path), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        store.flush()
        del store
        switch(Path(data), "w3c")
        with serving(Path(data), serve_settings()) as address:
            yield address


def _passes(site: str, manifest: ox.Store, test: str) -> bool:
    for step in protocol.steps(manifest, test):
        status, kind, content = protocol.send(site, step)
        if f"{status // 100}xx" not in step.statuses:
            return False
        if step.boolean and str(json.loads(content)["boolean"]).lower() != step.boolean:
            return False
        if step.format and kind not in (protocol.GRAPHS if step.format == "RDF" else protocol.TABULAR):
            return False
    return True


def triples(outcomes: list[Outcome]) -> Iterator[ox.Triple]:
    """The assertions, each with its test, its subject and its result."""

    def node(name: str) -> ox.NamedNode:
        prefix, _colon, local = name.partition(":")
        return ox.NamedNode(_PREFIXES[prefix] + local)

    for number, one in enumerate(outcomes, start=1):
        assertion, result = (ox.NamedNode(f"{_PROJECT}#{name}-{number}") for name in ("assertion", "result"))
        subject, test = ox.NamedNode(one.subject), ox.NamedNode(one.test)
        yield ox.Triple(assertion, _TYPE, node("earl:Assertion"))
        yield ox.Triple(assertion, node("earl:assertedBy"), ox.NamedNode(_PROJECT))
        yield ox.Triple(assertion, node("earl:mode"), node("earl:automatic"))
        yield ox.Triple(assertion, node("earl:subject"), subject)
        yield ox.Triple(assertion, node("earl:test"), test)
        yield ox.Triple(assertion, node("earl:result"), result)
        yield ox.Triple(result, _TYPE, node("earl:TestResult"))
        yield ox.Triple(result, node("earl:outcome"), node(f"earl:{one.outcome}"))
        yield ox.Triple(test, _TYPE, node("earl:TestCase"))
        yield ox.Triple(test, node("dct:isPartOf"), ox.Literal(one.suite))
        yield ox.Triple(subject, _TYPE, node("earl:TestSubject"))
        yield ox.Triple(subject, node("doap:revision"), ox.Literal(__version__))


def write(suites: Path, out: Path) -> list[Outcome]:
    """Run the suites of a folder and write their report; gives what came out."""
    core = suites / "shacl" / "data-shapes-test-suite" / "tests" / "core"
    outcomes = [*of_shacl(core), *of_protocol(suites / "sparql11" / "sparql" / "sparql11")]
    ox.serialize(sorted(set(triples(outcomes)), key=str), out, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    return outcomes


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suites", type=Path, default=Path("../shared/suites"))
    parser.add_argument("--out", type=Path, default=Path("earl.ttl"))
    given = parser.parse_args()
    counts = Counter(
        (one.suite, one.subject.rpartition("#")[2], one.outcome) for one in write(given.suites.resolve(), given.out)
    )
    for (suite, subject, outcome), number in sorted(counts.items()):
        print(f"{suite}, {subject}: {number} {outcome}")


if __name__ == "__main__":
    _main()
