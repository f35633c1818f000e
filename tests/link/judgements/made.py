"""Judgements of invented people about invented records."""

from __future__ import annotations

from datetime import date

from clirld.link.judgements.judgement import Judgement, Says

DAY = date(2026, 1, 2)


def judged(
    says: Says,
    one: str,
    other: str,
    by: str = "ada",
    *,
    table: str = "initiative",
    withdraws: tuple[Judgement, ...] = (),
) -> Judgement:
    """What somebody said of two records, named by their keys."""
    ids = tuple(found.id for found in withdraws)
    return Judgement(says, f"{table}:{one}", f"{table}:{other}", f"reviewer:{by}", DAY, withdraws=ids).named()
