"""snapshot: the bytes of a distribution exactly as they were got, kept once, with where they came from.

    <root>/<source>/<distribution>/
        <sha256>/content               the bytes
        <sha256>/snapshot.<via>.json   where they came from, a file for each way they came by
        latest.json                    the last snapshot of each way, and when it was checked

The same bytes can come by several ways (network, mirror, sample, a file kept by hand). They are kept once,
but each way has its own description: nothing from a mirror or a sample is ever said to come from the network.
Bytes that come again by the same way from the same address are the same snapshot: nothing of it changes, its
date neither; only `latest.json` says when it was last checked.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from clirld.errors import FetchError
from clirld.stages import write_json

Via = Literal["http", "mirror", "sample", "file"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Bytes and where they came from. `retrieved` is UTC, ISO 8601, to the second, with Z.

    `license` is the card's, `license_stated` what the service said when it was last asked.
    """

    source: str
    distribution: str
    path: Path
    sha256: str
    size: int
    url: str | None
    retrieved: str
    via: Via
    etag: str | None = None
    last_modified: str | None = None
    media_type: str | None = None
    license: str | None = None
    license_stated: str | None = None

    @property
    def key(self) -> str:
        """Last part of the IRI of these bytes (`id/distribution/…`): whose they are, and their sha256."""
        return distribution_key(self.source, self.distribution, self.sha256)


def distribution_key(source: str, distribution: str, sha256: str) -> str:
    """Last part of the IRI of a distribution as it was retrieved. Neither name can hold a dot (cards allow none)."""
    return f"{source}.{distribution}.{sha256}"


@dataclass(frozen=True, slots=True)
class SnapshotMetadata:
    """What is known of bytes before they are kept: everything of a `Snapshot` that is not in the bytes."""

    source: str
    distribution: str
    url: str | None
    retrieved: str
    via: Via
    etag: str | None = None
    last_modified: str | None = None
    media_type: str | None = None
    license: str | None = None
    license_stated: str | None = None


def folder(root: Path, source: str, distribution: str) -> Path:
    """Where a distribution's snapshots are; FetchError for a name that would lead out of `root`."""
    for name in (source, distribution):
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
            raise FetchError(
                f"“{name}” cannot name a folder",
                where=f"source {source}",
                do="use lower-case letters, digits and hyphens for ids and distributions",
            )
    return root / source / distribution


def temporary_path(folder: Path) -> Path:
    """A name in `folder` for something unfinished; not `tempfile`, whose files nobody else may read."""
    return folder / f".tmp-{uuid4().hex}"


def save(unfinished: Path, metadata: SnapshotMetadata, root: Path, sha256: str | None = None) -> Snapshot:
    """Make a whole temporary file (on the same file system) a snapshot; it is moved, or deleted if known.

    `sha256` is that of the file, computed here if not given. A snapshot is there whole or not at all: its
    folder is renamed into place. One that was damaged is replaced. Raises OSError as the file system does.
    """
    digest = sha256 or sha256_of(unfinished)
    distribution_folder = folder(root, metadata.source, metadata.distribution)
    distribution_folder.mkdir(parents=True, exist_ok=True)
    snapshot_folder = distribution_folder / digest
    snapshot = Snapshot(
        path=snapshot_folder / "content", sha256=digest, size=unfinished.stat().st_size, **asdict(metadata)
    )
    if snapshot_folder.exists():
        if not (snapshot_folder / "content").exists():
            # Deleted by retention: the same bytes are the same snapshot again.
            _fsync(unfinished)
            unfinished.replace(snapshot_folder / "content")
        existing = _read_snapshot(snapshot_folder, metadata.via)
        if not _is_intact(snapshot):
            shutil.rmtree(snapshot_folder)
        elif existing is not None and existing.url == metadata.url:
            unfinished.unlink(missing_ok=True)
            return _with_stated_license(existing, _write_latest(distribution_folder, existing, metadata))
    if snapshot_folder.exists():
        unfinished.unlink(missing_ok=True)
        write_json(snapshot_folder / f"snapshot.{metadata.via}.json", _as_json(snapshot))
    else:
        unfinished_folder = temporary_path(distribution_folder)
        unfinished_folder.mkdir()
        try:
            # The bytes, then the folder of them, then its name: after a power cut the snapshot is whole or not there.
            _fsync(unfinished)
            unfinished.replace(unfinished_folder / "content")
            write_json(unfinished_folder / f"snapshot.{metadata.via}.json", _as_json(snapshot))
            _fsync(unfinished_folder)
            unfinished_folder.replace(snapshot_folder)
            _fsync(distribution_folder)
        except BaseException as problem:
            shutil.rmtree(unfinished_folder, ignore_errors=True)
            if not (isinstance(problem, OSError) and _is_intact(snapshot)):
                raise
            # Another process kept the same bytes meanwhile.
            write_json(snapshot_folder / f"snapshot.{metadata.via}.json", _as_json(snapshot))
    _write_latest(distribution_folder, snapshot, metadata)
    return snapshot


def record_check(snapshot: Snapshot, metadata: SnapshotMetadata, root: Path) -> Snapshot:
    """Note in `latest.json` that the origin was asked and still has `snapshot` (its date stays)."""
    return _with_stated_license(
        snapshot, _write_latest(folder(root, snapshot.source, snapshot.distribution), snapshot, metadata)
    )


