"""The straight line for one source: fetch → snapshot → records → map → validate, then the switch of its last good.

Each stage is a plain function from paths to a path, so that the command line, a test and a Prefect task call the
same thing. A stage whose inputs have not changed is skipped. Only when all stages have passed does
`data/harvests/<source>.json` point at the new outputs: a harvest that fails leaves the last good one published.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from clirld import accounts, fetch, mapper, stages, validate
from clirld.accounts import Account
from clirld.errors import ClirldError, DataError, RecordsError
from clirld.project import Project
from clirld.records import Reference, make_records
from clirld.settings import Settings
from clirld.snapshot import Snapshot
from clirld.source import Source
from clirld.territory import Territories

TERRITORIES = "territories"
"""The source that all others are placed with."""

Notify = Callable[[str, str, str], None]
"""Called with source, stage and state (`started`, `done`, `skipped`)."""


def quiet(_source: str, _stage: str, _state: str) -> None:
    """A Notify that says nothing."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where distributions are taken from: the network (neither is given), a mirror's folder, or the samples."""

    mirror: Path | None = None
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Harvest:
    """The last good harvest of a source, as data/harvests/<source>.json keeps it."""

    source: str
    records: Path
    graph: Path
    validated: Path
    snapshots: tuple[dict[str, Any], ...]
    sample: bool

    @property
    def account(self) -> Account:
        """The account of its rows, held ones included."""
        return Account.load(self.validated / "account.json")

    def needed(self) -> Harvest:
        """Itself. Raises DataError where its outputs are gone."""
        for folder in (self.records, self.validated):
            if not (folder / "account.json").is_file():
                do = f"run “clirld run {self.source}” again"
                raise DataError("the harvest's outputs are gone", where=str(folder), do=do)
        return self

    @property
    def fingerprint(self) -> str:
        """Changes with anything that changes the published quads or the report."""
        return self.validated.name


# The stages --------------------------------------------------------------------------------------


def snapshots(project: Project, source: Source, origin: Origin) -> dict[str, Snapshot]:
    """fetch and snapshot: the bytes of every distribution that makes records."""
    settings = project.settings
    http = http_settings(settings)
    found: dict[str, Snapshot] = {}
    for rows in source.card.records:
        if rows.source not in found:
            place = _place(source, rows.source, origin)
            found[rows.source] = fetch.fetch(
                source.id,
                rows.source,
                place,
                settings.data / "snapshots",
                http,
                license=source.card.license,
                expect=source.card.distributions[rows.source].expects,
            )
    return found


def http_settings(settings: Settings) -> fetch.HttpSettings:
    """The part of the settings that is about the network."""
    return fetch.HttpSettings(
        contact=settings.contact,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        retries=settings.retries,
        max_bytes=settings.max_bytes,
    )


def _place(source: Source, name: str, origin: Origin) -> fetch.Origin:
    distribution = source.card.distributions[name]
    if origin.sample:
        sample = source.sample(name)
        if sample is None:
            raise DataError(
                f"no sample for distribution {name}",
                where=str(source.folder),
                do=f"add sample.{distribution.format} or sample/{name}.{distribution.format}",
            )
        return fetch.SampleFile(sample)
    if distribution.path:
        return fetch.KeptFile(source.folder / distribution.path)
    url = distribution.address or ""
    if origin.mirror:
        return fetch.MirrorFile(fetch.mirror_file(origin.mirror, source.id, name), url)
    return fetch.Web(url)


def records(project: Project, source: Source, found: Mapping[str, Snapshot]) -> tuple[Path, bool]:
    """records: the folder of the source's canonical tables, and whether it was there already."""
    placed_by = None if source.id == TERRITORIES else last_good(project, TERRITORIES)
    if placed_by:
        placed_by.needed()
    if placed_by is None and _needs_territories(project, source):
        raise RecordsError(
            "communes cannot be placed: territories have not been harvested",
            where=f"source {source.id}",
            do="run “clirld run territories” first, or name both",
        )
    card = [source.folder / "source.yaml", *([source.function] if source.function else [])]
    name = stages.fingerprint(
        stages.of_program(),
        stages.of_files([*card, project.settings.ontology / "tables.yaml"]),
        stages.of_files(sorted((project.settings.ontology / "schemes").glob("*.ttl"))),
        *(f"{name}:{snapshot.sha256}:{snapshot.via}:{snapshot.retrieved}" for name, snapshot in sorted(found.items())),
        placed_by.records.name if placed_by else "",
    )
    sample = any(snapshot.via == "sample" for snapshot in found.values())

    def work(out: Path) -> None:
        reference = Reference(project.tables, project.vocabulary, _territories(placed_by))
        make_records(source, found, reference, out, sample=sample)

    return stages.stage(project.settings.data / "records" / source.id, name, work)


def _needs_territories(project: Project, source: Source) -> bool:
    tables = {rows.table for rows in source.card.records if rows.table}
    types = {column.type for name in tables for column in project.tables[name].columns.values()}
    return source.id != TERRITORIES and bool(types & {"insee_commune", "territory"})


def _territories(harvest: Harvest | None) -> Territories:
    parts = sorted((harvest.records / "territory").glob("*.parquet")) if harvest else []
    return Territories.load(parts)


def graph(project: Project, source: Source, made: Path) -> tuple[Path, bool]:
    """map: the folder with `graph.nq`, and whether it was there already."""
    name = stages.fingerprint(
        made.name, stages.of_program(), stages.of_files([project.settings.ontology / "mapping.yarrrml"])
    )

    def work(out: Path) -> None:
        mapper.map_records(made, project.tables, project.mapping, out / "graph.nq")

    return stages.stage(project.settings.data / "graphs" / source.id, name, work)


