"""The statements of accepted contributions as rows of the canonical tables.

`clirld.contributions.accepted` has made them and their keys: each is a record of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """One canonical row for each statement."""
    for row in rows["accepted"]:
        said = {name: str(value) for name, value in row.values.items()}
        yield Made(
            said["table"], said["identifier"], json.loads(said["values"]), [("accepted", row.row)], said.get("page", "")
        )
