"""What follows from the figures of territories (`clirld.compare`): one record a grouping, with all said of it.

What is said of its communes is further rows of that record. A commune in no grouping has a record of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from clirld.compare import communes
from clirld.compare.derive import derive
from clirld.compare.noticed import Noticed as OfTerritory
from clirld.read.rows import Dropped, Made, Noticed, RowIssue, SourceRow

Origin = tuple[str, int]


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped | Noticed]:
    """Give the rules, then each grouping: its comparison, made of its rows and its communes', and what else follows.

    Then what is said of each commune.
    """
    table = list(rows["figures"])
    texts = [{name: cell for name, cell in r.values.items() if isinstance(cell, str)} for r in table]
    origins: dict[str, list[Origin]] = defaultdict(list)
    for r, text in zip(table, texts, strict=True):
        origins[text["territory"]].insert(0, ("figures", r.row))  # the grouping's own row first
        if text.get("epci"):
            origins[text["epci"]].append(("figures", r.row))
    own = {text["territory"]: ("figures", r.row) for r, text in zip(table, texts, strict=True)}
    noticed: list[OfTerritory] = []
    told: set[str] = set()
    for one in derive(texts, noticed.append):
        if not one.territory:
            # A rule is a record of its own; what the cubes of figures are made of is one.
            name = str(one.values["key"]) if one.table == "derivation_rule" else "cubes"
            yield Made(one.table, name, dict(one.values), [("figures", table[0].row)], further=name in told)
            told.add(name)
            continue
        made_of = origins[one.territory]
        is_first = one.territory not in told
        told.add(one.territory)
        yield Made(
            one.table, one.territory, dict(one.values), made_of if is_first else made_of[:1], further=not is_first
        )
    for one in communes.derive(texts, noticed.append):
        place = str(one.values.get("territory", ""))
        name = one.territory or str(one.values["key"])
        yield Made(one.table, name, dict(one.values), [own.get(place, ("figures", table[0].row))], further=name in told)
        told.add(name)
    for about in noticed:
        row = own[about.territory][1] if about.territory else None
        yield Noticed("figures", RowIssue(about.code, row, "territory" if row else None, about.detail))
    for r, text in zip(table, texts, strict=True):
        if text["territory"] not in told and text.get("epci", "") not in told:
            yield Dropped("figures", r.row, "in-no-grouping")
