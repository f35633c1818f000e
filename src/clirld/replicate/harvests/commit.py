"""A source in the storage: its commit, which is replaced by one conditional write, and the files that it names.

Files are sent under an attempt of their own before, so that nobody reads or deletes what another has not committed.
What a commit no longer names is deleted after it; what a killed attempt left, by the first commit a day later.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from clirld import checksums, stages
from clirld.checksums import Checksum
from clirld.errors import StorageError
from clirld.replicate.bucket import Bucket
from clirld.replicate.harvests.folder import is_of

SOURCES = "harvests/sources"
KEY = "commit.json"
_FORMAT = 1
_TIME = "%Y%m%dT%H%M%SZ"
_UNFINISHED_FOR = timedelta(days=1)
"""How long what nobody has committed is taken for the work of somebody who is still at it."""


class File(NamedTuple):
    """A file: what it is, and the attempt that sent it."""

    checksum: Checksum
    attempt: str


@dataclass(frozen=True, slots=True)
class Commit:
    """Files by their paths in a data folder; `version` is the entity tag of the commit."""

    files: Mapping[str, File]
    version: str = ""

    @property
    def checksums(self) -> dict[str, Checksum]:
        """The files without who sent them."""
        return {path: file.checksum for path, file in self.files.items()}

    def written(self) -> bytes:
        """As it lies in the storage: the same bytes for the same commit."""
        files = {path: [*file.checksum, file.attempt] for path, file in self.files.items()}
        said = {"format": _FORMAT, "files": files, "checksum": _fingerprint(files)}
        return (json.dumps(said, indent=0, sort_keys=True) + "\n").encode()


def parsed(content: bytes, version: str, source: str, where: str) -> Commit:
    """Raises StorageError where it is none of this source, or of another version of the program."""
    try:
        said = json.loads(content)
        if said["format"] != _FORMAT:
            raise StorageError(
                "this harvest was committed by another version of clirld",
                where=where,
                do="install the same version on all machines",
            )
        files = {
            path: File(Checksum(int(size), int(time), str(sha256)), str(attempt))
            for path, (size, time, sha256, attempt) in said["files"].items()
        }
        is_right = said["checksum"] == _fingerprint(said["files"]) and all(is_of(source, path) for path in files)
    except (ValueError, TypeError, KeyError, AttributeError):
        is_right = False
    if not is_right:
        raise StorageError(
            "this commit of a harvest is damaged",
            where=where,
            do="run again; if it stays so, delete that object, and run “clirld run --stages” where the releases "
            "are made, which sends the source anew",
        )
    return Commit(files, version)


class Shelf:
    """Where a source is in the storage."""

    def __init__(self, bucket: Bucket, source: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._bucket, self._source, self._now = bucket, source, now
        self._folder = f"{SOURCES}/{source}"
        self._key = f"{self._folder}/{KEY}"
        self.where = f"{bucket.address}/{self._key}"

    def read(self) -> Commit | None:
        """The commit that is there; None where there is none."""
        found = self._bucket.read(self._key)
        return parsed(*found, self._source, self.where) if found else None

    def get(self, path: str, file: File, target: Path) -> None:
        """Write a file of a commit, with the time it has there. Raises StorageError where it is damaged or gone."""
        try:
            sha256 = self._bucket.download(f"{self._folder}/{file.attempt}/{file.checksum.sha256}", target)
        except FileNotFoundError:
            sha256 = ""
        if sha256 != file.checksum.sha256:
            target.unlink(missing_ok=True)
            raise StorageError(
                f"the harvest of {self._source} is damaged in the bucket, or on its way: {path} is not as it was made",
                where=self.where,
                do="run again; if it stays so, delete that object, and run “clirld run --stages” where the releases "
                "are made, which sends the source anew",
            )
        os.utime(target, ns=(file.checksum.time, file.checksum.time))

    def send(self, data: Path, files: Mapping[str, Checksum], before: Commit | None) -> Commit | None:
        """Send what `before` has not, and commit the files instead of it; None where it is no longer there.

        Raises DataError for a file that is not what its checksum says, StorageError where the store does not take it.
        """
        attempt = f"{self._now().strftime(_TIME)}-{uuid.uuid4().hex[:8]}"
        sent_by = {file.checksum.sha256: file.attempt for file in before.files.values()} if before else {}
        new = {entry.sha256: path for path, entry in files.items() if entry.sha256 not in sent_by}
        for sha256, path in new.items():
            if checksums.sha256_of(data / path) != sha256:
                raise stages.damage_error(data / path, [path], "delete its folder, and run the source again")
            self._bucket.send(f"{self._folder}/{attempt}/{sha256}", data / path)
        if lost := sorted(new.keys() - (self._bucket.objects(f"{self._folder}/{attempt}") if new else {}).keys()):
            raise StorageError(
                f"the store does not have what was sent: {new[lost[0]]}",
                where=f"{self._bucket.address}/{self._folder}/{attempt}",
                do="run again; if it stays so, see whether somebody deletes there",
            )
        commit = Commit({path: File(one, sent_by.get(one.sha256, attempt)) for path, one in files.items()})
        content = commit.written()
        is_first = self._bucket.write(self._key, content, instead_of=before.version if before else None)
        found = self._bucket.read(self._key)
        # A write whose answer was lost and that was tried again seems to have come too late to itself.
        if not found or (found[0] != content and not is_first):
            return None
        self._delete_unused(commit, before)
        return Commit(commit.files, found[1]) if found[0] == content else commit

    def _delete_unused(self, commit: Commit, before: Commit | None) -> None:
        """Delete what the commit before had and this one has not, and what was never committed, after a day."""
        used = {(file.attempt, file.checksum.sha256) for file in commit.files.values()}
        earlier = {(file.attempt, file.checksum.sha256) for file in before.files.values()} if before else set()
        self._bucket.delete([f"{self._folder}/{attempt}/{sha256}" for attempt, sha256 in sorted(earlier - used)])
        oldest = (self._now() - _UNFINISHED_FOR).strftime(_TIME)
        for attempt in sorted(self._bucket.folders(self._folder) - {attempt for attempt, _sha256 in used}):
            if attempt < oldest:
                place = f"{self._folder}/{attempt}"
                self._bucket.delete([f"{place}/{sha256}" for sha256 in self._bucket.objects(place)])


def _fingerprint(files: Mapping[str, object]) -> str:
    return stages.fingerprint(json.dumps(files, sort_keys=True))