def last_checked(snapshot: Snapshot, root: Path) -> str:
    """When the origin was last asked and had these bytes: the date of the snapshot, or later."""
    entry = _read_latest(folder(root, snapshot.source, snapshot.distribution)).get(snapshot.via, {})
    return max(snapshot.retrieved, entry["checked"]) if entry.get("sha256") == snapshot.sha256 else snapshot.retrieved


def correct_date(snapshot: Snapshot, root: Path, after: str) -> Snapshot:
    """The snapshot, with the date of its last check where its own is later: then the clock was wrong when it was had.

    `after` is when the source was asked for what is published: where the check is before it, the check is wrong.
    """
    entry = _read_latest(folder(root, snapshot.source, snapshot.distribution)).get(snapshot.via, {})
    if entry.get("sha256") != snapshot.sha256 or not after <= entry["checked"] < snapshot.retrieved:
        return snapshot
    corrected = replace(snapshot, retrieved=entry["checked"])
    write_json(snapshot.path.parent / f"snapshot.{snapshot.via}.json", _as_json(corrected))
    return corrected


def latest(root: Path, source: str, distribution: str, via: Via | None = None) -> Snapshot | None:
    """The snapshot that was got or checked last, of one way or of any; None if there is none.

    Raises FetchError for one that is damaged as far as its size shows; `verify` looks at every byte.
    """
    distribution_folder = folder(root, source, distribution)
    entries = {
        latest_via: entry
        for latest_via, entry in _read_latest(distribution_folder).items()
        if via in (None, latest_via)
    }
    if not entries:
        return None
    # ISO 8601 dates in UTC sort as text.
    latest_via, entry = max(entries.items(), key=lambda item: (item[1]["checked"], item[0]))
    snapshot = _read_snapshot(distribution_folder / entry["sha256"], latest_via)
    if snapshot is None:
        raise _damaged(distribution_folder / entry["sha256"], "its description or its bytes are gone")
    if snapshot.path.stat().st_size != snapshot.size:
        raise _damaged(snapshot.path, f"{snapshot.path.stat().st_size} bytes instead of {snapshot.size}")
    return _with_stated_license(snapshot, entry)


def validators(root: Path, source: str, distribution: str, url: str) -> Mapping[str, str]:
    """What to ask an HTTP server with, so that it need not send again what is here (RFC 9110, section 13).

    Empty unless the last snapshot by HTTP came from this very address. The server's last answer counts: it
    may have changed the ETag of the same bytes.
    """
    entry = _read_latest(folder(root, source, distribution)).get("http", {})
    if entry.get("url") != url:
        return {}
    headers = {"If-None-Match": entry.get("etag"), "If-Modified-Since": entry.get("last_modified")}
    return {name: value for name, value in headers.items() if value}


def verify(snapshot: Snapshot) -> None:
    """Raise FetchError unless the kept bytes are those of the snapshot, to the last one."""
    if not snapshot.path.is_file():
        raise _damaged(snapshot.path, "the bytes are gone")
    if snapshot.path.stat().st_size != snapshot.size:
        raise _damaged(snapshot.path, f"{snapshot.path.stat().st_size} bytes instead of {snapshot.size}")
    if sha256_of(snapshot.path) != snapshot.sha256:
        raise _damaged(snapshot.path, "the bytes are not those of its sha256")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_intact(snapshot: Snapshot) -> bool:
    try:
        verify(snapshot)
    except FetchError:
        return False
    return True


def _damaged(path: Path, what: str) -> FetchError:
    return FetchError(
        f"this snapshot is damaged: {what}",
        where=str(path),
        do="delete its folder and run the source again; then check the disk",
    )


def _as_json(snapshot: Snapshot) -> dict[str, Any]:
    return {name: value for name, value in asdict(snapshot).items() if name != "path"}


def _read_snapshot(snapshot_folder: Path, via: str) -> Snapshot | None:
    data = _read_object(snapshot_folder / f"snapshot.{via}.json")
    if data is None or not (snapshot_folder / "content").is_file():
        return None
    try:
        return Snapshot(path=snapshot_folder / "content", **data)
    except TypeError:
        return None


def _read_latest(distribution_folder: Path) -> dict[str, dict[str, Any]]:
    return _read_object(distribution_folder / "latest.json") or {}


def _with_stated_license(snapshot: Snapshot, entry: Mapping[str, Any]) -> Snapshot:
    """With the licence that was stated last: it may have changed though the bytes have not."""
    return replace(snapshot, license_stated=entry.get("license_stated") or snapshot.license_stated)


def _write_latest(distribution_folder: Path, snapshot: Snapshot, metadata: SnapshotMetadata) -> dict[str, Any]:
    entries = _read_latest(distribution_folder)
    entry = {
        "sha256": snapshot.sha256,
        "checked": metadata.retrieved,
        "url": metadata.url,
        "etag": metadata.etag,
        "last_modified": metadata.last_modified,
        "license_stated": metadata.license_stated or entries.get(metadata.via, {}).get("license_stated"),
    }
    write_json(distribution_folder / "latest.json", {**entries, metadata.via: entry})
    return entry


def _read_object(path: Path) -> dict[str, Any] | None:
    """A JSON object, None if it is not there or not whole."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _fsync(path: Path) -> None:
    """Make sure that a file or folder is on the disk before it gets its name."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
