"""The last good harvest of each source, the switch to a new one, and what is told of a try that failed.

data/harvests/<source>.json            the outputs that are published; replaced in one rename
              <source>.copy.json       the same, for where that file is damaged
              <source>.failed.json     why the last try failed, gone when one succeeds
              <source>.refused.json    outputs that the guards keep back, until accepted or replaced
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from clirld import checksums, stages
from clirld.errors import ClirldError, DataError
from clirld.map.version import VERSION_FILE, content_version
from clirld.presence import earlier_files
from clirld.project import Project
from clirld.records.accounts import Account

_FOLDERS = ("rows", "records", "graph", "validated", "guards")
_COPY = ".copy"

STAGES = ("records", "presence", "graphs", "validated", "guards")
"""Folders of the stages in the data folder."""


@lru_cache(maxsize=128)
def _account(path: Path, _modified: int, _size: int) -> tuple[Account, Mapping[str, Any]]:
    account = Account.load(path)
    return account, account.summary()


@dataclass(frozen=True, slots=True)
class Harvest:
    """Outputs of the stages for a source: the last good ones, or those that the guards keep back.

    `rows` is what the records stage made of the files; `records` the canonical tables that are published, which are
    those rows and what is carried over of vanished records. `accepted` is why a person let it pass the guards.
    """

    source: str
    rows: Path
    records: Path
    graph: Path
    validated: Path
    guards: Path
    snapshots: tuple[dict[str, Any], ...]
    sample: bool
    accepted: dict[str, Any] | None = None
    checked: str = field(default="", compare=False)
    """When the source was last asked and had these files; ISO 8601 in UTC."""

    @property
    def account(self) -> Account:
        """The account of its rows, held ones included: for reading, as others are given the same."""
        return self._read_account()[0]

    @property
    def account_summary(self) -> Mapping[str, Any]:
        """The counts of its account: a release asks for them six times, and some accounts name 90,000 rows."""
        return self._read_account()[1]

    def _read_account(self) -> tuple[Account, Mapping[str, Any]]:
        path = self.validated / "account.json"
        stat = path.stat()
        return _account(path, stat.st_mtime_ns, stat.st_size)

    @property
    def earlier_snapshots(self) -> list[dict[str, Any]]:
        """Files of earlier harvests that its records still come from, as in `snapshots`."""
        return earlier_files.load(self.records)

    @property
    def folders(self) -> list[Path]:
        """The folders of its outputs."""
        return [getattr(self, name) for name in _FOLDERS]

    @property
    def issue_folders(self) -> list[Path]:
        """The folders that hold its `issues.jsonl`."""
        return [self.records, self.validated, self.guards]

    def has_same_outputs(self, other: Harvest) -> bool:
        """Whether another's outputs are the same, whatever a person said about them."""
        return self == replace(other, guards=self.guards, accepted=self.accepted)

    def require_outputs(self) -> Harvest:
        """Itself. Raises DataError where its outputs are gone or damaged."""
        for folder in (self.records, self.validated):
            if not (folder / "account.json").is_file():
                do = f"run “clirld run {self.source}” again"
                raise DataError("the harvest's outputs are gone", where=str(folder), do=do)
        for folder in self.folders:
            if files := checksums.damaged_files(folder):
                do = f"run “clirld run {self.source}”, which makes it anew"
                raise stages.damage_error(folder, files, do)
        return self

    @property
    def version(self) -> str:
        """Version of what it says: of the published quads, but for when they were retrieved."""
        try:
            return (self.validated / VERSION_FILE).read_text(encoding="ascii")
        except FileNotFoundError:  # of an earlier program
            return content_version(self.validated / "graph.nq")

    def as_data(self, data: Path) -> dict[str, Any]:
        """As its file has it, with paths from the data folder."""
        paths = {name: os.path.relpath(getattr(self, name), data) for name in _FOLDERS}
        outputs = {
            **paths,
            "source": self.source,
            "snapshots": list(self.snapshots),
            "sample": self.sample,
            "accepted": self.accepted,
            "checked": self.checked,
        }
        return {**outputs, "checksum": _checksum(outputs)}


