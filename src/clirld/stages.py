"""What all stages share: an output folder named after its inputs, whole or not there, and skipped when it is there."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from clirld import checksums
from clirld.errors import ClirldError, DataError

_log = logging.getLogger("clirld")


def give_notice(of: ClirldError) -> None:
    """Tell of what is wrong and was borne; the logger `clirld` gets the error itself, to be shown in a language."""
    _log.warning(of)


@contextmanager
def without_cycle_collection() -> Iterator[None]:
    """Without looking for cycles: cells and rows have none, and to look among so many takes up to half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def fingerprint(*parts: str | bytes) -> str:
    """16 hex digits of the SHA-256 of the parts, each with its length, so that no two lists of parts collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(str(len(data)).encode() + b":" + data)
    return digest.hexdigest()[:16]


def files_fingerprint(paths: Iterable[Path]) -> str:
    """Fingerprint of the names and contents of files."""
    parts: list[str | bytes] = []
    for path in paths:
        parts += [path.name, path.read_bytes()]
    return fingerprint(*parts)


_MAKES_NO_DATA = ("cli", "contributions", "draft", "replicate", "web", "_data")
"""Packages that no stage's output depends on; `_data` are the files of a wheel, which stages name themselves."""


# Once a process: a run asks for it before every stage.
@cache
def program_fingerprint() -> str:
    """Fingerprint of the program itself: outputs of another version are not taken for this one's."""
    folder = Path(__file__).parent
    parts: list[str | bytes] = []
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.yaml")]):
        place = path.relative_to(folder)
        if place.parts[0] not in _MAKES_NO_DATA:
            parts += [place.as_posix(), path.read_bytes()]
    return fingerprint(*parts)


def run_stage(folder: Path, name: str, work: Callable[[Path], None]) -> tuple[Path, bool]:
    """Run `work` on a new folder that becomes `folder/name`, with its checksums, once it is whole.

    Gives the folder and whether the work was skipped because it was there. One that is damaged is made anew, with a
    notice, and replaced once that is done. A failure leaves nothing behind.
    """
    target = folder / name
    damaged: list[str] = []
    if target.is_dir():
        damaged = checksums.damaged_files(target) if checksums.is_sealed(target) else [checksums.FILE]
        if not damaged:
            return target, True
        give_notice(damage_error(target, damaged, "nothing: it is made anew"))
    # Beside its target, so that the rename is atomic; hidden, so that no listing of outputs takes it for one.
    unfinished = folder / f".{name}.{os.getpid()}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        work(unfinished)
        checksums.write(unfinished)
        if damaged:
            aside = folder / f".{name}.{os.getpid()}.damaged"  # a folder is not replaced by a rename
            target.rename(aside)
            shutil.rmtree(aside)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        if target.is_dir() and not damaged:  # another run of the same stage was first: its output is the same
            return target, True
        raise
    return target, False


def damage_error(folder: Path, files: Sequence[str], do: str) -> DataError:
    """That files of a stage's folder, `<stage>/<source>/<fingerprint>`, are not as they were made, and what to do."""
    more = f" (+ {len(files) - 1})" if len(files) > 1 else ""
    listed = files[0] + more
    return DataError(f"damaged: {listed}", where=str(folder), do=do)


def link(path: Path, target: Path) -> None:
    """Put a file that is never changed under another name too: as a link, or as a copy where there are none."""
    try:
        os.link(path, target)
    except OSError:  # another disk, or one without links
        shutil.copy2(path, target)


def write_json(path: Path, data: Any) -> None:
    """Replace a JSON file atomically: readers see the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            json.dump(data, out, ensure_ascii=False, indent=2, sort_keys=True)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
