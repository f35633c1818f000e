"""The communes that have a postcode, from `map.sqlite` of a release."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FILE = "map.sqlite"


def communes_of(release: Path, postcode: str) -> list[str]:
    """The keys of the communes that have a postcode; none where its file is not there or damaged."""
    file = release / FILE
    if not file.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            rows = database.execute("SELECT territory FROM postcode WHERE code = ? ORDER BY 1", [postcode])
            return [key for (key,) in rows]
    except sqlite3.DatabaseError:
        return []
