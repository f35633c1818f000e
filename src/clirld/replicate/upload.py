"""A release to a bucket: sent whole under its id, then published by one conditional write.

What the release that is published there has already is copied within the store; what an earlier run sent is left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from clirld import checksums
from clirld.errors import StorageError
from clirld.release import history
from clirld.release.published import Release
from clirld.release.unavailable.mark import mark_of, withdrawals
from clirld.replicate import pointer
from clirld.replicate.bucket import CHUNK, Bucket, Stored
from clirld.replicate.etags import etags
from clirld.replicate.pointer import KEY, RELEASES, Pointer

KEEP = 3
"""Releases that stay in a bucket, the published one among them."""

Tell = Callable[[str, str, int], None]
"""Is told what is done (sent, copied), with which file, and its bytes."""


@dataclass(slots=True)
class Outcome:
    """What was done: files with their bytes by how they came there, releases that were deleted; the one before.

    `is_new` is False where nothing had to be written: the bucket was so already.
    """

    release: str
    before: str | None
    is_new: bool = True
    sent: dict[str, int] = field(default_factory=dict)
    copied: dict[str, int] = field(default_factory=dict)
    there: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)


def publish(
    bucket: Bucket,
    data: Path,
    release: Release,
    *,
    keep: int = KEEP,
    tell: Tell = lambda _what, _file, _size: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Publish a release of a data folder in a bucket, and keep the newest `keep` there.

    Releases that the data folder no longer gives (erased, withdrawn) are deleted there. Raises StorageError, after
    which what was published stays so; where another publication was quicker too.
    """
    bucket.require_conditions()
    found = bucket.read(KEY)
    before = pointer.read(found[0], str(bucket.address)) if found else None
    outcome = Outcome(release.id, before.release if before else None)
    version = found[1] if found else None
    lost = _send(bucket, release, before, outcome, tell)
    if lost and bucket.read(KEY, version):
        raise _too_late(bucket)
    if lost:
        raise StorageError(
            f"the store does not have what was sent: {lost[0]}",
            where=f"{bucket.address}/{RELEASES}/{release.id}",
            do="run again; if it stays so, see whether somebody deletes there",
        )
    wanted = _pointer(data, release, before, keep, now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    if before and replace(wanted, published=before.published) == before:
        outcome.is_new = False
    elif not bucket.write(KEY, wanted.written(), instead_of=version):
        raise _too_late(bucket)
    # What is later than the oldest that is kept stays: another publication may be at work on it.
    past = {*(before.releases if before else ())} | wanted.refused
    there = bucket.folders(RELEASES) - wanted.releases.keys()
    for name in sorted(name for name in there if name in past or name < min(wanted.releases)):
        _delete(bucket, name)
        outcome.deleted.append(name)
    return outcome


def _send(bucket: Bucket, release: Release, before: Pointer | None, outcome: Outcome, tell: Tell) -> list[str]:
    """Bring all files there, the checksums last: who finds them finds all. Gives what is not there all the same."""
    entries = checksums.read(release.folder)
    if not entries:
        raise StorageError("the release has no checksums", where=release.id, do="run “clirld release --force”")
    own = f"{RELEASES}/{release.id}"
    present = bucket.objects(own)
    others = [name for name in (before.releases if before else ()) if name != release.id]
    reusable: dict[Stored, str] = {}
    for name in sorted(others):
        reusable |= {one: f"{RELEASES}/{name}/{path}" for path, one in bucket.objects(f"{RELEASES}/{name}").items()}
    for name in [*sorted(entries), checksums.FILE]:
        file = release.folder / name
        size = file.stat().st_size
        wanted = {Stored(size, etag) for etag in etags(file, CHUNK)}
        source = next((reusable[one] for one in wanted if one in reusable), None)
        if present.get(name) in wanted:
            outcome.there[name] = size
        elif source and bucket.copy(source, f"{own}/{name}"):
            outcome.copied[name] = size
            tell("copied", name, size)
        else:
            bucket.send(f"{own}/{name}", file)
            outcome.sent[name] = size
            tell("sent", name, size)
    return sorted({*entries, checksums.FILE} - bucket.objects(own).keys())


def _too_late(bucket: Bucket) -> StorageError:
    return StorageError(
        "another publication was quicker: what it published stays",
        where=str(bucket.address),
        do="see “clirld publish --to … --status”; if this release is to be published all the same, run again",
    )


def _pointer(data: Path, release: Release, before: Pointer | None, keep: int, published: str) -> Pointer:
    there = {**(before.releases if before else {}), release.id: checksums.sha256_of(release.folder / checksums.FILE)}
    names = {past.id: past.created.isoformat() for past in history.releases(data)}
    known = {**(before.history if before else {}), **names}
    withdrawn, erased = _refused(data, before, {*known, *there})
    given = [name for name in sorted(there, reverse=True) if name not in {*withdrawn, *erased, release.id}]
    kept = [release.id, *given[: max(keep - 1, 0)]]
    releases = {name: there[name] for name in sorted(kept)}
    return Pointer(release.id, published, releases, dict(sorted(known.items())), withdrawn, tuple(sorted(erased)))


def _refused(data: Path, before: Pointer | None, names: Collection[str]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """The releases that were withdrawn, and those that hold what is erased: by this data folder and by the pointer.

    One that is here without a mark is given again, whatever the pointer says. Who withdrew one is told nobody.
    """
    marks = {name: mark_of(data, name) for name in names}
    given = {name for name, mark in marks.items() if not mark.is_refused and (data / RELEASES / name).is_dir()}
    withdrawn = {name: dict(said) for name, said in (before.withdrawn if before else {}).items() if name not in given}
    for name, said in withdrawals(data).items():
        withdrawn[name] = {"when": said.when, "because": said.because, "sequence": said.sequence}
    erased = {*(before.erased if before else ())} - given
    return withdrawn, erased | {name for name, mark in marks.items() if mark.holds_erased}


def _delete(bucket: Bucket, name: str) -> None:
    """Delete a release, its checksums first."""
    own = f"{RELEASES}/{name}"
    there = sorted(bucket.objects(own), key=lambda path: (path != checksums.FILE, path))
    bucket.delete([f"{own}/{path}" for path in there])


def missing(bucket: Bucket, said: Pointer) -> dict[str, list[str]]:
    """The releases of a pointer that are not whole in the bucket, by what is there: files gone or of another size."""
    found = {}
    for name, expected in said.releases.items():
        own = f"{RELEASES}/{name}"
        there, sealed = bucket.objects(own), bucket.read(f"{own}/{checksums.FILE}")
        if sealed is None or sha256(sealed[0]).hexdigest() != expected:
            found[name] = [checksums.FILE]
            continue
        sizes = {path: size for path, (size, _time, _sha256) in json.loads(sealed[0]).items()}
        if lost := sorted(path for path, size in sizes.items() if path not in there or there[path].size != size):
            found[name] = lost
    return found
