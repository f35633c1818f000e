"""SHACL by PyPI `shacl`. It reads N-Quads itself and writes terms as pyoxigraph does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import shacl

from clirld.errors import MappingError
from clirld.validate.shacl import SH, SHAPES, Result

NAME = "shacl"


def results(shapes: str, quads: bytes) -> Iterator[Result]:
    """Results of shapes (N-Triples) on N-Quads. Raises MappingError for what is not N-Quads, ValueError for shapes."""
    compiled = _compiled(shapes)
    try:
        report = compiled.validate_text(quads.decode(), format="nquads")
    except ValueError as problem:
        raise MappingError(
            f"the map stage wrote what is not N-Quads: {problem}", do="report this, with the source's name"
        ) from None
    for one in report.results:
        yield Result(
            focus=_iri(one.focus_node),
            shape=_iri(one.source_shape or "").removeprefix(SHAPES),
            path=_iri(one.path) if one.path and one.path.startswith("<") else "",  # what is more than one property
            value="" if one.value is None or one.value.startswith("_:") else one.value,
            component=one.component_iri.removeprefix(SH),
        )


@cache
def _compiled(shapes: str) -> shacl.Shapes:
    return shacl.Shapes.from_text(shapes, format="ntriples")


def _iri(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term
