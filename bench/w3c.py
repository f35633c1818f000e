"""The W3C tests of SHACL Core (w3c/data-shapes), by both engines: how many of them each passes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pyoxigraph as ox

from bench.contender import Figures, main
from clirld.validate import pyshacl_engine, rust_engine
from clirld.validate.shacl import SH, term_text

ENGINES: dict[str, ModuleType] = {one.NAME: one for one in (rust_engine, pyshacl_engine)}
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"

Row = tuple[str, str, str, str]
"""Focus, path, value and component of a result."""


def failed(name: str, core: Path) -> tuple[int, list[str]]:
    """How many tests there are in the folder `core`, and the names of those that an engine does not pass."""
    paths = [path for path in sorted(core.rglob("*.ttl")) if "sht:Validate" in path.read_text(encoding="utf-8")]
    names = []
    for path in paths:
        wanted, data, shapes = expected(path)
        if found(ENGINES[name], shapes, data, wanted) != wanted:
            names.append(path.relative_to(core).with_suffix("").as_posix())
    return len(paths), names


def suite(core: Path) -> Figures:
    """Of each engine, the number of tests and those that it does not pass."""
    return {name: failed(name, core) for name in ENGINES}


def _triples(path: Path) -> list[ox.Triple]:
    return [one.triple for one in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())]


def expected(path: Path) -> tuple[list[Row], Path, Path]:
    """Results of the manifest (focus, path, value, component), and the files of data and shapes."""
    # A list and not a Store, which writes 4.0 as 4.
    manifest = _triples(path)

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
        results.append((_text(focus), _text(property_), str(term) if named else "", component))
    data, shapes = (value(action, f"{SHT}{name}Graph").value.removeprefix("file://") for name in ("data", "shapes"))
    return sorted(results), Path(data), Path(shapes)


def _ntriples(path: Path) -> bytes:
    return ox.serialize(_triples(path), format=ox.RdfFormat.N_TRIPLES) or b""


def _text(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def _plain(focus: str, wanted: list[Row]) -> str:
    """A focus node as text, empty for a blank node, which the engines name in their own ways."""
    texts = {one[0] for one in wanted}
    return next((one for one in (focus, term_text(focus)) if one in texts or one.startswith(("http:", "urn:"))), "")


def found(engine: ModuleType, shapes: Path, data: Path, wanted: list[Row]) -> list[Row]:
    """Results of an engine, as `expected` has them."""
    results = engine.results(_ntriples(shapes).decode(), _ntriples(data))
    return sorted((_plain(one.focus, wanted), one.path, one.value, one.component) for one in results)


if __name__ == "__main__":
    main(suite)
