"""Loading of a source's `records.py`, for sources whose columns are not enough."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from clirld.errors import CardError
from clirld.read.rows import Dropped, Made, SourceRow

RecordsFunction = Callable[[Mapping[str, Iterable[SourceRow]]], Iterator[Made | Dropped]]


def load_function(path: Path) -> RecordsFunction:
    """The function `records` of a source's records.py. Raises CardError where there is none or it cannot be loaded."""
    try:
        function = runpy.run_path(str(path)).get("records")
    except Exception as problem:  # whatever a source's own code raises becomes a message
        raise CardError(f"cannot be loaded: {problem!r}", where=str(path), do="mend the Python in it") from problem
    if not callable(function):
        raise CardError("has no function records(rows)", where=str(path), do="see docs/add-a-source.md")
    return cast(RecordsFunction, function)
