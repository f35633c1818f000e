"""Hits in the formats of SPARQL results, so that a client of `/sparql` reads them.

JSON: https://www.w3.org/TR/sparql11-results-json/ · CSV and TSV: https://www.w3.org/TR/sparql11-results-csv-tsv/
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable

from pyoxigraph import Literal, NamedNode

from clirld.query.formats import PREFIXES
from clirld.search.find import Hit, Label

_Term = NamedNode | Literal
_BOOLEAN, _DECIMAL = (NamedNode(f"{PREFIXES['xsd']}{name}") for name in ("boolean", "decimal"))


def _label(label: Label | None) -> Literal | None:
    return Literal(label.text, language=label.language or None) if label else None


_COLUMNS: dict[str, Callable[[Hit], _Term | None]] = {
    "thing": lambda hit: NamedNode(hit.iri),
    "label": lambda hit: _label(hit.label),
    "type": lambda hit: NamedNode(hit.type) if hit.type else None,
    "territory": lambda hit: NamedNode(hit.territory) if hit.territory else None,
    "territoryLabel": lambda hit: _label(hit.territory_label),
    "gone": lambda hit: Literal("true" if hit.is_gone else "false", datatype=_BOOLEAN),
    "score": lambda hit: Literal(hit.score, datatype=_DECIMAL),
}


def write(hits: Iterable[Hit], media_type: str, suggestion: str | None = None) -> bytes:
    """The rows of the hits in a media type: JSON, but for `text/csv` and `text/tab-separated-values`.

    JSON also has what may have been meant, as `suggestion`, where there is one.
    """
    rows = [[term(hit) for term in _COLUMNS.values()] for hit in hits]
    if media_type == "text/tab-separated-values":
        head = "\t".join(f"?{name}" for name in _COLUMNS)
        return "".join(f"{line}\n" for line in [head, *("\t".join(map(_turtle, row)) for row in rows)]).encode()
    if media_type == "text/csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerows([list(_COLUMNS), *([term.value if term else "" for term in row] for row in rows)])
        return out.getvalue().encode()
    bindings = [
        {name: _json(term) for name, term in zip(_COLUMNS, row, strict=True) if term is not None} for row in rows
    ]
    answer: dict[str, object] = {"head": {"vars": list(_COLUMNS)}, "results": {"bindings": bindings}}
    return json.dumps(answer | ({"suggestion": suggestion} if suggestion else {}), ensure_ascii=False).encode()


def _turtle(term: _Term | None) -> str:
    return "" if term is None else str(term).replace("\t", "\\t")


def _json(term: _Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    found = {"type": "literal", "value": term.value}
    if term.language:
        return {**found, "xml:lang": term.language}
    is_string = term.datatype.value.endswith("#string")
    return found if is_string else {**found, "datatype": term.datatype.value}
