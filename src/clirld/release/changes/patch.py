"""What a release changes, written: a patch, tables of the subjects, and counts.

changes/<group>.rdfp.gz   RDF Patch, one transaction, from the dump of a licence group to its next one
changes/<group>.csv       the subjects that differ, each with its graph, class, change, and quads added and removed;
                          .parquet likewise
changes/summary.json      from which release; counts by graph and class, of subjects and of quads; the releases before

RDF Patch: https://afs.github.io/rdf-delta/rdf-patch.html.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from clirld.release import gzip_files
from clirld.release.changes.difference import Difference
from clirld.settings import BASE

COLUMNS = ("graph", "class", "subject", "change", "quads_added", "quads_removed")
"""Columns of the tables."""


@dataclass
class Counts:
    """How many subjects of each graph and class were added, removed and changed, and how many quads of each graph."""

    subjects: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    quads: Counter[tuple[str, str]] = field(default_factory=Counter)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each graph and class, in order; a subject of two classes counts in both."""
        keys = sorted({(graph, class_) for graph, class_, _change in self.subjects})
        return [
            {
                "graph": graph,
                "class": class_,
                **{change: self.subjects[graph, class_, change] for change in ("added", "removed", "changed")},
            }
            for graph, class_ in keys
        ]

    def by_graph(self) -> dict[str, dict[str, int]]:
        """Quads added and removed in each graph that differs."""
        graphs = sorted({graph for graph, _change in self.quads})
        return {graph: {change: self.quads[graph, change] for change in ("added", "removed")} for graph in graphs}


class GroupChanges:
    """The patch and the table of one licence group, while they are written."""

    def __init__(self, patch: gzip_files.Packer, table: TextIO, counts: Counts) -> None:
        self._patch = patch
        self._rows = csv.writer(table, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        self._counts = counts

    def add(self, graph: str, difference: Difference) -> None:
        """Write one subject of a graph that differs."""
        added, removed = difference.added, difference.removed
        for line in removed:
            self._patch.write(b"D " + line)
        for line in added:
            self._patch.write(b"A " + line)
        subject = difference.subject[1:-1].decode()
        self._counts.quads[graph, "added"] += len(added)
        self._counts.quads[graph, "removed"] += len(removed)
        for class_ in difference.classes or [""]:
            self._counts.subjects[graph, class_, difference.change] += 1
            self._rows.writerow((graph, class_, subject, difference.change, len(added), len(removed)))


@contextmanager
def group_changes(folder: Path, group: str, releases: tuple[str, str], counts: Counts) -> Iterator[GroupChanges]:
    """The changes of a licence group between two releases, written into a folder once all are added."""
    before, after = releases
    table = folder / f"{group}.csv"
    with (
        gzip_files.writing(folder / f"{group}.rdfp.gz") as patch,
        table.open("w", encoding="utf-8", newline="") as rows,
    ):
        patch.write(f"H id <{BASE}release/{after}> .\nH prev <{BASE}release/{before}> .\nTX .\n".encode())
        yield GroupChanges(patch, rows, counts)
        patch.write(b"TC .\n")
    types = {name: pl.Int64 if name.startswith("quads") else pl.String for name in COLUMNS}
    pl.scan_csv(table, schema=types).with_columns(pl.col("class").fill_null("")).sink_parquet(
        table.with_suffix(".parquet")
    )


def summary(
    before: Mapping[str, Any] | None, counts: Counts | None, releases: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What `summary.json` says. `before` is the release compared with, None for a first one.

    Without `counts` there is a release before that must not be repeated, not even in what was removed.
    """
    return {
        "from": {name: before[name] for name in ("id", "version", "created")} if before else None,
        "withheld": before is not None and counts is None,
        "classes": counts.rows() if counts else [],
        "quads": counts.by_graph() if counts else {},
        "releases": list(releases),
    }


def totals(counts: Counts | None) -> dict[str, int]:
    """Quads added and removed in all."""
    quads: Iterable[tuple[tuple[str, str], int]] = counts.quads.items() if counts else ()
    found = {"added": 0, "removed": 0}
    for (_graph, change), number in quads:
        found[change] += number
    return found
