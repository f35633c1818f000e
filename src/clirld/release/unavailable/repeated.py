"""What a release that is kept repeats of withdrawn ones: a patch from one removes what it held, a stream has its pages.

It is neither served nor built upon, and `clirld tidy` deletes it. What a release was compared with stands in its
summary, and which pages a stream has in its index: both name releases only, and stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

SUMMARY = "summary.json"
_PAGE = re.compile(r"tree:node <(\S+)-\d{5}\.trig>")


def by_patch(release: Path, withdrawn: Collection[str]) -> str | None:
    """The withdrawn release that the patch of a release, given by its folder, leads from."""
    if not withdrawn:
        return None
    try:
        before = json.loads((release / "changes" / SUMMARY).read_text(encoding="utf-8"))["from"]
        return before["id"] if before is not None and before["id"] in withdrawn else None
    except (FileNotFoundError, NotADirectoryError):  # from before there were patches
        return None
    except (ValueError, TypeError, KeyError):  # damaged: it may lead from any
        return max(withdrawn)


def by_stream(stream: Path, withdrawn: Collection[str]) -> str | None:
    """The newest withdrawn release that a stream, given by its folder, has pages of."""
    if not withdrawn:
        return None
    try:
        index = (stream / "index.trig").read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return max({page for page in _PAGE.findall(index) if page in withdrawn}, default=None)


def by_file(release: Path, path: str, withdrawn: Collection[str]) -> str | None:
    """The withdrawn release that a file repeats, by its path in the folder of a release."""
    top, _, rest = path.partition("/")
    if top == "changes" and rest != SUMMARY:
        return by_patch(release, withdrawn)
    return by_stream((release / path).parent, withdrawn) if top == "feed" else None


def by_anything(release: Path, withdrawn: Collection[str]) -> bool:
    """Whether a release repeats something of withdrawn ones."""
    streams = (release / "feed").glob("*")
    return bool(by_patch(release, withdrawn)) or any(by_stream(stream, withdrawn) for stream in streams)


def files(release: Path, withdrawn: Collection[str]) -> list[Path]:
    """The files of a release that repeat something of withdrawn ones."""
    pages = [page for page in release.glob("feed/*/*.gz") if page.name.rpartition("-")[0] in withdrawn]
    patch = [path for path in release.glob("changes/*") if path.name != SUMMARY] if by_patch(release, withdrawn) else []
    return sorted([*pages, *patch])