def harvest_file(project: Project, source: str) -> Path:
    """The file that points at the last good harvest of a source."""
    return _path(project, source)


def _path(project: Project, source: str, suffix: str = "") -> Path:
    return project.settings.data / "harvests" / f"{source}{suffix}.json"


def promote(project: Project, harvest: Harvest) -> Harvest:
    """Make these outputs the source's last good ones, in one atomic switch."""
    data = harvest.as_data(project.settings.data)
    for suffix in ("", _COPY):  # the copy last: it is never ahead of what is published
        path = _path(project, harvest.source, suffix)
        if _read(path) != data:
            stages.write_json(path, data)
    # Only after the switch: should it fail, what is known of the failure stays.
    for suffix in (".failed", ".refused"):
        _path(project, harvest.source, suffix).unlink(missing_ok=True)
    return harvest


def save_refused(project: Project, harvest: Harvest) -> None:
    """Keep what the guards keep back, so that a person can accept it without another run."""
    stages.write_json(_path(project, harvest.source, ".refused"), harvest.as_data(project.settings.data))


def last_good(project: Project, source: str) -> Harvest | None:
    """The last good harvest of a source, if it has one; the copy's, with a notice, where its file is damaged.

    Raises DataError where the copy is damaged too.
    """
    try:
        return _load(project, source, "")
    except DataError as problem:
        copy = _load(project, source, _COPY)
        if copy is None:
            raise
        stages.give_notice(DataError(problem.what, where=problem.where, do="nothing: its copy is used"))
        return copy


def refused(project: Project, source: str) -> Harvest | None:
    """What the guards keep back of a source, if anything. Raises DataError where it is damaged."""
    return _load(project, source, ".refused")


def _load(project: Project, source: str, suffix: str) -> Harvest | None:
    path = _path(project, source, suffix)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.get("checksum", _checksum(data)) != _checksum(data):
            raise ValueError("its checksum is another")
        return Harvest(
            source=source,
            **{name: project.settings.data / data[name] for name in _FOLDERS},
            snapshots=tuple(data["snapshots"]),
            sample=data["sample"],
            accepted=data["accepted"],
            checked=data.get("checked") or max(snapshot["retrieved"] for snapshot in data["snapshots"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        do = "put it back from a backup; or delete it, and what is missing or gone of the source is forgotten"
        raise DataError(f"the harvest is damaged: {problem!r}", where=str(path), do=do) from problem


def damaged_outputs(data: Path) -> dict[str, list[str]]:
    """Stage folder, by its path in the data folder → its damaged files, every byte looked at (`checksums.verify`)."""
    folders = [path for name in STAGES for path in sorted((data / name).glob("[!.]*/[!.]*"))]
    return {path.relative_to(data).as_posix(): files for path in folders if (files := checksums.verify(path))}


def _checksum(data: Mapping[str, Any]) -> str:
    return stages.fingerprint(json.dumps({**data, "checksum": ""}, sort_keys=True))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def record_failure(
    project: Project, source: str, stage: str, error: ClirldError, output_folders: Sequence[Path] = ()
) -> None:
    """Keep why a source failed, for the next release to say so; `output_folders` are those that it had come to."""
    stages.write_json(
        _path(project, source, ".failed"),
        {
            "source": source,
            "stage": stage,
            "what": error.what,
            **({"what_fr": error.fr} if error.fr else {}),
            "where": error.where,
            "do": error.do,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "made": [os.path.relpath(folder, project.settings.data) for folder in output_folders],
        },
    )


def failure(project: Project, source: str) -> dict[str, Any] | None:
    """Why the last try of a source failed, if it did."""
    path = _path(project, source, ".failed")
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as problem:
        raise DataError(f"not whole: {problem!r}", where=str(path), do=f"run “clirld run {source}” again") from problem


Freshness = Literal["fresh", "kept"]


def freshness(project: Project, source: str) -> Freshness:
    """fresh: the last try is what is published; kept: it failed, and an earlier harvest is."""
    return "kept" if failure(project, source) else "fresh"
