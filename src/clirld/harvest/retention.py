"""Retention: how many snapshots of a distribution keep their bytes; what is known of the others stays.

A source with personal data keeps none (`retention: 0` in its card): the bytes are deleted as soon as its harvest is
published. They are then fetched whole the next time: a server is only asked whether anything changed where the bytes
are at hand. The same bytes are the same snapshot again, and what was made of them is not made anew.
"""

from __future__ import annotations

import json
from pathlib import Path

from clirld.card.model import Card
from clirld.records.accounts import Account
from clirld.records.erasure.matching import ERASED, MAYBE_ERASED
from clirld.settings import Settings


def snapshots_to_keep(settings: Settings, card: Card, account: Account) -> int:
    """How many snapshots of a source keep their bytes; none where something in them was to be erased."""
    if any(rows.reason in (ERASED, MAYBE_ERASED) for rows in account.counted):
        return 0
    return settings.retention if card.retention is None else card.retention


def expired(root: Path, source: str, keep: int) -> list[Path]:
    """The bytes of a source's snapshots but the newest `keep` of each distribution."""
    paths = []
    for distribution in sorted((root / source).glob("*/")):
        # A dot begins the names of what is unfinished.
        contents = sorted(distribution.glob("[!.]*/content"), key=lambda path: (_last_retrieved(path.parent), path))
        paths += contents[: max(0, len(contents) - keep)]
    return paths


def prune(root: Path, source: str, keep: int) -> int:
    """Delete them; gives the bytes that came free."""
    freed = 0
    for content in expired(root, source, keep):
        freed += content.stat().st_size
        content.unlink()
    return freed


def _last_retrieved(snapshot: Path) -> str:
    """When a snapshot was last had in any way; those whose description is not whole count as old."""
    dates = [""]
    for path in snapshot.glob("snapshot.*.json"):
        try:
            dates.append(str(json.loads(path.read_text(encoding="utf-8"))["retrieved"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return max(dates)
