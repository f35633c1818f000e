"""What a release says of its changes, with what has been withdrawn since."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from clirld.release.unavailable import repeated
from clirld.release.unavailable.mark import Withdrawal, withdrawals
from clirld.web.citable.choice import Releases
from clirld.web.release import ServedRelease


def summary_of(releases: Releases, release: ServedRelease) -> dict[str, Any] | None:
    """What a release says of its changes, with what has been withdrawn since; None where it says nothing."""
    summary, withdrawn = read(release.folder), withdrawals(releases.data)
    if summary is None or not withdrawn:
        return summary
    told = [{**one, **_public(withdrawn.get(one["id"]))} for one in summary["releases"]]
    nothing = {"withheld": True, "classes": [], "quads": {}}
    repeats = repeated.by_patch(release.folder, withdrawn)
    return {**summary, "releases": told, **(nothing if repeats else {})}


def _public(withdrawal: Withdrawal | None) -> dict[str, Any]:
    """What everybody may read of a withdrawal."""
    return {"withdrawn": {"on": withdrawal.day, "because": withdrawal.because}} if withdrawal else {}


@lru_cache(maxsize=64)
def read(folder: Path) -> dict[str, Any] | None:
    """What a release says of its changes: it never changes, so it is read once."""
    try:
        return dict(json.loads((folder / "changes" / "summary.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
