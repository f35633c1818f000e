"""What a submission would become: taken through the whole line, in a folder that is gone afterwards.

So a contributor is answered by the same cleaners, places, detectors and shapes as any source is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from clirld.cases.values import Values
from clirld.contributions.inbox import SOURCE, Submission
from clirld.contributions.problems import AnyProblem, Problem
from clirld.contributions.rows import Labels, Outcome, outcome, with_decision
from clirld.contributions.statements import Statement
from clirld.errors import ClirldError
from clirld.fetch.stage import Origin
from clirld.harvest import issue_groups, line, trial
from clirld.harvest.outcome import Harvest
from clirld.project import Project
from clirld.settings import BASE

_ENGINE = ("id/record/", "id/contribution/")
_SEAT = (f"{BASE}ontology#seatedIn", f"{BASE}ontology#actsIn")
_LONG_AGO = 1_000_000_000
_CHECKED_DAY = "2026-01-01"
_TOLD = ("value-unclean", "value-unknown", "street-only-person", "value-maybe-person", "organization-maybe-person")
_ANY_ROLE = "moderator"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a submission would become, or what is wrong with it. `quads` are those that would be published."""

    made: Outcome
    problems: tuple[AnyProblem, ...] = ()
    quads: tuple[Quad, ...] = ()


def check(project: Project, one: Submission, labels: Labels, statements: Mapping[str, Statement]) -> Checked:
    """Read a submission and, where nothing is wrong with its fields, take it through the line."""
    made = outcome(one, Values(project.vocabulary), labels, statements)
    if made.problems:
        return Checked(made, tuple(made.problems))
    rows = with_decision(made, one, _ANY_ROLE, _CHECKED_DAY)
    with _harvested(project, rows) as result:
        if isinstance(result, ClirldError):
            return Checked(made, (Problem("", "held", {"why": f"{result.what}. {result.do}."}),))
        problems = [
            *_of_issues(result, made, "en" if one.language == "en" else "fr"),
            *_held(result, made, one.language),
        ]
        quads = tuple(_quads(result))
        counts = result.account.summary()
        left_out = ", ".join(_reasons(result)) if counts["rows_in"] != counts["published"] else ""
    if one.kind == "addition" and not problems and not any(quad.predicate.value in _SEAT for quad in quads):
        problems.append(Problem("locality", "not-placed"))
    if not problems and left_out:
        problems.append(Problem("", "not-published", {"why": left_out}))
    return Checked(made, tuple(problems), quads)


@contextmanager
def _harvested(project: Project, rows: list[dict[str, str]]) -> Iterator[Harvest | ClirldError]:
    """The harvest of these rows alone, in an empty data folder, placed with the territories that there are."""
    with trial.with_empty_data(project) as empty:
        tried = replace(empty, settings=replace(empty.settings, inbox=empty.settings.data / "inbox"))
        trial.use_territories(tried, project)
        path = tried.settings.inbox / SOURCE / "accepted.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        os.utime(path, (_LONG_AGO, _LONG_AGO))  # nobody is writing it any more
        try:
            yield line.harvest(tried, tried.sources[SOURCE], Origin())
        except ClirldError as error:
            yield error


def _of_issues(result: Harvest, made: Outcome, language: Literal["fr", "en"]) -> Iterator[AnyProblem]:
    """What was noticed of values that would be left out, by the field they come from."""
    identifiers = [row["identifier"] for row in made.rows]
    for issue in issue_groups.named_issues(SOURCE, result.issue_folders):
        if issue.code in _TOLD:
            row = (issue.row or 1) - 1
            identifier = identifiers[row] if row < len(identifiers) else ""
            field = made.fields.get(identifier) or (issue.column or "").rpartition(".")[2]
            yield Problem(field, "held", {"why": f"{issue.message(language)} {issue.advice(language)}"})


def _held(result: Harvest, made: Outcome, language: str) -> Iterator[AnyProblem]:
    """Records that the shapes and checks hold back, in their own words."""
    path = result.validated / "held.jsonl"
    for written in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        told = json.loads(written)
        identifier = str(told.get("identifier") or told.get("record", "")).removeprefix(f"{SOURCE}-")
        why = _words(told, language)
        yield Problem(made.fields.get(identifier, ""), "held", {"why": why})


def _words(told: Mapping[str, object], language: str) -> str:
    text = json.dumps(told, ensure_ascii=False)
    match = re.search(rf'"message_{language}": "((?:[^"\\]|\\.)*)"', text)
    return json.loads(f'"{match[1]}"') if match else str(told.get("shape") or told.get("reason") or "")


def _reasons(result: Harvest) -> list[str]:
    data = json.loads((result.validated / "account.json").read_text(encoding="utf-8"))
    return sorted(set(re.findall(r'"reason": ?"([a-z-]+)"', json.dumps(data))))


def _quads(result: Harvest) -> Iterator[Quad]:
    """What would be published, without what the engine says of its own work."""
    for quad in parse(path=str(result.validated / "graph.nq"), format=RdfFormat.N_QUADS):
        is_engine = isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(
            tuple(BASE + start for start in _ENGINE)
        )
        if not is_engine:
            yield quad