def validated(project: Project, source: Source, made: Path, mapped: Path) -> tuple[Path, bool]:
    """validate: the folder with the graph less what is held back, the report and the account."""
    name = stages.fingerprint(mapped.name, stages.of_program(), project.shapes.fingerprint)

    def work(out: Path) -> None:
        validate.validate(
            mapped / "graph.nq",
            project.shapes,
            project.vocabulary,
            out,
            source=source.id,
            workers=project.settings.workers,
        )
        account = Account.load(made / "account.json").hold(accounts.held_rows(made, out / "held.jsonl"))
        account.balanced()
        account.write(out / "account.json")

    return stages.stage(project.settings.data / "validated" / source.id, name, work)


def promote(
    project: Project, source: Source, found: Mapping[str, Snapshot], made: Path, mapped: Path, checked: Path
) -> Harvest:
    """Make these outputs the source's last good ones, in one atomic switch."""
    data = project.settings.data
    harvest = Harvest(
        source=source.id,
        records=made,
        graph=mapped,
        validated=checked,
        snapshots=_describe_all(found),
        sample=any(snapshot.via == "sample" for snapshot in found.values()),
    )
    if _before(project, source.id) != harvest:
        stages.write_json(
            data / "harvests" / f"{source.id}.json",
            {
                "source": source.id,
                "records": os.path.relpath(made, data),
                "graph": os.path.relpath(mapped, data),
                "validated": os.path.relpath(checked, data),
                "snapshots": harvest.snapshots,
                "sample": harvest.sample,
            },
        )
    (data / "harvests" / f"{source.id}.failed.json").unlink(missing_ok=True)
    return harvest


def _describe_all(found: Mapping[str, Snapshot]) -> tuple[dict[str, Any], ...]:
    names = ("distribution", "url", "via", "retrieved", "sha256", "size")
    return tuple({name: getattr(found[one], name) for name in names} for one in sorted(found))


# The line ----------------------------------------------------------------------------------------

Call = Callable[[str, Callable[[], Any]], Any]
"""Runs a stage, given its name and the work; Prefect wraps it in a task."""


def directly(_stage: str, work: Callable[[], Any]) -> Any:
    """A Call that just does it."""
    return work()


def harvest(project: Project, source: Source, origin: Origin, notify: Notify = quiet, call: Call = directly) -> Harvest:
    """Take one source through the whole line; raises the error of the stage that failed, noted for the release."""
    stage = "fetch"
    tried: list[Path] = []

    def run(work: Callable[[], tuple[Path, bool]]) -> Path:
        notify(source.id, stage, "started")
        path, skipped = call(stage, work)
        notify(source.id, stage, "skipped" if skipped else "done")
        return Path(path)

    try:
        notify(source.id, stage, "started")
        found: dict[str, Snapshot] = call(stage, lambda: snapshots(project, source, origin))
        before = _before(project, source.id)
        same = before is not None and before.snapshots == _describe_all(found)
        notify(source.id, stage, "skipped" if same else "done")
        stage = "records"
        made = run(lambda: records(project, source, found))
        tried.append(made)
        stage = "map"
        mapped = run(lambda: graph(project, source, made))
        stage = "validate"
        checked = run(lambda: validated(project, source, made, mapped))
        tried.append(checked)
        return promote(project, source, found, made, mapped, checked)
    except (ClirldError, OSError) as problem:
        error = problem if isinstance(problem, ClirldError) else _refused(project, problem)
        with suppress(OSError):  # a disk that is full may refuse this too
            note_failure(project, source.id, stage, error, tried)
        raise error from problem.__cause__ if error is problem else problem


def _refused(project: Project, problem: OSError) -> DataError:
    do = "free some disk or check the rights; then run again"
    return DataError(f"cannot read or write: {problem}", where=str(project.settings.data), do=do)


def note_failure(project: Project, source: str, stage: str, error: ClirldError, tried: Sequence[Path] = ()) -> None:
    """Keep why a source failed, for the next release to say so; `tried` are the folders that it had come to."""
    stages.write_json(
        project.settings.data / "harvests" / f"{source}.failed.json",
        {
            "source": source,
            "stage": stage,
            "what": error.what,
            "where": error.where,
            "do": error.do,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "made": [os.path.relpath(folder, project.settings.data) for folder in tried],
        },
    )


def last_good(project: Project, source: str) -> Harvest | None:
    """The last good harvest of a source, if it has one. Raises DataError where it is damaged."""
    data = project.settings.data
    path = data / "harvests" / f"{source}.json"
    do = f"run “clirld run {source}” again"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        found = Harvest(
            source=source,
            records=data / kept["records"],
            graph=data / kept["graph"],
            validated=data / kept["validated"],
            snapshots=tuple(kept["snapshots"]),
            sample=kept["sample"],
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as problem:
        raise DataError(f"the harvest is damaged: {problem!r}", where=str(path), do=do) from problem
    return found


def _before(project: Project, source: str) -> Harvest | None:
    """As `last_good`; none where it is damaged, for what a new harvest replaces."""
    try:
        return last_good(project, source)
    except DataError:
        return None


def failure(project: Project, source: str) -> dict[str, Any] | None:
    """Why the last try of a source failed, if it did."""
    path = project.settings.data / "harvests" / f"{source}.failed.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as problem:
        raise DataError(f"not whole: {problem!r}", where=str(path), do=f"run “clirld run {source}” again") from problem


State = Literal["fresh", "kept"]


def state(project: Project, source: str) -> State:
    """fresh: the last try is what is published; kept: it failed, and an earlier harvest is."""
    return "kept" if failure(project, source) else "fresh"
