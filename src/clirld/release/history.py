"""Which releases there have been: a list beside them that outlives them, so that one that is gone can be told as such.

data/releases/history.json   id → when it was made; written under the lock of the releases, read by the server
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from clirld import stages

FILE = "history.json"


@dataclass(frozen=True, slots=True, order=True)
class Past:
    """A release that there has been: when it was made, to the second, and its id."""

    created: datetime
    id: str


def remember(data: Path) -> None:
    """Note the releases that there are now, for when they are gone. To be called under the lock of the releases."""
    known = _noted(data)
    found = {past.id: past.created.isoformat() for past in _on_disk(data)}
    if not found.keys() <= known.keys():
        stages.write_json(data / "releases" / FILE, {**known, **found})


def releases(data: Path) -> list[Past]:
    """All releases that there are or have been, by when they were made; what is not a date is passed over."""
    noted = {Past(when, name) for name, text in _noted(data).items() if (when := moment(text))}
    return sorted(noted | set(_on_disk(data)))


def later_ones_are_gone(data: Path, created: object) -> bool:
    """Whether there were releases later than a time, as a manifest tells it, that are not there any more."""
    since, there = moment(created), {past.id for past in _on_disk(data)}
    return since is None or any(past.created > since and past.id not in there for past in releases(data))


def moment(text: object) -> datetime | None:
    """A time in UTC, to the second; None where a text says none."""
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return when.replace(microsecond=0, tzinfo=when.tzinfo or UTC).astimezone(UTC)


def _noted(data: Path) -> dict[str, str]:
    try:
        noted = json.loads((data / "releases" / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or damaged: those on the disk are known all the same
        return {}
    return {str(name): str(text) for name, text in noted.items()} if isinstance(noted, dict) else {}


def _on_disk(data: Path) -> list[Past]:
    folders = [folder for folder in (data / "releases").glob("[0-9]*") if folder.is_dir()]
    return [Past(when, folder.name) for folder in folders if (when := _created(folder))]


@lru_cache(maxsize=1024)
def _created(folder: Path) -> datetime | None:
    """When a release was made: it never changes, so its manifest is read once."""
    try:
        return moment(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["created"])
    except (OSError, ValueError, TypeError, KeyError):  # damaged: told of wherever it would be used
        return None
