"""Releases that hold what has been erased since they were made: found by what they have and by what they changed.

A release is never changed; a marked one is neither served again nor asked, and `clirld tidy` deletes it. The mark says
whether the release holds something of the list of erasures, and of which list.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl

from clirld import stages
from clirld.records.erasure import erasure_list
from clirld.records.erasure.erasure_list import ErasureList
from clirld.records.erasure.matching import Erasures, covered_records
from clirld.release import gzip_files
from clirld.release.unavailable.mark import ERASED, mark_of, withdrawals
from clirld.settings import BASE, Settings

_NUMBER = re.compile(rb"\b(?:\d{9}|\d{14}|W[0-9A-Z]\d{8})\b")
"""A SIREN, SIRET or RNA number, wherever it stands."""

_RECORD = re.compile(
    rb'<%sid/record/([^>]*)> <http://purl\.org/dc/terms/identifier> "((?:[^"\\]|\\.)*)"' % re.escape(BASE).encode()
)
"""The key of a record, which begins with its source, and its identifier at the source."""


def mark_releases(settings: Settings) -> set[str]:
    """The releases that are given no more: those that hold what is to be left out, marked here, and those withdrawn.

    What is known of the list as it is now is not asked again. Raises DataError where the list cannot be used.
    """
    listed, withdrawn = erasure_list.read(settings), set(withdrawals(settings.data))
    if listed is None:
        shutil.rmtree(settings.data / ERASED, ignore_errors=True)
        return withdrawn
    folders = sorted((settings.data / "releases").glob("[0-9]*"))
    for folder in folders:
        if mark_of(settings.data, folder.name).of_list != listed.fingerprint:
            mark = {"list": listed.fingerprint, "holds": holds_erased(folder, listed)}
            stages.write_json(settings.data / ERASED / f"{folder.name}.json", mark)
    names = {folder.name for folder in folders}
    for path in (settings.data / ERASED).glob("*.json"):
        if path.stem not in names:
            path.unlink()
    return withdrawn | {name for name in names if mark_of(settings.data, name).holds_erased}


def holds_erased(folder: Path, listed: ErasureList) -> bool:
    """Whether the tables of a release hold something that the list covers; so it is said where they cannot be read."""
    try:
        records = _scan(folder, "record")
        sources = records.select("source").unique().collect()["source"].to_list() if records is not None else []
        covered = (
            covered_records(lambda table, source=source: _scan(folder, table, source), erasures)  # type: ignore[misc]
            for source in sources
            if (erasures := Erasures.of(listed, source))
        )
        return any(covered) or _told_in_changes(folder, listed)
    except (OSError, pl.exceptions.PolarsError):
        return True


def _told_in_changes(folder: Path, listed: ErasureList) -> bool:
    """Whether the patches or the feed of a release tell something of an earlier one that the list covers."""
    named = {request.source for request in listed.requests if request.source}
    of_source = {f"{source}-".encode(): Erasures.of(listed, source) for source in sorted(named)}
    numbers: set[bytes] = set()
    for path in sorted([*folder.glob("changes/*.gz"), *folder.glob("feed/*/*.gz")]):
        for line in gzip_files.lines(path):
            numbers.update(_NUMBER.findall(line))
            if of_source and (found := _RECORD.search(line)):
                identifier = found[2].decode()
                for start, erasures in of_source.items():
                    if erasures and found[1].startswith(start) and erasures.covers(identifier):
                        return True
    everywhere = Erasures.of(listed, "")
    return everywhere is not None and any(everywhere.covers("", [number.decode()]) for number in numbers)


def _scan(folder: Path, table: str, source: str | None = None) -> pl.LazyFrame | None:
    """A table of a release, of one source or of all."""
    paths = sorted((folder / "tables").glob(f"*/{table}.parquet"))
    if not paths:
        return None
    rows = pl.scan_parquet(paths)
    return rows if source is None else rows.filter(pl.col("source") == source)
