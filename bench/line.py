"""From canonical tables to a store: by the project's line, and by what one would put together instead.

That is morph-kgc for the mapping, pySHACL for the shapes, Oxigraph for the store, each as its makers advise: morph-kgc
with as many processes as there are cores, writing N-Triples (its documentation, “Output format”); pySHACL on an rdflib
graph in memory, which its maker found faster than on a store (RDFLib/pySHACL, issue 184), and without a copy of it
(`inplace`); `bulk_load` for a file that is loaded whole (pyoxigraph's documentation).
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from bench.contender import SETTINGS, Figures, main
from clirld.map import rml
from clirld.settings import BASE
from clirld.validate.shacl import Result, Shapes
from clirld.vocabulary import tables

_PLACES = ("acts_in", "seat", "commune", "latitude", "longitude", "point", "geometry")
EVERY = 40
"""One initiative in so many is nowhere, which the shapes forbid."""


def make(rows: Path, out: Path) -> Figures:
    """Write the tables of `rows` (`bench.maps`) with some initiatives that are nowhere, and what RML engines take."""
    canonical_tables = tables.load(SETTINGS.ontology / "tables.yaml")
    for part in sorted(rows.glob("tables/*/*.parquet")):
        frame = pl.read_parquet(part)
        if part.parent.name == "initiative":
            is_nowhere = pl.col("row") % EVERY == 0
            frame = frame.with_columns(pl.when(~is_nowhere).then(pl.col(name)).alias(name) for name in _PLACES)
        target = out / part.relative_to(rows)
        target.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(target)
    rml.export(out / "tables", canonical_tables, SETTINGS.ontology / "mapping.yarrrml", out / "rml")
    return {}


def shacl_by_hand(graph: Path) -> Figures:
    """The project's shapes on N-Triples, by pySHACL: read and validated as one graph."""
    import pyshacl
    import rdflib

    from clirld.validate.pyshacl_engine import _results

    shapes = rdflib.Graph().parse(data=Shapes.load(SETTINGS.shapes).triples, format="nt")
    start = time.perf_counter()
    data = rdflib.Graph().parse(graph, format="nt")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, **_digest(_results(report))}


def load_by_hand(graph: Path, out: Path) -> Figures:
    """N-Triples into a named graph of a new store."""
    import pyoxigraph as ox

    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    store = ox.Store(str(out))
    store.bulk_load(path=str(graph), format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(f"{BASE}graph/source"))
    store.flush()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "triples": len(store)}


def reported(report: Path) -> Figures:
    """What the shapes found, of the report of the validate stage; the checks in SPARQL are left out."""
    import rdflib

    from clirld.validate.pyshacl_engine import _results

    every = _results(rdflib.Graph().parse(report, format="turtle"))
    return {"seconds": 0, **_digest(one for one in every if one.component != "SPARQLConstraintComponent")}


def _digest(results: Iterable[Result]) -> Figures:
    lines = sorted("\t".join((one.focus, one.shape, one.path, one.value, one.component)) for one in results)
    return {"count": len(lines), "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def same_triples(one: Path, other: Path) -> Figures:
    """How many distinct triples each of two files has (N-Triples or N-Quads), and how many both."""
    first, second = _triples(one), _triples(other)
    return {"seconds": 0, "triples": [len(first), len(second), len(first & second)]}


def _triples(path: Path) -> set[str]:
    import pyoxigraph as ox

    form = ox.RdfFormat.N_QUADS if path.suffix == ".nq" else ox.RdfFormat.N_TRIPLES
    return {str(quad.triple) for quad in ox.parse(path=str(path), format=form)}


if __name__ == "__main__":
    main(make, shacl_by_hand, load_by_hand, reported, same_triples)
