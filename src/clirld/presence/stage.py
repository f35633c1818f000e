"""The presence stage of one source: its folder under the fingerprint of today's rows and of what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld import checksums, stages
from clirld.card.source import Source
from clirld.errors import DataError, RecordsError
from clirld.map.yarrrml import RdfMapping
from clirld.presence import earlier_files
from clirld.presence.history import PresenceTracker, expired_records, relink_parts
from clirld.records import accounts
from clirld.records.erasure import matching
from clirld.records.stage import program_fingerprint
from clirld.records.statistics import Statistics
from clirld.settings import Settings
from clirld.snapshot import store
from clirld.snapshot.store import Snapshot
from clirld.vocabulary.tables import Tables


@dataclass(frozen=True, slots=True)
class Published:
    """What was published of a source before: folders of its rows, tables and validation, and its snapshots."""

    rows: Path
    records: Path
    validated: Path
    snapshots: Sequence[Mapping[str, Any]]

    @property
    def retrieved(self) -> str:
        """Date of the newest of its snapshots."""
        return max(str(one["retrieved"]) for one in self.snapshots)


def track_presence(
    source: Source,
    snapshots: Mapping[str, Snapshot],
    rows: Path,
    published: Published | None,
    settings: Settings,
    tables: Tables,
    mapping: RdfMapping,
    territories: Path | None,
) -> tuple[Path, bool]:
    """The folder of the tables that are published, vanished records included; and whether it was there already.

    Raises RecordsError where what was published before is damaged and cannot be made anew of today's rows.
    """
    licenses = {name: snapshot.license_stated for name, snapshot in snapshots.items() if snapshot.license_stated}
    if published and (damaged := _still_damaged(published, rows)):
        observed = max(snapshot.retrieved for snapshot in snapshots.values())
        if published.records.name != _name(None, rows, observed, source.card.grace, [], licenses):
            raise RecordsError(
                f"the tables that were published are damaged: {', '.join(damaged)}",
                where=str(published.records),
                do=f"put this folder back from a backup; or delete {settings.data / 'harvests' / source.id}.json, and "
                "what is missing or gone of the source is forgotten",
            )
        published = None  # of a first harvest: nothing came before, and today's rows make the same again
    checked = max(store.last_checked(snapshot, settings.data / "snapshots") for snapshot in snapshots.values())
    expired = expired_records(published.records, source.card.grace, checked) if published else []
    previous = Statistics.load(published.records / "statistics.json") if published else None
    if published and published.rows == rows and not expired and previous and previous.licenses == licenses:
        return published.records, True
    observed = max(snapshot.retrieved for snapshot in snapshots.values())
    if published and observed < published.retrieved:
        observed = checked  # bytes of long ago that have come back: they keep their date, and are seen now
    name = _name(published.records.name if published else None, rows, observed, source.card.grace, expired, licenses)
    base = Statistics(
        program_fingerprint=program_fingerprint(source, settings, territories),
        bytes={name: snapshot.sha256 for name, snapshot in snapshots.items()},
        licenses=licenses,
    )

    def work(out: Path) -> None:
        before = published.records if published else None
        held = accounts.held_record_keys(published.validated / "held.jsonl") if published else ()
        erasures = matching.load(settings, source.id)
        PresenceTracker(source, tables, mapping, rows, before, observed, checked, erasures, held).write(out, base)
        if published:
            earlier_files.write(
                source.id, out, published.records, published.snapshots, {one.key for one in snapshots.values()}
            )

    return stages.run_stage(settings.data / "presence" / source.id, name, work)


def _name(
    before: str | None, rows: Path, observed: str, grace: int, expired: Sequence[str], licenses: Mapping[str, str]
) -> str:
    """Name of the folder: the fingerprint of all that the tables are made of."""
    stated = (f"{name}:{license_}" for name, license_ in licenses.items())
    return stages.fingerprint(
        stages.program_fingerprint(), before or "", rows.name, observed, str(grace), *expired, *stated
    )


def _still_damaged(published: Published, rows: Path) -> list[str]:
    """The damaged files of what was published, once the parts that it shares with the same rows are linked again."""
    damaged = checksums.damaged_files(published.records)
    if damaged and published.rows == rows and published.records.is_dir():
        relink_parts(rows, published.records, damaged)
        damaged = checksums.damaged_files(published.records)
        if not damaged:
            do = "nothing: the parts that its rows have are linked again"
            stages.give_notice(DataError("damaged: parts of tables", where=str(published.records), do=do))
    return damaged
