"""The SHACL validation report of a source, as Turtle: streamed, and the same bytes for the same results."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from clirld.settings import BASE
from clirld.validate.shacl import SH, SHAPES, Result, Shapes, term_text
from clirld.values.personal_data import without_personal_data

_PREFIXES = f"""@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <{SH}> .
@prefix shape: <{SHAPES}> .

"""


NOBODY: Mapping[str, int] = MappingProxyType({})


def write(
    results: Iterable[Result], shapes: Shapes, path: Path, source: str, unnamed: Mapping[str, int] = NOBODY
) -> int:
    """Write the report in the order of the results, which bring their messages; gives their number.

    `unnamed` is how many records each shape holds back that may not be named: counted, without a result.

    Results are named by a hash of what they say, not by blank nodes, so that two runs can be compared.
    """
    report = f"<{BASE}id/report/{source}>"
    count = 0
    with path.open("w", encoding="utf-8") as out:
        out.write(_PREFIXES)
        for result in results:
            severity = shapes.by_name[result.shape].severity
            count += 1
            name = f"<{BASE}id/result/{_name(source, result)}>"
            out.write(f"{report} sh:result {name} .\n{name} a sh:ValidationResult ;\n")
            out.write(f"    sh:focusNode {ox.NamedNode(result.focus)} ;\n")
            if result.path:
                out.write(f"    sh:resultPath {ox.NamedNode(result.path)} ;\n")
            if result.value:
                out.write(f"    sh:value {_masked(result.value)} ;\n")
            component = f"sh:{result.component or 'SPARQLConstraintComponent'}"
            out.write(f"    sh:sourceConstraintComponent {component} ;\n")
            out.write(f"    sh:sourceShape shape:{result.shape} ;\n")
            out.write(f"    sh:resultSeverity sh:{severity} ;\n")
            messages = (ox.Literal(result.message_en, language="en"), ox.Literal(result.message_fr, language="fr"))
            out.write(f"    sh:resultMessage {messages[0]}, {messages[1]} .\n\n")
        for shape, number in sorted(unnamed.items()):
            comments = (
                ox.Literal(f"{shape}: {number} records held back, counted and not named", language="en"),
                ox.Literal(f"{shape} : {number} fiches retenues, comptées et non nommées", language="fr"),
            )
            out.write(f"{report} rdfs:comment {comments[0]}, {comments[1]} .\n")
        conforms = "false" if count or unnamed else "true"
        out.write(f"{report} a sh:ValidationReport ; sh:conforms {conforms} .\n")
    return count


def _masked(term: str) -> str:
    """An N-Triples term without what names or leads to a person."""
    text = term_text(term)
    masked = without_personal_data(text)
    return term if masked == text else str(ox.Literal(masked))


def _name(source: str, result: Result) -> str:
    text = "\0".join((source, result.focus, result.shape, result.path, result.value, result.component))
    # 64 bits are enough to tell the results of one report apart.
    return hashlib.sha256(text.encode()).hexdigest()[:16]
