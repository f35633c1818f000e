"""Answer SPARQL queries on a release, read-only: the pure part.

in: a store, a query and a file; out: the answer, written there in the format asked for as it is computed, or a
`Failure` that says why not. Rules: SPARQL 1.1 Query and its result formats; the public default graph is the union of
all named graphs, unless the query (FROM) or the request (default-graph-uri, named-graph-uri) names its dataset.
pyoxigraph can neither be stopped nor limited: `evaluate` belongs in a process of its own, see `clirld.query.worker`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol, cast

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

from clirld.query import canonical_form, text_search
from clirld.query.failure import Failure
from clirld.query.formats import CANONICAL, DIGEST, GRAPH_FORMATS, HTML, PREFIXES, RESULT_FORMATS
from clirld.query.syntax import Outline, line_and_column, outline

MAX_DEPTH = 256
"""Brackets in brackets of a query. pyoxigraph's parser is recursive: 4,000 end the process on a stack of 8 MiB."""
PAGE_ROWS = 1000
"""Rows of an answer that a page shows, unless a server is set up otherwise."""


class Writable(Protocol):
    """What an answer is written to: of a file, all that pyoxigraph needs."""

    def write(self, data: bytes, /) -> int:
        """Take these bytes, all of them."""

    def flush(self) -> None:
        """Keep nothing back."""


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and all that its answer depends on, the store aside.

    `default_graphs` and `named_graphs` are those of the request: None where it names none. `rows` limits a
    page.
    """

    query: str
    media_type: str = "application/sparql-results+json"
    base: str | None = None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    rows: int = PAGE_ROWS

    @property
    def own_dataset(self) -> bool:
        """Whether the request names its dataset."""
        return self.default_graphs is not None or self.named_graphs is not None


def check(query: str, *, allow: Collection[str] = (), max_length: int | None = None) -> Failure | Outline:
    """Refuse what is never run:

    Updates, SERVICE (but for the endpoints of `allow`), queries over `max_length`, brackets nested so deep that the
    parser would have no stack left.
    """
    if max_length is not None and len(query) > max_length:
        return Failure("too-long", detail={"limit": str(max_length), "length": str(len(query))})
    parsed = outline(query, allow)
    if parsed.service is not None:
        return Failure("service", *line_and_column(query, parsed.service))
    if not query.strip():
        return Failure("missing-query")
    if parsed.form == "update":
        return Failure("update")
    if parsed.depth > MAX_DEPTH:
        return Failure("nesting", detail={"limit": str(MAX_DEPTH)})
    return parsed


def evaluate(
    store: Store,
    request: QueryRequest,
    out: Writable,
    release: Path | None = None,
    tell_hits: Callable[[str], None] = lambda _: None,
) -> Failure | None:
    """Write the answer to a checked question; what failed, where something did, maybe after a part was written.

    Serialized by pyoxigraph, without its rows becoming Python objects. `release` is the folder of the store's release,
    whose index searches by words look into; `tell_hits` is told how many things they found, before any byte is written.
    """
    hits = ""
    if release and text_search.is_used(request.query):
        found = _searched(request, release)
        if isinstance(found, Failure):
            return found
        request, hits = replace(request, query=found.query), found.hits
        tell_hits(hits)
    # With a union default graph pyoxigraph takes no notice of FROM, so it is only asked for where there is
    # none. Reading the query costs as much as answering a short one: only where it may have one.
    own_dataset = "from" in request.query.lower() and outline(request.query).own_dataset
    union_default_graph = not (own_dataset or request.own_dataset)
    dataset: dict[str, Any] = {"use_default_graph_as_union": True}
    try:
        if request.own_dataset:
            dataset = {
                "default_graph": [NamedNode(iri) for iri in request.default_graphs or ()],
                "named_graphs": [NamedNode(iri) for iri in request.named_graphs or ()],
            }
        elif not union_default_graph:
            dataset = {}
    except ValueError as error:
        return Failure("dataset", detail={"error": str(error)})
    try:
        _write(
            store.query(request.query, base_iri=request.base, **dataset), request, out, is_cut=text_search.is_cut(hits)
        )
        return None
    except SyntaxError as error:
        return _syntax_failure(request.query, outline(request.query), str(error))
    except (RuntimeError, ValueError) as error:
        return Failure("evaluation", detail={"error": str(error)})
    except PermissionError:  # the kernel refused a socket: see clirld.query.worker
        return Failure("service")
    except OSError as error:
        kind = "store" if outline(request.query).service is None else "evaluation"
        return Failure(kind, detail={"error": str(error)})


def _searched(request: QueryRequest, release: Path) -> text_search.Searched | Failure:
    """The query with its searches made. It is parsed first as it was written: what is wrong stands where it says."""
    try:
        Store().query(request.query, base_iri=request.base)
    except SyntaxError as error:
        return _syntax_failure(request.query, outline(request.query), str(error))
    except (RuntimeError, ValueError, OSError):
        pass  # an ASK is evaluated at once: what fails then fails again on the release
    return text_search.searched(request.query, release)


def _write(
    results: QuerySolutions | QueryBoolean | QueryTriples, request: QueryRequest, out: Writable, *, is_cut: bool
) -> None:
    if request.media_type == HTML:
        out.write(json.dumps(_first_rows(results, request.rows) | ({"cut": True} if is_cut else {})).encode())
    elif request.media_type == CANONICAL:
        for line in canonical_form.lines(results):
            out.write(f"{line}\n".encode())
    elif request.media_type == DIGEST:
        out.write(json.dumps(_digest(results)).encode())
    elif isinstance(results, QueryTriples):
        results.serialize(cast("IO[bytes]", out), format=GRAPH_FORMATS[request.media_type][1])
    else:
        results.serialize(cast("IO[bytes]", out), format=RESULT_FORMATS[request.media_type][1])


def _digest(results: QuerySolutions | QueryBoolean | QueryTriples) -> dict[str, Any]:
    """How many rows there are (none of a yes or no), and the hash of their canonical form."""
    form = list(canonical_form.lines(results))
    head = isinstance(results, QuerySolutions)
    return {
        "rows": None if isinstance(results, QueryBoolean) else len(form) - head,
        "sha256": canonical_form.digest(form),
    }


def _first_rows(results: QuerySolutions | QueryBoolean | QueryTriples, rows: int) -> dict[str, Any]:
    """The first rows only, the others never computed:

    In a worker process, where iterating holds up nobody.
    """
    if isinstance(results, QueryBoolean):
        return {"boolean": bool(results)}
    if isinstance(results, QueryTriples):
        # One more than is shown, only to know that there are more.
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


def _syntax_failure(query: str, parsed: Outline, error: str) -> Failure:
    """A parser's error, made readable.

    pyoxigraph lists characters and keywords that it would have taken, most of them beside the point: only the place
    is kept, and its own words about what is wrong, where it has any.
    """
    if parsed.undeclared:
        prefix, offset = parsed.undeclared[0]
        iri = {**PREFIXES, "text": text_search.NAMESPACE}.get(prefix, "…")
        return Failure("prefix", *line_and_column(query, offset), {"prefix": prefix, "iri": iri})
    match = re.match(r"error at (\d+):(\d+): (?:expected )?(?:one of )?(.*)", error, re.DOTALL)
    if match is None:
        return Failure("syntax", detail={"near": query.strip()[:30], "said": f" ({error})"})
    line, column = int(match[1]), int(match[2])
    expected = "; ".join(part for part in match[3].split(", ") if re.fullmatch(r"[A-Za-z]+( [A-Za-z]+)+", part))
    near = query.split("\n")[line - 1][max(column - 15, 0) : column + 10].strip()
    return Failure("syntax", line, column, {"near": near, "said": f" ({expected})" if expected else ""})
