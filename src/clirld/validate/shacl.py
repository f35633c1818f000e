"""SHACL shapes and whole-graph checks: loading them, and running them on triples.

Shapes (`shapes/*.ttl`, SHACL Core) look at one entity at a time and run batch by batch; checks
(`shapes/checks/*.rq`, SPARQL SELECT of ?focus ?value ?messageFr ?messageEn) look across a source's graph.
Both give the same `Result`. The engine that runs the shapes is in `engine.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from clirld import stages
from clirld.errors import ShapesError
from clirld.query.select import select, selected
from clirld.settings import BASE
from clirld.validate.functions import aggregates, functions

SHAPES = f"{BASE}shapes#"
SH = "http://www.w3.org/ns/shacl#"
_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_SEVERITIES = ("Violation", "Warning", "Info")
_HEADER = re.compile(r"^# (\w+): (.+)$", re.MULTILINE)
_CHECK_VARIABLES = ["focus", "value", "messageFr", "messageEn"]


class Result(NamedTuple):
    """One finding. `value` is an N-Triples term or empty; `component` is empty for a check."""

    focus: str
    shape: str
    path: str = ""
    value: str = ""
    component: str = ""
    message_fr: str = ""
    message_en: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """About a shape or check: local name, severity, messages (those of a check come with its results)."""

    name: str
    severity: str
    file: str
    message_fr: str = ""
    message_en: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A whole-graph check: its name and its SELECT query.

    `together` are IRIs of properties: records that state the same value of one are looked at together, which those are
    that refer to each other, or to one thing, in any case. `needs` are IRIs of properties, classes and concepts: where
    no statement is of one of these, it finds nothing (`clirld.validate.statements`). `path` is the property of the
    focus that its value is of, empty where that is not one.
    """

    name: str
    query: str
    together: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes as N-Triples, what is said about each, the checks, and a fingerprint of the files."""

    folder: Path
    triples: str
    by_name: dict[str, Shape]
    checks: tuple[Check, ...]
    fingerprint: str

    @classmethod
    def load(cls, folder: Path) -> Shapes:
        """Read `*.ttl` and `checks/*.rq`.

        Raises ShapesError, naming the file, for syntax errors, and for a shape without an IRI of the project,
        a severity, or messages in French and English.
        """
        files = sorted(folder.glob("*.ttl"))
        queries = sorted((folder / "checks").glob("*.rq"))
        if not files:
            raise ShapesError("no shapes there", where=str(folder), do="check the setting CLIRLD_SHAPES")
        lines: list[str] = []
        by_name: dict[str, Shape] = {}
        for path in files:
            store = _load_turtle(path)
            lines += _as_ntriples(store)
            by_name |= _shapes_by_name(store, path)
        checks = [_load_check(path) for path in queries]
        for check, shape in checks:
            by_name[check.name] = shape
        return cls(
            folder=folder,
            triples="\n".join(lines) + "\n",
            by_name=by_name,
            checks=tuple(check for check, _ in checks),
            fingerprint=stages.files_fingerprint([*files, *queries]),
        )


def turtle_triples(path: Path) -> str:
    """The N-Triples of one file of shapes. Raises ShapesError where it is not Turtle."""
    return "\n".join(_as_ntriples(_load_turtle(path))) + "\n"


def run_check(check: Check, store: ox.Store, are_names: bool | None = None) -> list[Result]:
    """Results of a check on a store whose named graphs are seen as one, in the query's order.

    `are_names` is what the aggregate of that name says of the whole, where the store has only a part of it.
    """
    failures: list[BaseException] = []
    rows = select(store, check.query, functions=functions(failures), aggregates=aggregates(failures, are_names))
    results = [
        Result(
            focus=row["focus"].value,
            shape=check.name,
            path=check.path,
            value=str(row["value"]) if row["value"] is not None else "",
            message_fr=row["messageFr"].value,
            message_en=row["messageEn"].value,
        )
        for row in rows
    ]
    if failures:
        raise failures[0]
    return results


def with_messages(result: Result, shapes: Shapes) -> Result:
    """The result with the messages of its shape, where it does not bring its own."""
    shape = shapes.by_name[result.shape]
    if result.message_fr:
        return result
    return result._replace(message_fr=shape.message_fr, message_en=shape.message_en)


def term_text(term: str) -> str:
    """The text of an N-Triples term, for people."""
    if term.startswith('"'):
        line = f"<x:s> <x:p> {term} ."
        literal = next(iter(ox.parse(input=line, format=ox.RdfFormat.N_TRIPLES))).object
        assert isinstance(literal, ox.Literal)
        return literal.value
    return term.strip("<>")


def _load_turtle(path: Path) -> ox.Store:
    store = ox.Store()
    try:
        # Blank nodes of two files must not meet.
        store.extend(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    except SyntaxError as problem:
        where = f"{path}:{problem.lineno}" if problem.lineno else str(path)
        raise ShapesError(f"not Turtle: {problem.msg}", where=where, do="correct the syntax there") from None
    return store


def _as_ntriples(store: ox.Store) -> list[str]:
    return [f"{quad.triple} ." for quad in store]


def _shapes_by_name(store: ox.Store, path: Path) -> dict[str, Shape]:
    by_name: dict[str, Shape] = {}
    for kind in ("NodeShape", "PropertyShape"):
        for quad in store.quads_for_pattern(None, _RDF_TYPE, ox.NamedNode(SH + kind)):
            node = quad.subject
            if not isinstance(node, ox.NamedNode) or not node.value.startswith(SHAPES):
                do = f"give every shape an IRI that starts with {SHAPES}"
                raise ShapesError(f"shape without a name: {node}", where=str(path), do=do)
            name = node.value.removeprefix(SHAPES)
            severity = _property_value(store, node, "severity").removeprefix(SH)
            if severity not in _SEVERITIES:
                do = "give it sh:severity sh:Violation, sh:Warning or sh:Info"
                raise ShapesError(f"{name} has no severity", where=str(path), do=do)
            shape = Shape(name, severity, path.name)
            for language in ("fr", "en"):
                message = _property_value(store, node, "message", language)
                if not message:
                    do = "say in sh:message what is wrong and what to do, in French and in English"
                    raise ShapesError(f"{name} has no message in {language}", where=str(path), do=do)
                shape = replace(shape, **{f"message_{language}": message})
            by_name[name] = shape
    return by_name


def _property_value(store: ox.Store, node: ox.NamedNode, name: str, language: str | None = None) -> str:
    for quad in store.quads_for_pattern(node, ox.NamedNode(SH + name), None):
        term = quad.object
        if isinstance(term, ox.NamedNode):
            return term.value
        if isinstance(term, ox.Literal) and term.language == language:
            return term.value
    return ""


def _load_check(path: Path) -> tuple[Check, Shape]:
    query = path.read_text(encoding="utf-8")
    header: dict[str, str] = {}
    for name, text in _HEADER.findall(query):
        header[name] = f"{header[name]} {text}" if name in header else text
    if "name" not in header or header.get("severity") not in _SEVERITIES:
        do = "start it with “# name: …” and “# severity: Violation” or “Warning”"
        raise ShapesError("check without a header", where=str(path), do=do)
    try:
        variables = selected(query, functions=functions([]), aggregates=aggregates([]))
    except (SyntaxError, RuntimeError) as problem:
        raise ShapesError(f"not a SELECT query: {problem}", where=str(path), do="correct it") from None
    if not variables:
        do = "select ?focus ?value ?messageFr ?messageEn, in this order"
        raise ShapesError("not a SELECT query", where=str(path), do=do)
    if variables != _CHECK_VARIABLES:
        do = "select ?focus ?value ?messageFr ?messageEn, in this order"
        raise ShapesError("check with other variables", where=str(path), do=do)
    together, needs = (tuple(header.get(name, "").split()) for name in ("together", "needs"))
    check = Check(header["name"], query, together, needs, header.get("path", ""))
    return check, Shape(header["name"], header["severity"], path.name)
