"""The canonical form of an answer: the same text for the same rows, whatever format they were asked for in.

Lines of UTF-8, each ended by a line feed; the SHA-256 of that text is the hash of the answer.

- SELECT: a line of the variables (`?a`), then a line for each row, as often as it is there; tabs between. Columns are
  in the order of their names, rows in that of their bytes: what is cited is which rows there are, not how they are
  sorted. Terms are written as in canonical N-Triples (https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples), what
  is not bound as nothing.
- ASK: `true` or `false`.
- CONSTRUCT, DESCRIBE: the triples, each once, as sorted canonical N-Triples; blank nodes are named by RDFC-1.0
  (https://www.w3.org/TR/rdf-canon/).

Blank nodes in rows are named by the rows that they are in (the first-degree hash of RDFC-1.0): two that no row tells
apart have one name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Triple,
)

_Row = Sequence[object]


def lines(results: QuerySolutions | QueryBoolean | QueryTriples) -> Iterator[str]:
    """The lines of an answer's canonical form, without their ends."""
    if isinstance(results, QueryBoolean):
        yield "true" if results else "false"
    elif isinstance(results, QueryTriples):
        yield from _of_triples(results)
    else:
        names = sorted(variable.value for variable in results.variables)
        yield "\t".join(f"?{name}" for name in names)
        yield from sorted(_of_rows([solution[name] for name in names] for solution in results))


def digest(form_lines: Iterable[str]) -> str:
    """The hash of a canonical form: SHA-256, in hex."""
    found = sha256()
    for line in form_lines:
        found.update(f"{line}\n".encode())
    return found.hexdigest()


def _of_triples(triples: Iterable[Triple]) -> list[str]:
    quads = {Quad(triple.subject, triple.predicate, triple.object) for triple in triples}
    if any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object)):
        dataset = Dataset(quads)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        quads = set(dataset)
    return sorted(f"{quad.subject} {quad.predicate} {quad.object} ." for quad in quads)


def _of_rows(rows: Iterable[_Row]) -> list[str]:
    texts = [["" if term is None else str(term) for term in row] for row in rows]
    names = _blank_names([row for row in texts if any(map(_is_blank, row))])
    return ["\t".join([names.get(text, text) for text in row] if names else row) for row in texts]


def _blank_names(rows: Iterable[Sequence[str]]) -> dict[str, str]:
    """The name of each blank node: the hash of its rows, in which it is `_:a` and all others are `_:z`."""
    said: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        for node in set(filter(_is_blank, row)):
            said[node].append("\t".join(_masked(text, node) for text in row))
    return {node: f"_:h{digest(sorted(texts))}" for node, texts in said.items()}


def _masked(text: str, node: str) -> str:
    if not _is_blank(text):
        return text
    return "_:a" if text == node else "_:z"


def _is_blank(text: str) -> bool:
    return text.startswith("_:")  # as nothing else in N-Triples does
