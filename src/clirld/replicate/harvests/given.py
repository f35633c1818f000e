"""What people said of harvests, in the storage: lines that are only ever added, so that all machines have all of them.

    <bucket>/<prefix>/harvests/given.json   accepted/<source>.jsonl, rights/<source>.jsonl and the list of erasures,
                                            line by line; and which requests to erase that list has had

A machine that did not know what was to be erased would publish it again, so every harvest begins here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from clirld import stages
from clirld.errors import StorageError
from clirld.records.erasure.erasure_list import SEEN_FILE
from clirld.replicate.bucket import Bucket
from clirld.settings import Settings

KEY = "harvests/given.json"
_FORMAT = 1
_ERASURES = "erasures.jsonl"
_PLACE = re.compile(r"(?:accepted|rights)/[A-Za-z0-9_][A-Za-z0-9_-]*\.jsonl|erasures\.jsonl")
_TRIES = 5

Lines = dict[str, list[str]]
"""Place in a data folder → lines."""


def exchange(settings: Settings, bucket: Bucket) -> None:
    """Have every line here that is there, and there that is here. Raises StorageError where those are damaged."""
    for _try in range(_TRIES):
        found = bucket.read(KEY)
        there, seen_there = _parsed(found[0], f"{bucket.address}/{KEY}") if found else ({}, {})
        here, seen_here = _here(settings)
        both = {place: _merged(here.get(place, []), there.get(place, [])) for place in sorted({*here, *there})}
        seen = _merged_seen(seen_here, seen_there)
        # What was seen first: a list that lacks something of it stops everything.
        if seen != seen_here:
            stages.write_json(settings.data / SEEN_FILE, seen)
        for place, lines in both.items():
            if lines != here.get(place):
                _write(_path(settings, place), lines)
        if (both, seen) == (there, seen_there):
            return
        if bucket.write(KEY, _written(both, seen), instead_of=found[1] if found else None):
            return
    raise StorageError(
        "other machines write there without end", where=f"{bucket.address}/{KEY}", do="run again when they are done"
    )


def _here(settings: Settings) -> tuple[Lines, dict[str, Any]]:
    paths = [path for name in ("accepted", "rights") for path in sorted((settings.data / name).glob("*.jsonl"))]
    lines = {path.relative_to(settings.data).as_posix(): _read(path) for path in paths}
    if erasures := _read(settings.erasure_file):
        lines[_ERASURES] = erasures
    try:
        seen = json.loads((settings.data / SEEN_FILE).read_bytes())
        return lines, {"check": str(seen["check"]), "requests": sorted(map(str, seen["requests"]))}
    except (OSError, ValueError, KeyError, TypeError):  # the list itself says so, where it is damaged
        return lines, {}


def _merged(some: Iterable[str], others: Iterable[str]) -> list[str]:
    """All lines, by when they were said: the last one counts for some."""
    return sorted({*some, *others}, key=lambda line: (_when(line), line))


def _when(line: str) -> str:
    try:
        return str(json.loads(line)["when"])
    except (ValueError, KeyError, TypeError):
        return ""


def _merged_seen(mine: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """Of two keys the one here stands: with the other, no request of the list would match, and that is told."""
    if not mine or not others:
        return dict(mine or others)
    return {"check": mine["check"], "requests": sorted({*mine["requests"], *others["requests"]})}


def _read(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError:
        return []


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.fetching")
    unfinished.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    unfinished.replace(path)


def _path(settings: Settings, place: str) -> Path:
    return settings.erasure_file if place == _ERASURES else settings.data / place


def _written(lines: Lines, seen: Mapping[str, Any]) -> bytes:
    said = {"format": _FORMAT, "lines": lines, "erased": dict(seen), "checksum": _fingerprint(lines, seen)}
    return (json.dumps(said, ensure_ascii=False, indent=0, sort_keys=True) + "\n").encode()


def _parsed(content: bytes, where: str) -> tuple[Lines, dict[str, Any]]:
    try:
        said = json.loads(content)
        is_right = said["format"] == _FORMAT and said["checksum"] == _fingerprint(said["lines"], said["erased"])
        is_right &= all(map(_PLACE.fullmatch, said["lines"]))
    except (ValueError, KeyError, TypeError):
        is_right = False
    if not is_right:
        raise StorageError(
            "what people said of harvests is damaged there",
            where=where,
            do="install the same version of clirld on all machines; if they have it, delete that object, and run "
            "“clirld run --stages” where the releases are made",
        )
    return said["lines"], said["erased"]


def _fingerprint(lines: Lines, seen: Mapping[str, Any]) -> str:
    return stages.fingerprint(json.dumps([lines, dict(seen)], sort_keys=True))
