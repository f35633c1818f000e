"""check: a source's card, columns, sample and shapes, without publishing anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import RdfFormat, Triple, parse

from clirld.card.source import Source
from clirld.errors import CardError
from clirld.fetch.stage import Origin
from clirld.harvest import issue_groups, line, outcome
from clirld.harvest.outcome import Harvest
from clirld.issues import Issue
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.scratch import temporary_folder
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
    with temporary_folder() as folder:
        yield replace(project, settings=replace(project.settings, data=folder))


def check(project: Project, source: Source, origin: Origin) -> TrialResult:
    """Take one source through the line in `project`'s data folder, the territories before it where they are not there.

    Those are of the mirror, or of the samples where it has none. Raises the error of the stage that fails. With the
    sample, what came out is compared with `expected.ttl`; where there is none yet, all of it is unexpected.
    """
    harvest_territories(project, source, origin)
    harvest = line.harvest(project, source, origin)
    found_issues = tuple(issue_groups.named_issues(source.id, harvest.issue_folders))
    if not origin.sample:
        return TrialResult(harvest, found_issues)
    expected, actual = _expected_triples(source), _actual_triples(harvest)
    return TrialResult(harvest, found_issues, tuple(sorted(expected - actual)), tuple(sorted(actual - expected)))


def harvest_territories(project: Project, source: Source, origin: Origin) -> None:
    """Harvest what a source is placed with or made of, where it is not there."""
    territories = project.sources.get(TERRITORIES)
    if territories and source.id != TERRITORIES and not outcome.last_good(project, TERRITORIES):
        line.harvest(project, territories, origin if origin.includes(territories) else Origin(sample=True))
    for name in source.harvested if not origin.sample else ():
        if name in project.sources and not outcome.last_good(project, name):
            line.harvest(project, project.sources[name], origin)


def use_territories(trial_project: Project, project: Project) -> bool:
    """Place what is tried with the territories that `project` has harvested, as a run does; false where it has none."""
    harvested = outcome.last_good(project, TERRITORIES)
    if harvested:
        outcome.promote(trial_project, harvested.require_outputs())
    return harvested is not None


def write_expected(project: Project, source: Source, harvest: Harvest) -> Path:
    """Write what the sample became to `expected.ttl`, for a person to read through before it is committed."""
    path = source.folder / "expected.ttl"
    head = f"# What the sample of {source.id} becomes. Written by “clirld check {source.id} --accept”.\n\n"
    # A prefix for each type and scheme: names with a slash would have to be escaped.
    prefixes = {name: iri for name, iri in project.mapping.prefixes.items() if not iri.startswith(BASE + "id/")}
    prefixes |= {
        name: f"{BASE}id/{name}/" for name in (*project.tables, "address", "geometry", "dataset", "distribution")
    }
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
