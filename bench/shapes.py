"""Contenders of SHACL: the project's shapes on a graph, batch by batch as the validate stage does, by each engine."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from types import ModuleType

from bench.contender import SETTINGS, Figures, main
from clirld.map.blocks import batches, blocks
from clirld.validate.shacl import Shapes


def spoil(graph: Path, out: Path) -> Figures:
    """Write the graph with every tenth text in another language, which many of the shapes forbid."""
    with graph.open("rb") as lines, out.open("wb") as spoiled:
        for number, line in enumerate(lines):
            spoiled.write(line.replace(b'"@fr ', b'"@de ') if number % 10 == 0 else line)
    return {}


def by_shacl(graph: Path) -> Figures:
    """By `shacl`, in Rust."""
    from clirld.validate import rust_engine

    return _shapes(graph, rust_engine)


def by_pyshacl(graph: Path) -> Figures:
    """By pySHACL."""
    from clirld.validate import pyshacl_engine

    return _shapes(graph, pyshacl_engine)


def _shapes(graph: Path, engine: ModuleType) -> Figures:
    shapes = Shapes.load(SETTINGS.shapes)
    digest, count = hashlib.sha256(), 0
    start = time.perf_counter()
    for batch in batches(blocks(graph), 2000):
        for one in sorted(engine.results(shapes.triples, batch.quads())):
            digest.update(repr(tuple(one)).encode())
            count += 1
    return {"seconds": time.perf_counter() - start, "results": (count, digest.hexdigest())}


if __name__ == "__main__":
    main(spoil, by_shacl, by_pyshacl)
