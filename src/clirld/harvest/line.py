"""The straight line for one source: fetch → snapshot → records → presence → map → validate → guards, then
the switch of its last good.

Each stage is a plain function from paths to a path, so that the command line, a test and a Prefect task call the
same thing. A stage whose inputs have not changed is skipped. Only when all stages have passed does
`data/harvests/<source>.json` point at the new outputs: a harvest that fails leaves the last good one published.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from clirld import acceptance, accounts, erasure, fetch, guards, issues, mapper, retention, snapshot, stages, validate
from clirld import presence as following
from clirld.accounts import Account
from clirld.client import WebClient
from clirld.errors import ClirldError, DataError, RecordsError
from clirld.harvests import Harvest, before, failure, last_good, note_failure, promote, state
from clirld.lock import locked
from clirld.project import Project
from clirld.records import Reference, make_records
from clirld.settings import Settings
from clirld.snapshot import Snapshot
from clirld.source import Source
from clirld.statistics import Statistics
from clirld.territory import Territories

__all__ = ["Harvest", "Origin", "failure", "harvest", "last_good", "note_failure", "promote", "state"]

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

    def has(self, source: Source) -> bool:
        """Whether a run of all sources takes this one.

        A mirror need not have every source. From the network, a source whose columns or licence are not confirmed is
        only taken when a person names it. Raises FetchError where the mirror's index is wrong.
        """
        away = [rows.source for rows in source.card.records if not source.card.distributions[rows.source].path]
        if self.sample or not away:
            return True
        if not self.mirror:
            return source.card.status == "active"
        return any(fetch.in_mirror(self.mirror, source.id, name) for name in away)


# The stages --------------------------------------------------------------------------------------


def snapshots(project: Project, source: Source, origin: Origin) -> dict[str, Snapshot]:
    """fetch and snapshot: the bytes of every distribution that makes records."""
    settings = project.settings
    http = http_settings(settings)
    client = WebClient(http)
    codes = {one.datagouv: iri for iri, one in project.vocabulary.licences.items() if one.datagouv}
    found: dict[str, Snapshot] = {}
    for rows in source.card.records:
        if rows.source not in found:
            place = _place(source, rows.source, origin, settings.inbox)
            found[rows.source] = fetch.fetch(
                source.id,
                rows.source,
                place,
                settings.data / "snapshots",
                http,
                license=source.card.license,
                expect=source.card.distributions[rows.source].expects,
                client=client,
                codes=codes,
                portal=settings.datagouv,
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
        max_run_bytes=settings.max_run_bytes,
        hosts=settings.data / "hosts",
    )


def _place(source: Source, name: str, origin: Origin, inbox: Path) -> fetch.Origin:
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
    if origin.mirror:
        return fetch.MirrorFile(fetch.mirror_file(origin.mirror, source.id, name), distribution.address)
    if distribution.inbox:
        return fetch.Inbox(inbox / source.id)
    url, headers, dataset = distribution.address or "", distribution.headers, distribution.dataset
    if distribution.connector:
        return fetch.Service(url, distribution.connector, distribution.items, source.folder, headers, dataset)
    return fetch.Web(url, headers, dataset)


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
    asked = erasure.load(project.settings, source.id)
    name = stages.fingerprint(
        _making(project, source),
        asked.fingerprint if asked else "",
        *(f"{name}:{snapshot.sha256}:{snapshot.via}:{snapshot.retrieved}" for name, snapshot in sorted(found.items())),
    )

    def work(out: Path) -> None:
        reference = Reference(project.tables, project.vocabulary, _territories(placed_by), asked)
        make_records(source, found, reference, out)

    return stages.stage(project.settings.data / "records" / source.id, name, work)


def _making(project: Project, source: Source) -> str:
    """Fingerprint of all that records are made with, but the bytes."""
    placed_by = None if source.id == TERRITORIES else before(project, TERRITORIES)
    card = [source.folder / "source.yaml", *([source.function] if source.function else [])]
    return stages.fingerprint(
        stages.of_program(),
        pl.__version__,
        stages.of_files([*card, project.settings.ontology / "tables.yaml"]),
        stages.of_files(sorted((project.settings.ontology / "schemes").glob("*.ttl"))),
        placed_by.records.name if placed_by else "",
    )


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


def presence(project: Project, source: Source, found: Mapping[str, Snapshot], made: Path) -> tuple[Path, bool]:
    """presence: the canonical tables that are published, those of vanished records included; whether it was there."""
    earlier = _published_like(project, source.id, found)
    root = project.settings.data / "snapshots"
    checked = max(snapshot.last_checked(one, root) for one in found.values())
    expired = following.expired(earlier.records, source.card.grace, checked) if earlier else []
    stated = {name: one.license_stated for name, one in found.items() if one.license_stated}
    last = Statistics.load(earlier.records / "statistics.json") if earlier else None
    if earlier and earlier.rows == made and not expired and last and last.licenses == stated:
        return earlier.records, True
    observed = max(one.retrieved for one in found.values())
    if earlier and observed < max(one["retrieved"] for one in earlier.snapshots):
        observed = checked  # bytes of long ago that have come back: they keep their date, and are seen now
    parts = [made.name, observed, str(source.card.grace), *expired, *(f"{name}:{one}" for name, one in stated.items())]
    name = stages.fingerprint(stages.of_program(), earlier.records.name if earlier else "", *parts)
    known = Statistics(
        making=_making(project, source),
        bytes={name: one.sha256 for name, one in found.items()},
        licenses=stated,
    )

    def work(out: Path) -> None:
        before = earlier.records if earlier else None
        tables = (project.tables, project.mapping)
        asked = erasure.load(project.settings, source.id)
        held = accounts.held_keys(earlier.validated / "held.jsonl") if earlier else ()
        following.Follower(source, *tables, made, before, observed, checked, asked, held).make(out, known)

    return stages.stage(project.settings.data / "presence" / source.id, name, work)


def _published_like(project: Project, source: str, found: Mapping[str, Snapshot]) -> Harvest | None:
    """The last good harvest, to be compared with: a sample is never compared with the whole."""
    kept = before(project, source)
    alike = kept and kept.sample == _sample(found) and (kept.records / following.STATE).is_file()
    return kept if alike else None


def guarded(
    project: Project, source: Source, found: Mapping[str, Snapshot], records: Path, checked: Path
) -> tuple[Path, bool]:
    """guards: the folder with what is noticed against the card and the last good harvest; whether it was there."""
    earlier = _published_like(project, source.id, found)
    last = earlier.records if earlier else None
    name = stages.fingerprint(records.name, checked.name, last.name if last else "", stages.of_program())

    def work(out: Path) -> None:
        now = Statistics.load(records / "statistics.json") or Statistics()
        known = Statistics.load(last / "statistics.json") if last else None
        issues.write([] if _sample(found) else guards.check(source.card, now, known), out / "issues.jsonl")

    return stages.stage(project.settings.data / "guards" / source.id, name, work)


def _sample(found: Mapping[str, Snapshot]) -> bool:
    return any(snapshot.via == "sample" for snapshot in found.values())


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
    """Take one source through the whole line; raises the error of the stage that failed, noted for the release.

    One run of a source at a time: BusyError, which is not noted, where another does not end within moments.
    """
    with locked(project.settings.data, source.id):
        done = _harvest(project, source, origin, notify, call)
        keep = retention.kept(project.settings, source.card, done.account)
        retention.prune(project.settings.data / "snapshots", source.id, keep)
        return done


def _harvest(project: Project, source: Source, origin: Origin, notify: Notify, call: Call) -> Harvest:
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
        earlier = before(project, source.id)
        same = earlier is not None and earlier.snapshots == _describe_all(found)
        notify(source.id, stage, "skipped" if same else "done")
        stage = "records"
        rows = run(lambda: records(project, source, found))
        tried.append(rows)
        stage = "presence"
        made = run(lambda: presence(project, source, found, rows))
        tried[0] = made
        stage = "map"
        mapped = run(lambda: graph(project, source, made))
        stage = "validate"
        checked = run(lambda: validated(project, source, made, mapped))
        tried.append(checked)
        stage = "guards"
        outputs = Harvest(source.id, rows, made, mapped, checked, made, _describe_all(found), _sample(found))
        if earlier and earlier.published_as(outputs):  # has passed before
            notify(source.id, stage, "skipped")
            return promote(project, replace(outputs, guards=earlier.guards, accepted=earlier.accepted))
        looked = run(lambda: guarded(project, source, found, made, checked))
        tried.append(looked)
        return promote(project, acceptance.passed(project, replace(outputs, guards=looked)))
    except (ClirldError, OSError) as problem:
        error = problem if isinstance(problem, ClirldError) else _refused(project, problem)
        with suppress(OSError):  # a disk that is full may refuse this too
            note_failure(project, source.id, stage, error, tried)
        raise error from problem.__cause__ if error is problem else problem


def _refused(project: Project, problem: OSError) -> DataError:
    do = "free some disk or check the rights; then run again"
    return DataError(f"cannot read or write: {problem}", where=str(project.settings.data), do=do)
