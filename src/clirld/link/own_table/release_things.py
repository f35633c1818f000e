"""The things of a release that rows may be linked to: from its tables alone, so that a downloaded release will do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clirld.errors import DataError
from clirld.link import records
from clirld.link.clusters import clusters
from clirld.link.identity import identity

TABLES = ("initiative", "organization")
"""Tables of things that have a name of their own; a row may be one of each, which are never one thing."""


FILES = re.compile(rf"tables/[^/]+/(?:territory|{'|'.join(TABLES)})\.parquet|manifest\.json")
"""The files of a release that are read: whoever has these can link a table. Judgements are not given."""


@dataclass(frozen=True)
class ReleaseThings:
    """What a release says of initiatives and organizations, as it is compared.

    `records`: by table, `clirld.link.records.SCHEMA`. `licences`: of each source. `one`: by table, the key
    that stands for a thing that is the same as others by number, or by judgement where the release has its `links/`.
    """

    id: str
    folder: Path
    records: dict[str, pl.DataFrame]
    licences: dict[str, str]
    one: dict[str, dict[str, str]]
    territory_files: Sequence[Path]


def load(folder: Path) -> ReleaseThings:
    """The things of a release, by its folder (`data/current`, or a copy of one with its FILES).

    Raises DataError where there is none, or its tables are not there.
    """
    territories = sorted((folder / "tables").glob("*/territory.parquet"))
    if not territories:
        raise DataError(
            "there is no release with tables",
            where=str(folder),
            do="give the folder of a release with --release DIR; /table of a server says which files it needs",
        )
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    found: dict[str, pl.DataFrame] = {}
    licences: dict[str, str] = {}
    for name in TABLES:
        frames = [pl.scan_parquet(path) for path in sorted((folder / "tables").glob(f"*/{name}.parquet"))]
        found[name] = records.of_tables(frames)
        for frame in frames:
            licences |= dict(frame.select("source", "license").unique().collect().iter_rows())
    return ReleaseThings(
        str(manifest.get("id") or folder.resolve().name), folder, found, licences, _one(found, folder), territories
    )


def _one(found: Mapping[str, pl.DataFrame], folder: Path) -> dict[str, dict[str, str]]:
    """Keys of things that are the same as others, by table, each with the key that stands for all of them."""
    ended = pl.DataFrame(schema=dict.fromkeys(("kind", "key", "replaced_by"), pl.String))
    known = identity(found, ended, folder / "links")
    joined = [
        [f"organization:{key}" for key in one.keys]
        for one in known.numbered
        if not one.conflicts and not known.resolved.apart.intersection(f"organization:{key}" for key in one.keys)
    ]
    one: dict[str, dict[str, str]] = {name: {} for name in found}
    for members in clusters([*filter(None, joined), *(group.members for group in known.resolved.groups)]):
        for member in members:
            table, _, key = member.partition(":")
            one[table][key] = members[0].partition(":")[2]
    return one
