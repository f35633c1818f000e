"""Answer SPARQL queries on a release, read-only: the pure part, and one query on its own.

in: a store folder and a query; out: the bytes of the answer in the format asked for, or a `Failure` that
says why not. Rules: SPARQL 1.1 Query and its result formats; the public default graph is the union of all
named graphs, unless the query (FROM) or the request (default-graph-uri, named-graph-uri) names its dataset.
pyoxigraph can neither be stopped nor limited: `evaluate` belongs in a process of its own, see
`clirld.web.worker`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)
from pyoxigraph import (
    Literal as RdfLiteral,
)
from ruamel.yaml import YAML

from clirld.errors import QueryError
from clirld.sparql import Kind, Outline, outline, place

Language = Literal["fr", "en"]

# The first of each is the default; the short names are those of ?format= and of `clirld query --format`.
TABLES: dict[str, tuple[str, QueryResultsFormat]] = {
    "application/sparql-results+json": ("json", QueryResultsFormat.JSON),
    "application/json": ("json", QueryResultsFormat.JSON),
    "application/sparql-results+xml": ("xml", QueryResultsFormat.XML),
    "application/xml": ("xml", QueryResultsFormat.XML),
    "text/csv": ("csv", QueryResultsFormat.CSV),
    "text/tab-separated-values": ("tsv", QueryResultsFormat.TSV),
}
GRAPHS: dict[str, tuple[str, RdfFormat]] = {
    "text/turtle": ("ttl", RdfFormat.TURTLE),
    "application/n-triples": ("nt", RdfFormat.N_TRIPLES),
    "application/rdf+xml": ("rdf", RdfFormat.RDF_XML),
    "application/ld+json": ("jsonld", RdfFormat.JSON_LD),
    "application/n-quads": ("nq", RdfFormat.N_QUADS),
    "application/trig": ("trig", RdfFormat.TRIG),
    "application/xml": ("xml", RdfFormat.RDF_XML),
    "application/json": ("json", RdfFormat.JSON_LD),
}
PAGE = "text/html"
"""Not a format of SPARQL: the first rows, as JSON, for a page to show."""

PREFIXES = {
    "clir": "https://w3id.org/clirld/ontology#",
    "id": "https://w3id.org/clirld/id/",
    "graph": "https://w3id.org/clirld/graph/",
    "concept": "https://w3id.org/clirld/concept/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "org": "http://www.w3.org/ns/org#",
    "rov": "http://www.w3.org/ns/regorg#",
    "locn": "http://www.w3.org/ns/locn#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geof": "http://www.opengis.net/def/function/geosparql/",
    "uom": "http://www.opengis.net/def/uom/OGC/1.0/",
    "igeo": "http://rdf.insee.fr/def/geo#",
    "schema": "http://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
}


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


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a query has no answer:

    The kind (a key of query_words.yaml), where in the query, and the words' details.
    """

    kind: str
    line: int | None = None
    column: int | None = None
    detail: dict[str, str] = field(default_factory=dict)

    def text(self, part: Literal["title", "what", "do"], language: Language = "en") -> str:
        """The failure in words."""
        return str(words()[self.kind][part][language]).format_map(self.detail)

    def where(self, language: Language = "en") -> str:
        """Line and column in words, empty where not known."""
        if self.line is None:
            return ""
        return f"{'ligne' if language == 'fr' else 'line'} {self.line}:{self.column}"

    def error(self) -> QueryError:
        """The failure as an exception."""
        return QueryError(self.text("what"), where=self.where() or "query", do=self.text("do"))


@cache
def words() -> dict[str, Any]:
    """The messages of all failures, in French and English."""
    text = files("clirld").joinpath("query_words.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = YAML(typ="safe").load(text)
    return loaded


def offered(kind: Kind | None) -> list[str]:
    """The media types a query of this kind can be answered in, the default first."""
    return list(GRAPHS if kind in ("construct", "describe") else TABLES)


def media_type(kind: Kind | None, name: str) -> str | None:
    """The media type of a short name (json, csv, ttl…) for a query of this kind, None where there is none."""
    table = GRAPHS if kind in ("construct", "describe") else TABLES
    return next((media for media, (short, _) in table.items() if short == name), None)


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
    except PermissionError:  # the kernel refused a socket: see clirld.web.worker
        return Failure("service")
    except OSError as error:
        kind = "store" if read.service is None else "evaluation"
        return Failure(kind, detail={"error": str(error)})


def run(
    release: Path,
    query: str,
    media: str | None = None,
    timeout: float = 60.0,
    *,
    memory: int = 2 << 30,
    allow: Collection[str] = (),
) -> bytes:
    """Answer one query on a release folder, in a process that is killed at `timeout` seconds.

    `media` is a media type; None takes the default of the query's kind. Raises QueryError.
    """
    from clirld.web.worker import Worker  # the worker imports this module

    read = check(query, allow=allow)
    if isinstance(read, Failure):
        raise read.error()
    media = media or offered(read.kind)[0]
    # A query without a kind is not one: the parser says why.
    if read.kind is not None and media != PAGE and media not in offered(read.kind):
        kind, types = read.kind.upper(), ", ".join(offered(read.kind))
        raise Failure("not-acceptable", detail={"kind": kind, "types": types}).error()
    with Worker(memory=memory, network=bool(allow)) as worker:
        answer = worker.ask(release / "store", Question(query, media), timeout)
    if isinstance(answer, Failure):
        raise answer.error()
    return answer if isinstance(answer, bytes) else answer.read_bytes()


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
