"""Sources between a data folder and the storage: what was committed comes, what was made here goes.

    data/exchanged/<source>.json   the commit that the source here is at, or was made from
                   bucket.json     which bucket the data folder exchanges with

What was committed elsewhere meanwhile goes before what was made here: that is then made again from it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from clirld import checksums, stages
from clirld.errors import DataError, StorageAwayError, StorageError, UsageError
from clirld.harvest import outcome
from clirld.harvest.lock import RELEASE_LOCK_TIMEOUT, source_lock
from clirld.project import Project
from clirld.replicate.address import address
from clirld.replicate.bucket import Bucket, open_bucket
from clirld.replicate.harvests import folder as local
from clirld.replicate.harvests import given
from clirld.replicate.harvests.commit import SOURCES, Commit, File, Shelf, parsed

FOLDER = "exchanged"
_TRIES = 3
"""Times that a commit is begun anew where its files are deleted because of a newer one."""


class Exchange:
    """The sources of a project and a bucket."""

    def __init__(self, project: Project, bucket: Bucket) -> None:
        """Raises UsageError where nothing says who writes there, or the data folder exchanges with another bucket."""
        bucket.require_signed()
        self.bucket = bucket
        self._project, self._data = project, project.settings.data
        self._require_own()

    def share(self) -> dict[str, StorageError]:
        """Bring the data folder where releases are made and the storage to one state; gives what is damaged there.

        What people said comes and goes, then every source; one that is damaged here is left to its next harvest.
        Raises StorageAwayError where the storage does not answer.
        """
        self.bucket.require_conditions()
        given.exchange(self._project.settings, self.bucket)
        found = {}
        for source in self._project.sources:
            try:
                with source_lock(self._data, source, RELEASE_LOCK_TIMEOUT):
                    self._share(source)
            except StorageAwayError:
                raise
            except StorageError as problem:
                found[source] = problem
            except DataError as problem:
                stages.give_notice(problem)
        return found

    def begin(self, source: str, made_of: Iterable[str]) -> None:
        """Before a harvest: what people said, what was committed of the source, and of those that it is `made_of`."""
        given.exchange(self._project.settings, self.bucket)
        for name in (*made_of, source):
            with source_lock(self._data, name, RELEASE_LOCK_TIMEOUT):
                if not self._bring(name) and self._note(name):
                    raise StorageError(
                        f"the bucket no longer has the harvest of {name}",
                        where=Shelf(self.bucket, name).where,
                        do="run “clirld run --stages” where the releases are made, which sends the source anew",
                    )

    def send(self, source: str) -> bool:
        """Commit what is here of a source; False where another machine has committed it meanwhile."""
        with source_lock(self._data, source, RELEASE_LOCK_TIMEOUT):
            return self._send(source, self._note(source))

    def _share(self, source: str) -> None:
        is_there = self._bring(source)
        if not self._send(source, self._note(source) if is_there else None):
            self._bring(source)

    def _send(self, source: str, before: Commit | None) -> bool:
        files = local.files_of(self._project, source)
        if not files or (before and local.is_same(files, before.checksums)):
            return True
        commit = Shelf(self.bucket, source).send(self._data, files, before)
        if commit is None:
            return False
        if commit.version:
            self._keep_note(source, commit)
        self._delete_unused(source)
        return True

    def _bring(self, source: str) -> bool:
        """Make the source here what was committed last, unless it was made from that; False where nothing was."""
        shelf, noted = Shelf(self.bucket, source), self._note(source)
        found = shelf.read()
        for tries_left in reversed(range(_TRIES)):
            if found is None:
                return False
            if noted and noted.version == found.version and self._has_pointers(found):
                return True
            try:
                self._take(source, shelf, found)
                break
            except StorageAwayError:
                raise
            except StorageError:
                newer = shelf.read()
                if newer == found or not tries_left:
                    raise
                found = newer
        return True

    def _has_pointers(self, commit: Commit) -> bool:
        """Whether what points at harvests is here at all, and was not deleted since."""
        return all((self._data / path).is_file() for path in commit.files if _is_last_good(path))

    def _take(self, source: str, shelf: Shelf, commit: Commit) -> None:
        """Folders of stages first, each whole before it has its name; what points at them last."""
        folders: dict[Path, dict[str, File]] = {}
        singles: dict[str, File] = {}
        for path, file in commit.files.items():
            parts = path.split("/")
            if parts[0] in outcome.STAGES:
                folders.setdefault(self._data.joinpath(*parts[:3]), {})["/".join(parts[3:])] = file
            else:
                singles[path] = file
        at_hand: dict[tuple[str, int], Path] = {}
        for place, files in folders.items():
            if not _is_whole(place, files):
                self._take_folder(shelf, place, files, at_hand)
                at_hand |= {(file.checksum.sha256, file.checksum.time): place / name for name, file in files.items()}
        for path in sorted(singles, key=_is_pointer):
            self._take_file(shelf, path, singles[path])
        for target in local.single_files(self._data, source):
            if target.relative_to(self._data).as_posix() not in singles:
                target.unlink()
        self._keep_note(source, commit)
        self._delete_unused(source)

    def _take_folder(
        self, shelf: Shelf, place: Path, files: Mapping[str, File], at_hand: Mapping[tuple[str, int], Path]
    ) -> None:
        unfinished, aside = place.with_name(f".{place.name}.fetching"), place.with_name(f".{place.name}.damaged")
        for path in (unfinished, aside):
            shutil.rmtree(path, ignore_errors=True)
        for name, file in files.items():
            target = unfinished / name
            target.parent.mkdir(parents=True, exist_ok=True)
            earlier = at_hand.get((file.checksum.sha256, file.checksum.time))
            if earlier:
                stages.link(earlier, target)
            else:
                shelf.get((place / name).relative_to(self._data).as_posix(), file, target)
        if place.exists():
            place.rename(aside)
        unfinished.rename(place)
        shutil.rmtree(aside, ignore_errors=True)

    def _take_file(self, shelf: Shelf, path: str, file: File) -> None:
        target = self._data / path
        if target.is_file() and checksums.is_same(target, file.checksum):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.fetching")
        shelf.get(path, file, unfinished)
        unfinished.replace(target)

    def _delete_unused(self, source: str) -> None:
        """A data folder that only harvests is tidied by nobody, and what was erased elsewhere must go here too."""
        for path in local.unused_folders(self._project, source):
            shutil.rmtree(path)

    def _note(self, source: str) -> Commit | None:
        path = self._data / FOLDER / f"{source}.json"
        with suppress(OSError, ValueError, KeyError, TypeError, StorageError):
            said = json.loads(path.read_text(encoding="utf-8"))
            return parsed(said["commit"].encode(), said["version"], source, str(path))
        return None

    def _keep_note(self, source: str, commit: Commit) -> None:
        note = {"version": commit.version, "commit": commit.written().decode()}
        stages.write_json(self._data / FOLDER / f"{source}.json", note)

    def _require_own(self) -> None:
        path, mine = self._data / FOLDER / "bucket.json", str(self.bucket.address)
        try:
            other = json.loads(path.read_text(encoding="utf-8"))["bucket"]
        except (OSError, ValueError, KeyError, TypeError):
            if any((self._data / "harvests").glob("*.json")) and self.bucket.folders(SOURCES):
                raise UsageError(
                    "this data folder has harvests of its own, and so has the bucket",
                    where=str(self._data),
                    do="give another data folder, with --data or CLIRLD_DATA, or another prefix",
                ) from None
            stages.write_json(path, {"bucket": mine})
            return
        if other != mine:
            raise UsageError(
                f"this data folder exchanges its harvests with {other}",
                where=str(self._data),
                do="give another one, with --data or CLIRLD_DATA",
            )


def exchange_of(project: Project) -> Exchange | None:
    """The exchange with the bucket that the setting `stages` names; None where it names none."""
    settings = project.settings
    if not settings.stages:
        return None
    return Exchange(project, open_bucket(settings, address("CLIRLD_STAGES", settings.stages)))


def _is_whole(place: Path, files: Mapping[str, File]) -> bool:
    """Whether a folder is here with these files; when they were made may differ."""
    if not checksums.is_sealed(place) or checksums.damaged_files(place):
        return False
    return local.is_same(checksums.read(place), {name: one.checksum for name, one in files.items()})


def _is_pointer(path: str) -> bool:
    return path.startswith("harvests/")


def _is_last_good(path: str) -> bool:
    return _is_pointer(path) and path.count(".") == 1
