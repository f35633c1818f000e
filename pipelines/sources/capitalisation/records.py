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
        table, identifier, page, values = (str(row.values[name]) for name in ("table", "identifier", "page", "values"))
        yield Made(table, identifier, json.loads(values), [("cases", row.row)], page)
