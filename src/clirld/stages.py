"""What all stages share: an output folder named after its inputs, whole or not there, and skipped when it is there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any


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


_MAKES_NO_DATA = ("cli", "draft", "web", "_data")
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
    """Run `work` on a new folder that becomes `folder/name` once it is whole.

    Gives the folder and whether the work was skipped because it was there. A failure leaves nothing behind.
    """
    target = folder / name
    if target.is_dir():
        return target, True
    # Beside its target, so that the rename is atomic; hidden, so that no listing of outputs takes it for one.
    unfinished = folder / f".{name}.{os.getpid()}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        work(unfinished)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        if target.is_dir():  # another run of the same stage was first: its output is the same
            return target, True
        raise
    return target, False


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
