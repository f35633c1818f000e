"""RDF as rows: one a subject, its predicates the columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Store, Triple

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.layout import Layout
from clirld.read.rows import Cell, SourceRow

SUBJECT_COLUMN = "_subject"
"""The column of the subject's IRI."""

_FORMATS = {
    None: RdfFormat.TURTLE,
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
# Blank nodes can lead to each other in a circle.
_MAX_DEPTH = 3


def rows(file: File, layout: Layout) -> Iterator[SourceRow]:
    """Rows in order of their subjects' IRIs, numbered from 1, so that the same triples are the same rows.

    A column is a predicate's IRI, shortened by the layout's `prefixes`, and `@` with the language of a text that has
    one. Values are lists, in order. What a blank node says comes as columns of its subject, joined by "."; blank
    nodes are no rows. Raises ReadError.
    """
    store = Store()
    try:
        with file.open() as raw:
            # Relative IRIs come to stand under a name that no host can have (RFC 2606, 2).
            store.bulk_load(input=raw, format=_FORMATS[layout.syntax], base_iri="http://base.invalid/")
    except (SyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", None)
        raise ReadError(
            f"not RDF ({layout.syntax or 'turtle'}): {problem}",
            where=f"{file.where}:{line}" if line else file.where,
            do="check syntax in source.yaml; if the file ends there, run the source again",
        ) from None
    subjects = {quad.subject for quad in store if isinstance(quad.subject, NamedNode)}
    for number, subject in enumerate(sorted(subjects, key=lambda node: node.value), start=1):
        values: dict[str, list[str]] = {}
        _describe(store, subject, "", layout.prefixes, values, 0)
        cells: dict[str, Cell] = {name: sorted(given) for name, given in sorted(values.items())}
        yield SourceRow(number, {SUBJECT_COLUMN: subject.value, **cells})


def _describe(
    store: Store,
    node: NamedNode | BlankNode,
    path: str,
    prefixes: Mapping[str, str],
    values: dict[str, list[str]],
    depth: int,
) -> None:
    for quad in store.quads_for_pattern(node, None, None, DefaultGraph()):
        name = path + _prefixed(quad.predicate.value, prefixes)
        value = quad.object
        if isinstance(value, Literal):
            values.setdefault(f"{name}@{value.language}" if value.language else name, []).append(value.value)
        elif isinstance(value, NamedNode):
            values.setdefault(name, []).append(value.value)
        elif not isinstance(value, Triple) and depth < _MAX_DEPTH:
            _describe(store, value, f"{name}.", prefixes, values, depth + 1)


def _prefixed(iri: str, prefixes: Mapping[str, str]) -> str:
    """The IRI with the longest prefix that fits, or itself."""
    fitting = [(len(start), name) for name, start in prefixes.items() if iri.startswith(start)]
    return f"{max(fitting)[1]}:{iri[max(fitting)[0] :]}" if fitting else iri
