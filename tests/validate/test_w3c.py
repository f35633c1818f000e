"""The W3C test suite of SHACL Core (w3c/data-shapes), by both engines; it stands in ../shared, beside the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from clirld.validate.shacl import SH, term_text
from tests.validate.engines import ENGINES, nquads

pytestmark = pytest.mark.real

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
FAILING = {
    "shacl": {},
    "pySHACL": {"property/uniqueLang-002": "takes “1”^^xsd:boolean for true, where SHACL asks for the term true"},
}
"""Engine → the tests that it does not pass → why."""

Row = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def core(shared: Path) -> Path:
    return shared / "suites" / "shacl" / "data-shapes-test-suite" / "tests" / "core"


def triples(path: Path) -> list[ox.Triple]:
    return [one.triple for one in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())]


def expected(path: Path) -> tuple[list[Row], Path, Path]:
    """Results of the manifest (focus, path, value, component), and the files of data and shapes."""
    # A list and not a Store, which writes 4.0 as 4.
    manifest = triples(path)

    def values(subject: Any, predicate: str) -> list[Any]:
        return [one.object for one in manifest if (one.subject, one.predicate.value) == (subject, predicate)]

    def value(subject: Any, predicate: str) -> Any:
        return next(iter(values(subject, predicate)), None)

    [test] = [one.subject for one in manifest if one.object == ox.NamedNode(f"{SHT}Validate")]
    action, report = value(test, f"{MF}action"), value(test, f"{MF}result")
    results = []
    for node in values(report, f"{SH}result"):
        focus, property_, term = (value(node, f"{SH}{name}") for name in ("focusNode", "resultPath", "value"))
        component = value(node, f"{SH}sourceConstraintComponent").value.removeprefix(SH)
        named = term is not None and not isinstance(term, ox.BlankNode)
        results.append((text(focus), text(property_), str(term) if named else "", component))
    data, shapes = (value(action, f"{SHT}{name}Graph").value.removeprefix("file://") for name in ("data", "shapes"))
    return sorted(results), Path(data), Path(shapes)


def text(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def plain(focus: str, wanted: list[Row]) -> str:
    """A focus node as text, empty for a blank node, which the engines name in their own ways."""
    texts = {one[0] for one in wanted}
    return next((one for one in (focus, term_text(focus)) if one in texts or one.startswith(("http:", "urn:"))), "")


def found(name: str, shapes: Path, data: Path, wanted: list[Row]) -> list[Row]:
    results = ENGINES[name].results(nquads(triples(shapes)).decode(), nquads(triples(data)))
    return sorted((plain(one.focus, wanted), one.path, one.value, one.component) for one in results)


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("name", ENGINES)
def test_suite_of_shacl_core(name: str, core: Path, figure: Callable[[str], None]) -> None:
    paths = [path for path in sorted(core.rglob("*.ttl")) if "sht:Validate" in path.read_text(encoding="utf-8")]
    failed = []
    for path in paths:
        wanted, data, shapes = expected(path)
        if found(name, shapes, data, wanted) != wanted:
            failed.append(path.relative_to(core).with_suffix("").as_posix())
    failures = " ".join(failed) or "-"
    figure(f"SHACL Core of W3C, {name}: {len(paths) - len(failed)} of {len(paths)} passed; not: {failures}")
    assert failed == [*FAILING[name]]
    assert len(paths) == 98
