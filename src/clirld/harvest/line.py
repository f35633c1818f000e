"""The straight line for one source: fetch → snapshot → records → presence → map → validate → guards, then
the switch of its last good.

Each stage is a plain function from paths to a path, so that the command line, a test and a Prefect task call the
same thing. A stage whose inputs have not changed is skipped. Only when all stages have passed does
`data/harvests/<source>.json` point at the new outputs: a harvest that fails leaves the last good one published.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from clirld import checksums, stages
from clirld.card.source import Source
from clirld.errors import ClirldError, DataError, os_reason
from clirld.fetch.stage import Origin, fetch
from clirld.guards import unpublished
from clirld.guards.checks import Clock
from clirld.guards.stage import check_guards
from clirld.harvest import acceptance, leftovers, outcome, retention
from clirld.harvest.lock import source_lock
from clirld.harvest.outcome import Harvest, last_good, promote, record_failure
from clirld.map.stage import map_records
from clirld.presence.history import expired_records
from clirld.presence.stage import Published, track_presence
from clirld.project import Project
from clirld.records.accounts import Account
from clirld.records.erasure import erasure_list, matching
from clirld.records.stage import TERRITORIES, make_records
from clirld.snapshot import store
from clirld.snapshot.store import Snapshot
from clirld.validate.shards import Elsewhere
from clirld.validate.source_cells import SourceCells
from clirld.validate.stage import validate_graph

Notify = Callable[[str, str, str], None]
"""Called with source, stage and state (`started`, `done`, `skipped`)."""

StageRunner = Callable[[str, Callable[[], Any]], Any]
"""Runs a stage, given its name and the work; Prefect wraps it in a task."""


def silent(_source: str, _stage: str, _state: str) -> None:
    """A Notify that says nothing."""


def call_directly(_stage: str, work: Callable[[], Any]) -> Any:
    """A Call that just does it."""
    return work()


def harvest(
    project: Project,
    source: Source,
    origin: Origin,
    notify: Notify = silent,
    call: StageRunner = call_directly,
    elsewhere: Elsewhere | None = None,
) -> Harvest:
    """Take one source through the whole line; raises the error of the stage that failed, noted for the release.

    One run of a source at a time: BusyError, which is not noted, where another does not end within moments. Nor is
    DataError where the list of erasures cannot be used: nothing is asked of anyone then, and nothing written.
    """
    erasure_list.read(project.settings)
    with source_lock(project.settings.data, source.id):
        leftovers.sweep_source(project.settings.data, source.id)
        run = _Run(project, source, notify, call, elsewhere)
        try:
            outputs = run.all_stages(origin)
        except (ClirldError, OSError) as problem:
            error = problem if isinstance(problem, ClirldError) else _disk_error(project, problem)
            with suppress(OSError):  # a disk that is full may refuse this too
                record_failure(project, source.id, run.stage, error, run.issue_folders)
            # The project's own errors go on with the cause that they have; an OSError becomes the cause.
            raise error from problem.__cause__ if error is problem else problem
        keep = retention.snapshots_to_keep(project.settings, source.card, outputs.account)
        retention.prune(project.settings.data / "snapshots", source.id, keep)
        return outputs


class _Run:
    """One source on its way through the stages; `stage` is the one that it has come to."""

    def __init__(
        self, project: Project, source: Source, notify: Notify, call: StageRunner, elsewhere: Elsewhere | None
    ) -> None:
        self.project, self.source = project, source
        self._notify, self._call, self._elsewhere = notify, call, elsewhere
        self.stage = "fetch"
        self.issue_folders: list[Path] = []
        """Folders of outputs with an `issues.jsonl`, for what is said of a failure."""

    def all_stages(self, origin: Origin) -> Harvest:
        """Every stage in order, then the switch."""
        project, source = self.project, self.source
        settings, tables, mapping, vocabulary = project.settings, project.tables, project.mapping, project.vocabulary
        earlier = last_good(project, source.id)

        self._notify(source.id, "fetch", "started")
        harvested = {} if origin.sample else self._harvested()
        snapshots = self._call("fetch", lambda: fetch(source, origin, settings, vocabulary.licences, harvested))
        leftovers.sweep_downloads(settings.data, source.id)
        last_check = earlier.checked if earlier else ""
        folder = settings.data / "snapshots"
        snapshots = {name: store.correct_date(one, folder, last_check) for name, one in snapshots.items()}
        checked = max(store.last_checked(one, folder) for one in snapshots.values())
        snapshot_summaries = _snapshot_summaries(snapshots)
        sample = any(snapshot.via == "sample" for snapshot in snapshots.values())
        self._notify(source.id, "fetch", "skipped" if earlier and earlier.snapshots == snapshot_summaries else "done")

        self.stage = "records"
        territories = self._territories()
        rows = self._run(lambda: make_records(source, snapshots, settings, tables, vocabulary, territories))
        self.issue_folders = [rows]
        matching.add_twins(settings, rows)

        self.stage = "presence"
        published = _comparable_harvest(earlier, sample)
        if published and earlier:
            self._mend(earlier)
        records = self._run(
            lambda: track_presence(source, snapshots, rows, published, settings, tables, mapping, territories)
        )
        self.issue_folders = [records]
        expired = expired_records(published.records, source.card.grace, checked) if published else []

        self.stage = "map"
        graph = self._run(lambda: map_records(source.id, records, settings, tables, mapping))

        self.stage = "validate"
        origins = SourceCells(source, snapshots, mapping).origins
        validated = self._run(
            lambda: validate_graph(
                source.id, records, graph, settings, project.shapes, vocabulary, origins, self._elsewhere
            )
        )
        self.issue_folders.append(validated)
        unpublished.require_some(source.card, Account.load(validated / "account.json"), project.shapes.by_name)

        self.stage = "guards"
        outputs = Harvest(
            source.id, rows, records, graph, validated, records, snapshot_summaries, sample, checked=checked
        )
        if earlier and (files := checksums.damaged_files(earlier.guards)):
            stages.give_notice(stages.damage_error(earlier.guards, files, "nothing: it is made anew"))
            shutil.rmtree(earlier.guards, ignore_errors=True)
        elif earlier and earlier.has_same_outputs(outputs):  # has passed before
            self._notify(source.id, "guards", "skipped")
            outputs = replace(outputs, guards=earlier.guards, accepted=earlier.accepted)
            return promote(project, replace(outputs, checked=max(checked, last_check)))
        last, clock = (published.records, Clock(last_check, checked, len(expired))) if published else (None, None)
        shapes = project.shapes.by_name
        guards = self._run(
            lambda: check_guards(source, records, validated, last, settings, shapes, clock, sample=sample)
        )
        self.issue_folders.append(guards)
        return promote(project, acceptance.require_acceptance(project, replace(outputs, guards=guards)))

    def _run(self, work: Callable[[], tuple[Path, bool]]) -> Path:
        self._notify(self.source.id, self.stage, "started")
        path, skipped = self._call(self.stage, work)
        self._notify(self.source.id, self.stage, "skipped" if skipped else "done")
        return Path(path)

    def _mend(self, earlier: Harvest) -> None:
        """Make anew the graph and the validation of the last good harvest where they are damaged.

        What was held back then says what was never published. Raises DataError where they stay damaged.
        """
        project, settings = self.project, self.project.settings
        if checksums.damaged_files(earlier.records) or not checksums.damaged_files(earlier.validated):
            return
        self.stage = "map"
        graph, _ = map_records(self.source.id, earlier.records, settings, project.tables, project.mapping)
        self.stage = "validate"
        validate_graph(self.source.id, earlier.records, graph, settings, project.shapes, project.vocabulary)
        if files := checksums.damaged_files(earlier.validated):
            do = f"put it back from a backup, or delete {outcome.harvest_file(project, self.source.id)}"
            raise stages.damage_error(earlier.validated, files, do)
        self.stage = "presence"

    def _harvested(self) -> dict[str, Path]:
        """The canonical tables of the sources that this one is made of. Raises DataError where they are damaged."""
        harvests = {name: last_good(self.project, name) for name in self.source.harvested}
        return {name: one.require_outputs().records for name, one in harvests.items() if one}

    def _territories(self) -> Path | None:
        """The canonical tables that this source is placed with. Raises DataError where they are damaged or gone."""
        if self.source.id == TERRITORIES:
            return None
        territories = last_good(self.project, TERRITORIES)
        return territories.require_outputs().records if territories else None


def _comparable_harvest(earlier: Harvest | None, sample: bool) -> Published | None:
    """The last good harvest, to be compared with: a sample is never compared with the whole."""
    if not earlier or earlier.sample != sample:
        return None
    return Published(earlier.rows, earlier.records, earlier.validated, earlier.snapshots)


def _snapshot_summaries(snapshots: Mapping[str, Snapshot]) -> tuple[dict[str, Any], ...]:
    names = ("distribution", "url", "via", "retrieved", "sha256", "size", "license")
    return tuple({name: getattr(snapshots[one], name) for name in names} for one in sorted(snapshots))


def _disk_error(project: Project, problem: OSError) -> DataError:
    do = "free some disk or check the rights; then run again"
    return DataError(f"cannot read or write: {os_reason(problem)}", where=str(project.settings.data), do=do)
