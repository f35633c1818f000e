"""Answer SPARQL queries on a release, read-only: the pure part.

in: a store folder and a query; out: the bytes of the answer in the format asked for, or a `Failure` that
says why not. Rules: SPARQL 1.1 Query and its result formats; the public default graph is the union of all
named graphs, unless the query (FROM) or the request (default-graph-uri, named-graph-uri) names its dataset.
pyoxigraph can neither be stopped nor limited: `evaluate` belongs in a process of its own, see
`clirld.query.worker`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)
from pyoxigraph import (
    Literal as RdfLiteral,
)

from clirld.query.failure import Failure
from clirld.query.formats import GRAPHS, PAGE, PREFIXES, TABLES
from clirld.query.syntax import Outline, outline, place


@dataclass(frozen=True, slots=True)
class Question:
    """A query and all that its answer depends on, the store aside.

    `default_graphs` and `named_graphs` are those of the request: None where it names none. `rows` limits a
    page.
    """

    query: str
    media_type: str = "application/sparql-results+json"
    base: str | None = None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    rows: int = 1000

    @property
    def own_dataset(self) -> bool:
        """Whether the request names its dataset."""
        return self.default_graphs is not None or self.named_graphs is not None


def check(query: str, *, allow: Collection[str] = (), max_length: int | None = None) -> Failure | Outline:
    """Refuse what is never run:

    Updates, SERVICE (but for the endpoints of `allow`), queries over `max_length`.
    """
    if max_length is not None and len(query) > max_length:
        return Failure("too-long", detail={"limit": str(max_length), "length": str(len(query))})
    read = outline(query, allow)
    if read.service is not None:
        return Failure("service", *place(query, read.service))
    if not query.strip():
        return Failure("missing-query")
    if read.kind == "update":
        return Failure("update")
    return read


def evaluate(store: Store, question: Question) -> bytes | Failure:
    """The answer to a checked question.

    Serialized by pyoxigraph, without its rows becoming Python objects.
    """
    read = outline(question.query)
    # With a union default graph pyoxigraph takes no notice of FROM, so it is only asked for where there is
    # none.
    union = not (read.own_dataset or question.own_dataset)
    dataset: dict[str, Any] = {"use_default_graph_as_union": True}
    try:
        if question.own_dataset:
            dataset = {
                "default_graph": [NamedNode(iri) for iri in question.default_graphs or ()],
                "named_graphs": [NamedNode(iri) for iri in question.named_graphs or ()],
            }
        elif not union:
            dataset = {}
    except ValueError as error:
        return Failure("dataset", detail={"error": str(error)})
    try:
        return _written(store.query(question.query, base_iri=question.base, **dataset), question)
    except SyntaxError as error:
        return _syntax(question.query, read, str(error))
    except (RuntimeError, ValueError) as error:
        return Failure("evaluation", detail={"error": str(error)})
    except PermissionError:  # the kernel refused a socket: see clirld.query.worker
        return Failure("service")
    except OSError as error:
        kind = "store" if read.service is None else "evaluation"
        return Failure(kind, detail={"error": str(error)})


def _written(results: QuerySolutions | QueryBoolean | QueryTriples, question: Question) -> bytes:
    if question.media_type == PAGE:
        return json.dumps(_page(results, question.rows)).encode()
    if isinstance(results, QueryTriples):
        return results.serialize(format=GRAPHS[question.media_type][1]) or b""
    return results.serialize(format=TABLES[question.media_type][1]) or b""


def _page(results: QuerySolutions | QueryBoolean | QueryTriples, rows: int) -> dict[str, Any]:
    """The first rows only, the others never computed:

    In a worker process, where iterating holds up nobody.
    """
    if isinstance(results, QueryBoolean):
        return {"boolean": bool(results)}
    if isinstance(results, QueryTriples):
        triples = list(islice(results, rows + 1))
        text = serialize(triples[:rows], format=RdfFormat.TURTLE, prefixes=PREFIXES) or b""
        return {"turtle": text.decode(), "more": len(triples) > rows}
    names = [variable.value for variable in results.variables]
    table = [[_term(solution[name]) for name in names] for solution in islice(results, rows + 1)]
    return {"variables": names, "rows": table[:rows], "more": len(table) > rows}


def _term(term: Any) -> dict[str, str] | None:
    match term:
        case None:
            return None
        case NamedNode():
            return {"iri": term.value}
        case RdfLiteral():
            return {"value": term.value, "language": term.language or ""}
        case BlankNode():
            return {"value": str(term), "language": ""}
        case _:
            return {"value": str(term), "language": ""}


def _syntax(query: str, read: Outline, error: str) -> Failure:
    """A parser's error, made readable.

    pyoxigraph lists characters and keywords that it would have taken, most of them beside the point: only the place
    is kept, and its own words about what is wrong, where it has any.
    """
    if read.undeclared:
        prefix, offset = read.undeclared[0]
        known = PREFIXES.get(prefix, "…")
        return Failure("prefix", *place(query, offset), {"prefix": prefix, "iri": known})
    at = re.match(r"error at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", error, re.DOTALL)
    if at is None:
        return Failure("syntax", detail={"near": query.strip()[:30], "said": f" ({error})"})
    line, column = int(at[1]), int(at[2])
    said = "; ".join(part for part in at[3].split(", ") if re.fullmatch(r"[A-Za-z]+( [A-Za-z]+)+", part))
    near = query.split("\n")[line - 1][max(column - 15, 0) : column + 10].strip()
    return Failure("syntax", line, column, {"near": near, "said": f" ({said})" if said else ""})
