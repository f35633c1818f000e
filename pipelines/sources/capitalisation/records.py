"""The facts of capitalised cases as rows of the canonical tables.

`clirld.cases.facts` has checked them and made their keys: each is a record of its own, and its document is the page
of that record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """One canonical row for each fact."""
    for row in rows["cases"]:
        fact = {name: str(value) for name, value in row.values.items()}
        yield Made(
            fact["table"],
            fact["identifier"],
            json.loads(fact["values"]),
            [("cases", row.row)],
            fact["page"],
            fact["checked"],
            fact["checked_on"],
        )
