"""The files of a data folder that are a source's: what its next harvest reads of the last, and a release of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from clirld import checksums, stages
from clirld.checksums import Checksum
from clirld.harvest import outcome
from clirld.project import Project


def files_of(project: Project, source: str) -> dict[str, Checksum]:
    """The files of a source by their paths in the data folder.

    They are what points at its harvests, the folders that these point at, and its snapshots. Raises DataError where a
    folder of a stage is damaged: no other machine is to have it.
    """
    data = project.settings.data
    found: dict[str, Checksum] = {}
    for folder in stage_folders(project, source):
        if damaged := checksums.damaged_files(folder):
            raise stages.damage_error(folder, damaged, f"run “clirld run {source}”, which makes it anew")
        place = folder.relative_to(data).as_posix()
        found |= {f"{place}/{name}": entry for name, entry in checksums.read(folder).items()}
        found[f"{place}/{checksums.FILE}"] = _checksum(folder / checksums.FILE)
    for path in single_files(data, source):
        found[path.relative_to(data).as_posix()] = _checksum(path)
    return found


def stage_folders(project: Project, source: str) -> list[Path]:
    """The folders that the last good harvest of a source points at, those that the guards keep back, or that failed."""
    found: set[Path] = set()
    for harvest in (outcome.last_good(project, source), outcome.refused(project, source)):
        found.update(harvest.folders if harvest else ())
    failure = outcome.failure(project, source)
    made = {project.settings.data / str(place) for place in failure["made"]} if failure else set()
    return sorted(found | {folder for folder in made if folder.is_dir()})


def unused_folders(project: Project, source: str) -> Iterator[Path]:
    """Folders of a source's stages that nothing points at any more."""
    used = stage_folders(project, source)
    for stage in outcome.STAGES:
        folders = sorted((project.settings.data / stage / source).glob("[!.]*"))
        yield from (folder for folder in folders if folder not in used)


def single_files(data: Path, source: str) -> list[Path]:
    """Its snapshots, and what points at its harvests; nothing that is unfinished."""
    snapshots = data / "snapshots" / source
    kept = (path for path in snapshots.rglob("*") if path.is_file() and not _is_hidden(path.relative_to(snapshots)))
    return [*sorted(kept), *sorted((data / "harvests").glob(f"{source}.*"))]


def is_of(source: str, path: str) -> bool:
    """Whether a path in a data folder can be that of a file of a source."""
    first, *others = path.split("/")
    if not others or {"", ".", ".."} & {first, *others}:
        return False
    if first == "harvests":
        return len(others) == 1 and others[0].startswith(f"{source}.")
    return first in (*outcome.STAGES, "snapshots") and others[0] == source and len(others) > 2


def is_same(one: Mapping[str, Checksum], other: Mapping[str, Checksum]) -> bool:
    """Whether files are the same; when they were written does not count, nor so the checksums that tell of that."""
    return _contents(one) == _contents(other)


def _contents(files: Mapping[str, Checksum]) -> dict[str, tuple[int, str]]:
    return {
        path: (entry.size, entry.sha256) for path, entry in files.items() if path.rpartition("/")[2] != checksums.FILE
    }


def _checksum(path: Path) -> Checksum:
    status = path.stat()
    # The folder of a snapshot's bytes is named by them; they are looked at when they are sent.
    sha256 = path.parent.name if path.name == "content" else checksums.sha256_of(path)
    return Checksum(status.st_size, status.st_mtime_ns, sha256)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
