"""Taking apart what was judged one: withdraws who said so and says that it is not, so that it is not made again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from clirld.errors import DataError
from clirld.link.judgements.judgement import Judgement, in_force


def split(
    judgements: Iterable[Judgement], record: str, other: str | None, by: str, day: date, why: str
) -> list[Judgement]:
    """The negatives that take a record apart from another, or from all that somebody said it is; each withdraws those.

    With `other` there need be no judgement: numbers may have joined the two. Raises DataError where there is nothing
    to take apart.
    """
    holding = [one for one in in_force(judgements) if record in one.pair and one.says != "different"]
    by_other: dict[str, list[Judgement]] = {other: []} if other else {}
    for one in holding:
        left, right = one.pair
        apart = right if left == record else left
        if apart in by_other or (other is None and one.says == "same"):
            by_other.setdefault(apart, []).append(one)
    if not by_other:
        raise DataError(
            f"nobody has judged that {record} is another record", where="clirld match split",
            do="name both records; what a number joins is taken apart so too",
        )  # fmt: skip
    return [
        Judgement("different", record, apart, by, day, why, withdraws=tuple(one.id for one in against)).named()
        for apart, against in by_other.items()
    ]
