"""`clirld run`: sources through the whole line, one after another, then a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.status import Status

from clirld import logs
from clirld.cli import report
from clirld.cli.terminal import AsJson, Data, Mirror, err, out, print_error, print_json, tell
from clirld.errors import BusyError, DataError, StorageError, UsageError
from clirld.fetch.stage import Origin
from clirld.harvest import issue_groups, outcome
from clirld.project import Project
from clirld.records.erasure import erasure_list
from clirld.release import published
from clirld.replicate.harvests import shared
from clirld.settings import Settings
from clirld.validate import engine

Names = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids of sources.")]


def run(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="Run every source.")] = False,
    mirror: Mirror = None,
    publish: Annotated[
        bool,
        typer.Option(
            "--release/--no-release",
            "--publish/--no-publish",
            help="Make a release when all have run; --no-release: only harvest, and release once for several runs.",
        ),
    ] = True,
    stages: Annotated[
        str | None,
        typer.Option(
            "--stages",
            metavar="URL",
            help="Exchange harvests and releases with other machines through s3://bucket/prefix.",
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take sources through the whole line, from fetch to a new release."""
    if bool(names) == every:
        raise UsageError("nothing to run, or too much", do="name sources, or give --all")
    project = Project.load(Settings.from_environment(data=data, stages=stages))
    run_sources(project, names or [], Origin(mirror=mirror_folder(mirror)), publish, as_json)


def run_sources(project: Project, names: list[str], origin: Origin, publish: bool, as_json: bool) -> None:
    """Run the named sources, or all where none is named; a source that fails does not stop the others."""
    if publish:
        shared.prepare(project)
    erasure_list.read(project.settings)  # said once, not for each source
    language = project.settings.language
    failures: list[dict[str, str]] = []
    accounts: list[dict[str, Any]] = []
    stages: list[dict[str, str]] = []
    issue_counts: Counter[str] = Counter()
    if engine.is_fallback():
        tell(report.labels_of(language)["slow_validation"])
    for name, error in project.card_errors.items():
        if not names or name in names:
            failures.append({"source": name, "stage": "card", "what": error.what, "where": error.where, "do": error.do})
            print_error(error, name)
    selected = [project.sources[name] for name in names or project.sources if name in project.sources]
    by_hand = [source.id for source in selected if origin.passes_over(source)]
    with _Progress(err, as_json, language, stages) as notify:
        requested = [name for name in names if name not in project.card_errors] if names else list(project.sources)
        # A source that is named is taken, and fails where it is not in the mirror; of all sources it is left out.
        sources = project.sources
        absent = (
            []
            if names
            else [name for name in requested if not origin.includes(sources[name], sources, project.settings.inbox)]
        )
        for source in project.select([name for name in requested if name not in absent]):
            try:
                harvest = shared.harvest(project, source, origin, notify)
                accounts.append(report.account_of(harvest))
                issue_counts.update(issue_groups.severity_counts(harvest.issue_folders))
            except (BusyError, StorageError) as error:  # nothing is known of it here: other runs say how it ends
                failures.append({"source": source.id, "what": error.what, "where": error.where, "do": error.do})
                print_error(error)
            except DataError as error:
                failure = outcome.failure(project, source.id)
                failures.append(failure or {"source": source.id, "what": error.what})
                stage = _stage_name(failure["stage"], report.labels_of(language)) if failure else ""
                print_error(error, f"{source.id} · {stage}" if stage else source.id)
                tell(f"  {report.labels_of(language)['unpublished']}")
    released: tuple[published.Release, bool] | None = None
    # Where nothing could be harvested there is nothing new to publish, and what failed is told by the next release.
    if publish and (accounts or not failures):
        try:
            release, is_new, damaged = shared.release(project)
            released = release, is_new
            for name in sorted(damaged.keys() - {failure.get("source") for failure in failures}):
                one = damaged[name]
                failures.append({"source": name, "what": one.what, "where": one.where, "do": one.do})
                print_error(one, name)
        except DataError as error:
            failures.append({"stage": "release", "what": error.what, "where": error.where, "do": error.do})
            print_error(error)
    if as_json:
        print_json(
            {
                "accounting": accounts,
                "issues": dict(issue_counts),
                "stages": stages,
                "failures": failures,
                "absent": absent,
                "by_hand": by_hand,
                "release": released[0].manifest if released else None,
                "new": released[1] if released else False,
            }
        )
    else:
        if accounts:
            report.accounting(out, accounts, language, project.shapes.by_name)
        report.summary(out, issue_counts, language)
        if absent:
            out.print(report.labels_of(language)["absent"].format(", ".join(absent)), highlight=False, soft_wrap=True)
        if by_hand:
            out.print(report.labels_of(language)["by_hand"].format(", ".join(by_hand)), highlight=False, soft_wrap=True)
        if released:
            print_release(*released, language)
    if failures:
        raise typer.Exit(1)


def print_release(release: published.Release, new: bool, language: str) -> None:
    """Say which release is served, and whether it is new."""
    labels = report.labels_of(language)
    quads, pairs = release.manifest["quads"], release.manifest["candidates"]
    state = labels["new"] if new else labels["same"]
    colon = ": " if language == "en" else " : "
    out.print(
        f"{state}{colon}{release.id} — {quads} {labels['quads']}, {pairs} {labels['candidates']}", highlight=False
    )
    for source in release.manifest["left_out"]:
        out.print(source["message"]["en" if language == "en" else "fr"], markup=False, highlight=False)


def mirror_folder(path: Path | None) -> Path | None:
    """The folder that an option names, if it is given. Raises UsageError where it is not there."""
    if path is not None and not path.is_dir():
        raise UsageError("there is no such folder", where=str(path), do="give the folder of the mirror")
    return path.absolute() if path else None


def _stage_name(stage: str, labels: Mapping[str, str]) -> str:
    """What people call a stage."""
    return labels.get(f"stage-{stage}", stage)


class _Progress:
    """Says on a console which stage is running, and keeps what was said."""

    def __init__(self, console: Console, silent: bool, language: str, log: list[dict[str, str]]) -> None:
        self._console = console
        self._labels = report.labels_of(language)
        self._log = log
        self._silent = silent
        self._status: Status = console.status("")

    def __enter__(self) -> Callable[[str, str, str], None]:
        if not self._silent and self._console.is_terminal:
            self._status.start()
        return self._report_state

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def _report_state(self, source: str, stage: str, state: str) -> None:
        if state == "started":
            self._status.update(f"{source} · {_stage_name(stage, self._labels)}")
            return
        self._log.append({"source": source, "stage": stage, "state": state})
        if logs.as_json():
            self._console.file.write(logs.line("stage", "info", self._log[-1]) + "\n")
        elif not self._silent:
            self._console.print(
                f"  {source} · {_stage_name(stage, self._labels)} · {self._labels[state]}", highlight=False
            )
