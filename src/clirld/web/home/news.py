"""What a release changed, by source, as the home page says it in a few lines: the rest is on `/changes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clirld.release.changes.write import graph_iri
from clirld.release.history import moment
from clirld.web.changes.classes import RECORD, Count, counts
from clirld.web.documents.naming import Naming

_TOLD = 6
"""Sources that are named: those that changed most."""
_CLASSES = 3
"""Classes of a source that are named."""
_NO_NEWS = frozenset(("catalog", "accounting", "links", "derived"))
"""Graphs that follow from the others."""


@dataclass(frozen=True, slots=True)
class SourceNews:
    """A source that changed; without `changes`, only in what is no thing of its own."""

    name: str
    iri: str
    retrieved: datetime | None
    changes: list[Count]
    is_read_again: bool
    """Whether it says what it said, and was only read again."""


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a release. `since` is None for the first one."""

    since: datetime | None
    is_told: bool
    """False where it is not: what was erased must not be repeated."""
    sources: list[SourceNews]
    more: int
    """Sources that changed, and are not named."""


def news(summary: Mapping[str, Any] | None, manifest: Mapping[str, Any], naming: Naming) -> News | None:
    """What `changes/summary.json` and the manifest of a release tell; None where they do not."""
    if not summary:
        return None
    before = summary.get("from")
    if not before:
        return News(None, True, [], 0)
    since = moment(before.get("created"))
    if summary.get("withheld"):
        return News(since, False, [], 0)
    retrieved = {str(one.get("id")): moment(one.get("retrieved")) for one in manifest.get("sources") or []}
    found = []
    for graph in summary.get("quads", {}):
        if graph.partition("-")[0] in _NO_NEWS:
            continue
        every = counts((row for row in summary.get("classes", []) if row["graph"] == graph and row["class"]), naming)
        # Of a row it is only said where it stands and when it was read: what it tells of is another thing.
        shown = [one for one in every if one.iri not in ("", RECORD)]
        is_read_again = [one.iri for one in every] == [RECORD] and every[0].changed == every[0].count
        iri = graph_iri(graph)
        found.append(SourceNews(naming.label(iri), iri, retrieved.get(graph), shown[:_CLASSES], is_read_again))
    found.sort(key=lambda one: (-sum(change.count for change in one.changes), one.name))
    return News(since, True, found[:_TOLD], max(len(found) - _TOLD, 0))
