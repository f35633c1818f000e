"""The two engines by name, and what the tests that compare them share."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

import pyoxigraph as ox

from clirld.validate import pyshacl_engine, rust_engine
from clirld.validate.shacl import Result

ENGINES: dict[str, ModuleType] = {one.NAME: one for one in (rust_engine, pyshacl_engine)}


def by_both(shapes: str, quads: bytes) -> tuple[list[Result], list[Result]]:
    """The sorted results of both, the oracle's second."""
    fast, oracle = (sorted(one.results(shapes, quads)) for one in ENGINES.values())
    return fast, oracle


def nquads(statements: Iterable[ox.Triple | ox.Quad]) -> bytes:
    """N-Quads of statements, their graphs left out."""
    triples = (one if isinstance(one, ox.Triple) else one.triple for one in statements)
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
