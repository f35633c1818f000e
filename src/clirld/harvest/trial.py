"""check: a source's card, columns, sample and shapes, without publishing anything."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from clirld import issues
from clirld.card.source import Source
from clirld.errors import CardError
from clirld.fetch import Origin
from clirld.harvest import line, outcome
from clirld.harvest.outcome import Harvest
from clirld.issues import Issue
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.settings import BASE
from clirld.vocabulary.turtle import turtle

_RETRIEVED = "http://www.w3.org/ns/prov#generatedAtTime"


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a source became in a trial run.

    `missing` and `unexpected` are N-Triples lines of the difference between `expected.ttl` and the sample's
    graph; both are empty where a distribution other than the sample was tried.
    """

    harvest: Harvest
    issues: tuple[Issue, ...]
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()


@contextmanager
def with_empty_data(project: Project) -> Iterator[Project]:
    """The same project with an empty data folder, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="clirld-check-"))
    try:
        yield replace(project, settings=replace(project.settings, data=folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check(project: Project, source: Source, origin: Origin, territories: Harvest | None = None) -> TrialResult:
    """Take one source through the line in `project`'s data folder, which is empty.

    It is placed with `territories`, a harvest of another data folder, as a run would place it; with those of the
    mirror, or else of the samples, where there is none. Raises the error of the stage that fails. With the sample, what
    came out is compared with `expected.ttl`, which is always made with the samples of the territories; where there is
    none yet, all of it is unexpected.
    """
    if source.id == TERRITORIES:
        territories = None
    if not origin.sample:
        harvest = _placed(project, source, origin, territories)
        return TrialResult(harvest, _issues_of(harvest))
    compared = _placed(project, source, origin, None)
    expected, actual = _expected_triples(source), _actual_triples(compared)
    difference = tuple(sorted(expected - actual)), tuple(sorted(actual - expected))
    harvest = compared
    if territories:
        with with_empty_data(project) as other:
            # Its outputs are read before they are gone.
            return _result(_placed(other, source, origin, territories), *difference)
    return TrialResult(harvest, _issues_of(harvest), *difference)


def _placed(project: Project, source: Source, origin: Origin, territories: Harvest | None) -> Harvest:
    """The source's harvest, placed with these territories."""
    if territories:
        outcome.promote(project, territories)
    elif source.id != TERRITORIES and TERRITORIES in project.sources:
        known = project.sources[TERRITORIES]
        line.harvest(project, known, origin if origin.includes(known) else Origin(sample=True))
    return line.harvest(project, source, origin)


def _issues_of(harvest: Harvest) -> tuple[Issue, ...]:
    return tuple(issue for folder in harvest.issue_folders for issue in issues.read(folder / "issues.jsonl"))


def write_expected(project: Project, source: Source, harvest: Harvest) -> Path:
    """Write what the sample became to `expected.ttl`, for a person to read through before it is committed."""
    path = source.folder / "expected.ttl"
    head = f"# What the sample of {source.id} becomes. Written by “clirld check {source.id} --accept”.\n\n"
    # A prefix for each type and scheme: names with a slash would have to be escaped.
    prefixes = {name: iri for name, iri in project.mapping.prefixes.items() if not iri.startswith(BASE + "id/")}
    prefixes |= {name: f"{BASE}id/{name}/" for name in (*project.tables, "address", "geometry", "dataset")}
    prefixes |= {scheme: f"{BASE}concept/{scheme}/" for scheme in project.vocabulary.concepts if scheme not in prefixes}
    path.write_text(head + turtle(_published_triples(harvest), prefixes), encoding="utf-8")
    return path


def _published_triples(harvest: Harvest) -> Iterator[Triple]:
    """The published triples of a harvest, without when they were retrieved."""
    for quad in parse(path=str(harvest.validated / "graph.nq"), format=RdfFormat.N_QUADS):
        if quad.predicate.value != _RETRIEVED:
            yield quad.triple


def _actual_triples(harvest: Harvest) -> set[str]:
    return {str(triple) for triple in _published_triples(harvest)}


def _expected_triples(source: Source) -> set[str]:
    path = source.folder / "expected.ttl"
    if not path.exists():
        return set()
    try:
        return {str(quad.triple) for quad in parse(path=str(path), format=RdfFormat.TURTLE)}
    except SyntaxError as problem:
        raise CardError(f"not Turtle: {problem}", where=str(path), do="write it again with --accept") from None
