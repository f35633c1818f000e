"""The mark of a release: that it holds what has been erased since, or that a person withdrew it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld.errors import ReleaseError

ERASED = "erased-releases"
"""In the data folder: whether releases hold what has been erased since (`clirld.release.unavailable.erased`)."""
WITHDRAWN = "withdrawn-releases"
"""In the data folder: the releases that persons withdrew (`clirld.release.unavailable.withdrawn`)."""


_ID = re.compile(r"[0-9][\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """When a release was withdrawn (ISO 8601 in UTC), why, which everybody may read, and who said so.

    `sequence` is the release's, 0 where it was gone already.
    """

    when: str
    because: str
    by: str
    sequence: int = 0

    @property
    def day(self) -> str:
        """The day of it, YYYY-MM-DD."""
        return self.when[:10]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a release: whether it holds what has been erased since, of which list, and its withdrawal."""

    holds_erased: bool = False
    of_list: str | None = None
    withdrawal: Withdrawal | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the release is given no more."""
        return self.holds_erased or self.withdrawal is not None


def mark_of(data: Path, identifier: str) -> Mark:
    """The mark of a release; one that is damaged counts."""
    erased = _read(data / ERASED, identifier, "holds", {"holds": True}) or {"holds": False}
    return Mark(bool(erased["holds"]), erased.get("list"), withdrawal_of(data, identifier))


def withdrawal_of(data: Path, identifier: str) -> Withdrawal | None:
    """The withdrawal of a release, of one too that is not there any more; None where nobody withdrew it."""
    said = _read(data / WITHDRAWN, identifier, "when", {"when": "–"})
    if said is None:
        return None
    sequence = said.get("sequence")
    return Withdrawal(
        str(said["when"]),
        str(said.get("because", "–")),
        str(said.get("by", "–")),
        sequence if isinstance(sequence, int) else 0,
    )


def withdrawals(data: Path) -> dict[str, Withdrawal]:
    """All releases that were withdrawn, in the order of their ids."""
    names = sorted(path.stem for path in (data / WITHDRAWN).glob("[0-9]*.json"))
    return {name: found for name in names if (found := withdrawal_of(data, name))}


def require_given(data: Path, identifier: str) -> None:
    """Raises ReleaseError where a release is given no more: it holds what has been erased since, or was withdrawn."""
    mark, where = mark_of(data, identifier), str(data / "releases" / identifier)
    if mark.withdrawal:
        raise ReleaseError(
            f"release {identifier} was withdrawn on {mark.withdrawal.day}: {mark.withdrawal.because}",
            where=where,
            do="use another, see “clirld releases”",
        )
    if mark.holds_erased:
        raise ReleaseError(
            f"release {identifier} holds what has been erased since it was made",
            where=where,
            do="use another, see “clirld releases”; “clirld tidy” deletes it",
        )


def _read(folder: Path, identifier: str, key: str, damaged: dict[str, Any]) -> dict[str, Any] | None:
    if not _ID.fullmatch(identifier):  # no name of a release
        return None
    try:
        mark = json.loads((folder / f"{identifier}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        mark = None
    return mark if isinstance(mark, dict) and key in mark else damaged
