"""Validation results as issues, and as the entries of `held.jsonl`: what they say, and where in the source it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from clirld.issues import Issue
from clirld.records import reasons
from clirld.settings import BASE
from clirld.validate import shacl
from clirld.validate.checks import Finding
from clirld.validate.shacl import Result, Shapes
from clirld.validate.source_cells import Asked, Origin, Place
from clirld.values.personal_data import without_personal_data

RECORD = f"{BASE}id/record/"


def asked(result: Result, place: Place) -> Asked:
    """What is looked up in the source for a result, by the place of a record that it is about."""
    return Asked(result.focus, result.path, place, shacl.term_text(result.value))


def held_entry(record: str, results: list[Result], place: Place, shapes: Shapes) -> dict[str, object]:
    """A record that is held back: which it is, and why."""
    first = shacl.with_messages(results[0], shapes)
    return {
        "record": record.removeprefix(RECORD),
        "identifier": place.identifier and without_personal_data(place.identifier),
        "row": place.row,
        "reason": first.shape,
        "reasons": list(dict.fromkeys(result.shape for result in results)),
        "message": {"fr": first.message_fr, "en": first.message_en},
    }


def of_results(
    findings: Iterable[Finding],
    shapes: Shapes,
    rows: Mapping[str, Place],
    source: str,
    count: Callable[[Iterable[str]], None],
    origins: Mapping[Asked, Origin],
) -> Iterator[Issue]:
    """One issue for each record a result concerns; what is Info stays in the report.

    Its value is the cell of the source where that is known, and what is published of it stands beside it.
    """
    codes = {"Violation": "record-held", "Warning": "shape-warning"}
    for finding in findings:
        result = shacl.with_messages(finding.result, shapes)
        severity = shapes.by_name[result.shape].severity
        if severity == "Warning":
            count([result.shape])
        if severity not in codes:
            continue
        for record in finding.records:
            question = asked(result, rows[record])
            origin = origins.get(question)
            cell = origin.cell if origin else None
            detail = {
                "shape": result.shape,
                "record": record.removeprefix(RECORD),
                "message": result.message_fr,
                "message_en": result.message_en,
            }
            if cell is not None and cell != question.value:
                detail["to"] = question.value
            yield Issue(
                source=source,
                stage="validate",
                code=codes[severity],
                distribution=origin.distribution if origin else None,
                row=rows[record].row,
                column=origin.column if origin else None,
                value=(question.value if cell is None else cell) or None,
                detail=detail,
            )


def of_unnamed(counts: Mapping[str, int], shapes: Shapes, source: str) -> Iterator[Issue]:
    """For each reason, how many records are held that may not be named."""
    for shape, count in sorted(counts.items()):
        labels = reasons.labels_by_language(shape, shapes.by_name)
        detail = {"shape": shape, "count": str(count), "message": labels["fr"], "message_en": labels["en"]}
        yield Issue(source=source, stage="validate", code="records-held-unnamed", detail=detail)
