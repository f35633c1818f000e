"""Tidying of a data folder: what nothing points at any more may go, and nothing else.

Kept: the current release and the newest ones, the stage folders of each source's last good harvest and of what the
guards keep back, and of the raw snapshots as many as `retention` says (they are what a release can be made from
again).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from clirld import checksums
from clirld.harvest import leftovers, outcome, retention
from clirld.harvest.outcome import last_good, refused
from clirld.project import Project
from clirld.release import published
from clirld.release.unavailable import repeated
from clirld.release.unavailable.mark import mark_of, withdrawals


def unused_paths(project: Project, keep: int) -> list[Path]:
    """Folders that may be deleted: releases but for the current one and the newest `keep`, stage folders that no
    last good harvest points at, and what runs that were killed left half made.

    Of releases that hold what has been erased since, or were withdrawn, none is kept but the current one; and of those
    that are kept no file that repeats something of withdrawn ones. To be asked and deleted under the locks of the
    releases and of the sources: what lives is not told from what is not.
    """
    data = project.settings.data
    served = published.current(data)
    releases = published.all_releases(data)  # the newest come first
    no_more = [release for release in releases if mark_of(data, release.id).is_refused]
    older = [release for release in releases if release not in no_more][keep:]
    unused = [release.folder for release in (*no_more, *older) if served is None or release.id != served.id]
    withdrawn = withdrawals(data).keys()
    for release in releases:
        if release.folder not in unused:
            unused += repeated.files(release.folder, withdrawn)
    used = set()
    for name in project.sources:
        if harvest := last_good(project, name):
            used |= {folder.resolve() for folder in harvest.folders}
        if refused_harvest := refused(project, name):
            used |= {folder.resolve() for folder in refused_harvest.folders}
    for stage in outcome.STAGES:
        unused += [path for path in sorted((data / stage).glob("*/[!.]*")) if path.resolve() not in used]
    unused += _unfinished(project)
    for name, source in project.sources.items():
        kept_snapshots = project.settings.retention if source.card.retention is None else source.card.retention
        unused += retention.expired(data / "snapshots", name, kept_snapshots)
    return unused


def sources_to_lock(project: Project) -> list[str]:
    """Sources whose locks are held while things are deleted, those that the project no longer has included."""
    folders = [path.name for stage in outcome.STAGES for path in (project.settings.data / stage).glob("[!.]*")]
    return sorted({*project.sources, *folders})


def _unfinished(project: Project) -> Iterator[Path]:
    data = project.settings.data
    for source in sources_to_lock(project):
        yield from leftovers.unfinished_of_source(data, source)
    yield from leftovers.unfinished_releases(data)


def delete(paths: list[Path]) -> int:
    """Delete folders and files; gives the bytes that came free.

    A file of a folder that keeps its checksums is taken out of these first: a kill leaves it to the next time.
    """
    freed = 0
    for folder in {parent for path in paths for parent in path.parents if checksums.is_sealed(parent)}:
        checksums.forget(folder, [path.relative_to(folder).as_posix() for path in paths if folder in path.parents])
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            freed += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            shutil.rmtree(path)
        else:
            freed += path.lstat().st_size
            path.unlink()
    return freed
