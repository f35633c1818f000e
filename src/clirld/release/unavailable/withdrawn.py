"""Withdrawing releases: a person's word that they are not to be given any more, and why.

in: ids of releases and a reason; out: their marks, `data/withdrawn-releases/<id>.json`, which outlive them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from clirld import stages
from clirld.errors import ReleaseError, UsageError
from clirld.harvest.lock import release_lock
from clirld.release import history, published
from clirld.release.unavailable.mark import WITHDRAWN, Withdrawal, withdrawals
from clirld.values import personal_data


def public_reason(text: str) -> str:
    """A reason as everybody may read it, in one line.

    Raises UsageError where there is none, or where it names or leads to a person.
    """
    reason = "".join(character for character in " ".join(text.split()) if character.isprintable())
    if not reason:
        raise UsageError("no reason is given", where="--because", do="say it in a few words")
    if found := personal_data.first_found(reason):
        raise UsageError(
            f"the reason names a person, or leads to one: {found}",
            where="--because",
            do="say it without: it is kept, and others read it",
        )
    return reason


def withdraw(data: Path, identifiers: Sequence[str], because: str, by: str, now: datetime | None = None) -> list[str]:
    """Withdraw releases, of which some may be gone already; gives those that were not withdrawn before.

    Under the lock of the releases, all or none. Raises UsageError as `public_reason`, and ReleaseError where one is
    served now or never was.
    """
    reason = public_reason(because)
    with release_lock(data):
        before = withdrawals(data)
        new = [one for one in dict.fromkeys(identifiers) if one not in before]
        known = {past.id for past in history.releases(data)} | {
            path.name for path in (data / "releases").glob("[0-9]*")
        }
        for one in new:
            if one not in known:
                raise published.unknown(data, one)
            if one == (data / "current").resolve().name:
                raise ReleaseError(
                    f"release {one} is the one that is served",
                    where="--withdraw",
                    do="make a corrected one first: clirld run, then clirld release; or go back to one that is in "
                    "order: clirld releases --use ID. Then withdraw this one",
                )
        when = (now or datetime.now(UTC)).isoformat(timespec="seconds")
        for one in new:
            mark = Withdrawal(when, reason, by, _sequence_of(data, one))
            stages.write_json(data / WITHDRAWN / f"{one}.json", asdict(mark))
    return new


def _sequence_of(data: Path, identifier: str) -> int:
    try:
        return published.load(data / "releases" / identifier).sequence
    except ReleaseError:  # gone, or damaged
        return 0
