"""Releases on disk: finding them, checking them, and switching which one is served."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from clirld import checksums, stages
from clirld.errors import ReleaseError, os_reason
from clirld.release.unavailable.mark import mark_of, require_given

CHUNK = 1 << 20
"""Bytes read at a time."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def id(self) -> str:
        """Time of making (UTC) and the first digits of the content's hash."""
        return self.folder.name

    @property
    def sequence(self) -> int:
        """Its number: one more than the greatest before it, whatever the clock said. 0 of those without one."""
        return _sequence(self.manifest)


def load(folder: Path) -> Release:
    """Read a release's manifest. Raises ReleaseError where there is none, or it is damaged."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except OSError as problem:
        raise ReleaseError(
            f"no release: {os_reason(problem)}", where=str(folder), do="see “clirld releases”"
        ) from problem
    except ValueError as problem:
        manifest = problem
    names = {"version", "created", "quads", "candidates", "sources", "files"}
    if not isinstance(manifest, dict) or not names <= manifest.keys():
        what = f"not whole: {manifest}" if isinstance(manifest, ValueError) else "not that of a release"
        do = "delete this release’s folder, and serve another with “clirld releases --use”"
        raise ReleaseError(what, where=str(folder / "manifest.json"), do=do)
    return Release(folder.resolve(), manifest)


def current(data: Path) -> Release | None:
    """The release that is served."""
    pointer = data / "current"
    return load(pointer) if pointer.exists() else None


def whole_current(data: Path) -> Release | None:
    """The release that is served; None, with a notice, where it is damaged."""
    try:
        served = current(data)
        if served:
            require_whole(served)
    except ReleaseError as problem:
        stages.give_notice(ReleaseError(problem.what, where=problem.where, do="nothing: a new release is made"))
        return None
    return served


def require_whole(release: Release) -> None:
    """Raises ReleaseError where a file of a release is gone, or not of the size or time that it was made with."""
    if files := damaged_files(release, every_byte=False):
        raise ReleaseError(
            f"the release is damaged: {files[0]}",
            where=release.id,
            do="run “clirld release”, which makes a new one; or serve another: clirld releases --use ID",
        )


def all_releases(data: Path) -> list[Release]:
    """All releases, the newest first: by their sequence, as the clock may have been wrong."""
    return sorted(map(load, _folders(data)), key=lambda release: (release.sequence, release.id), reverse=True)


def newest(data: Path) -> Release | None:
    """The release with the greatest sequence; those that are damaged are passed over."""
    found = []
    for folder in _folders(data):
        with suppress(ReleaseError):
            found.append(load(folder))
    found.sort(key=lambda release: (release.sequence, release.id), reverse=True)
    return next((release for release in found if not damaged_files(release, every_byte=False)), None)


def next_sequence(data: Path) -> int:
    """The sequence of the next release."""
    found = [0]
    for folder in _folders(data):
        try:
            found.append(load(folder).sequence)
        except ReleaseError:  # damaged: told of wherever it would be used
            continue
    return max(found) + 1


def identifier(root: Path, version: str, time: datetime) -> tuple[str, datetime]:
    """Name of a release made at a time, and that time; of a second one within the same second, the next."""
    while any(root.glob(f"{time:%Y%m%dT%H%M%SZ}-*")):
        time += timedelta(seconds=1)
    return f"{time:%Y%m%dT%H%M%SZ}-{version[:8]}", time


def _folders(data: Path) -> list[Path]:
    return sorted((data / "releases").glob("[0-9]*"))


def _sequence(manifest: dict[str, Any]) -> int:
    number = manifest.get("sequence", 0)
    return number if isinstance(number, int) else 0


def switch_to(data: Path, identifier: str) -> Release:
    """Serve another release from now on: one atomic rename, under the lock of releases.

    Raises ReleaseError where it is not there, is damaged, or is given no more.
    """
    require_given(data, identifier)
    folder = data / "releases" / identifier
    if not (folder / "manifest.json").is_file() or Path(identifier).name != identifier:
        raise unknown(data, identifier)
    release = load(folder)
    require_whole(release)
    # A link cannot be changed in place: a new one under a name of this process's own takes the place of the old one.
    new_link = data / f".current.{os.getpid()}"
    new_link.unlink(missing_ok=True)
    new_link.symlink_to(Path("releases") / identifier)
    new_link.replace(data / "current")
    return release


def unknown(data: Path, identifier: str) -> ReleaseError:
    """What to say where a release is not there: which ones there are."""
    given = [folder.name for folder in reversed(_folders(data)) if not mark_of(data, folder.name).is_refused]
    do = f"there are: {', '.join(given) or 'none'}"
    return ReleaseError(f"no release {identifier}", where=str(data / "releases"), do=do)


def load_kept(data: Path, identifier: str) -> Release:
    """Read a release by its id, whichever it is.

    Raises ReleaseError where there is none, it is damaged, or it is given no more (`clirld.release.unavailable`).
    """
    require_given(data, identifier)
    if Path(identifier).name != identifier or not (data / "releases" / identifier).is_dir():
        raise unknown(data, identifier)
    return load(data / "releases" / identifier)


def damaged_files(release: Release, *, every_byte: bool = True) -> list[str]:
    """Files of a release, of its store too, that are not as they were made; see `checksums.verify`.

    One from before there were checksums of all is held to those of its manifest, if every byte is asked for.
    """
    if not every_byte:
        return checksums.damaged_files(release.folder)
    if checksums.is_sealed(release.folder):
        return checksums.verify(release.folder)
    return [
        entry["path"]
        for entry in release.manifest["files"]
        if not (path := release.folder / entry["path"]).is_file() or checksum(path) != entry["sha256"]
    ]


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
