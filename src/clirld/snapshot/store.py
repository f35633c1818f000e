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


@dataclass(frozen=True, slots=True)
class Facts:
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


def temporary(place: Path) -> Path:
    """A name in `place` for something unfinished; not `tempfile`, whose files nobody else may read."""
    return place / f".tmp-{uuid4().hex}"


def sweep(place: Path, older_than: float) -> None:
    """Delete what a killed process left unfinished in `place` before `older_than` (seconds since 1970)."""
    for left in place.glob(".tmp-*"):
        if left.stat().st_mtime < older_than:
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def keep(unfinished: Path, facts: Facts, root: Path, sha256: str | None = None) -> Snapshot:
    """Make a whole temporary file (on the same file system) a snapshot; it is moved, or deleted if known.

    `sha256` is that of the file, computed here if not given. A snapshot is there whole or not at all: its
    folder is renamed into place. One that was damaged is replaced. Raises OSError as the file system does.
    """
    digest = sha256 or sha256_of(unfinished)
    place = folder(root, facts.source, facts.distribution)
    place.mkdir(parents=True, exist_ok=True)
    home = place / digest
    snapshot = Snapshot(path=home / "content", sha256=digest, size=unfinished.stat().st_size, **asdict(facts))
    if home.exists():
        if not (home / "content").exists():  # deleted by retention: the same bytes are the same snapshot again
            _sync(unfinished)
            unfinished.replace(home / "content")
        known = _described(home, facts.via)
        if not _whole(snapshot):
            shutil.rmtree(home)
        elif known is not None and known.url == facts.url:
            unfinished.unlink(missing_ok=True)
            return _stated(known, _note_latest(place, known, facts))
    if home.exists():
        unfinished.unlink(missing_ok=True)
        write_json(home / f"snapshot.{facts.via}.json", _described_as(snapshot))
    else:
        made = temporary(place)
        made.mkdir()
        try:
            _sync(unfinished)
            unfinished.replace(made / "content")
            write_json(made / f"snapshot.{facts.via}.json", _described_as(snapshot))
            _sync(made)
            made.replace(home)
            _sync(place)
        except BaseException as problem:
            shutil.rmtree(made, ignore_errors=True)
            if not (isinstance(problem, OSError) and _whole(snapshot)):
                raise
            # Another process kept the same bytes meanwhile.
            write_json(home / f"snapshot.{facts.via}.json", _described_as(snapshot))
    _note_latest(place, snapshot, facts)
    return snapshot


def checked(snapshot: Snapshot, facts: Facts, root: Path) -> Snapshot:
    """Note in `latest.json` that the origin was asked and still has `snapshot` (its date stays)."""
    return _stated(snapshot, _note_latest(folder(root, snapshot.source, snapshot.distribution), snapshot, facts))


def last_checked(snapshot: Snapshot, root: Path) -> str:
    """When the origin was last asked and had these bytes: the date of the snapshot, or later."""
    entry = _latest(folder(root, snapshot.source, snapshot.distribution)).get(snapshot.via, {})
    return max(snapshot.retrieved, entry["checked"]) if entry.get("sha256") == snapshot.sha256 else snapshot.retrieved


def latest(root: Path, source: str, distribution: str, via: Via | None = None) -> Snapshot | None:
    """The snapshot that was got or checked last, of one way or of any; None if there is none.

    Raises FetchError for one that is damaged as far as its size shows; `verify` looks at every byte.
    """
    place = folder(root, source, distribution)
    ways = {way: entry for way, entry in _latest(place).items() if via in (None, way)}
    if not ways:
        return None
    way, entry = max(ways.items(), key=lambda item: (item[1]["checked"], item[0]))
    snapshot = _described(place / entry["sha256"], way)
    if snapshot is None:
        raise _damaged(place / entry["sha256"], "its description or its bytes are gone")
    if snapshot.path.stat().st_size != snapshot.size:
        raise _damaged(snapshot.path, f"{snapshot.path.stat().st_size} bytes instead of {snapshot.size}")
    return _stated(snapshot, entry)


def validators(root: Path, source: str, distribution: str, url: str) -> Mapping[str, str]:
    """What to ask an HTTP server with, so that it need not send again what is here (RFC 9110, section 13).

    Empty unless the last snapshot by HTTP came from this very address. The server's last answer counts: it
    may have changed the ETag of the same bytes.
    """
    entry = _latest(folder(root, source, distribution)).get("http", {})
    if entry.get("url") != url:
        return {}
    wanted = {"If-None-Match": entry.get("etag"), "If-Modified-Since": entry.get("last_modified")}
    return {name: value for name, value in wanted.items() if value}


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


def _whole(snapshot: Snapshot) -> bool:
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


def _described_as(snapshot: Snapshot) -> dict[str, Any]:
    return {name: value for name, value in asdict(snapshot).items() if name != "path"}


def _described(home: Path, via: str) -> Snapshot | None:
    data = _read(home / f"snapshot.{via}.json")
    if data is None or not (home / "content").is_file():
        return None
    try:
        return Snapshot(path=home / "content", **data)
    except TypeError:
        return None


def _latest(place: Path) -> dict[str, dict[str, Any]]:
    return _read(place / "latest.json") or {}


def _stated(snapshot: Snapshot, entry: Mapping[str, Any]) -> Snapshot:
    """With the licence that was stated last: it may have changed though the bytes have not."""
    return replace(snapshot, license_stated=entry.get("license_stated") or snapshot.license_stated)


def _note_latest(place: Path, snapshot: Snapshot, facts: Facts) -> dict[str, Any]:
    before = _latest(place)
    entry = {
        "sha256": snapshot.sha256,
        "checked": facts.retrieved,
        "url": facts.url,
        "etag": facts.etag,
        "last_modified": facts.last_modified,
        "license_stated": facts.license_stated or before.get(facts.via, {}).get("license_stated"),
    }
    write_json(place / "latest.json", {**before, facts.via: entry})
    return entry


def _read(path: Path) -> dict[str, Any] | None:
    """A JSON object, None if it is not there or not whole."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk before it gets its name."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
