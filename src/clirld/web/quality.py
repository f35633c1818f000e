"""The pages of how good the data is: `/quality` for all sources of the release, `/quality/{source}` over the releases.

in: `quality/` of the release; out: pages, with plots made here and the figures in a table beside them; no script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.harvest import publisher_report
from clirld.query.failure import Failure
from clirld.query.worker_pool import ServeSettings
from clirld.release import measures
from clirld.web import pages
from clirld.web.citable.choice import release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.release import ServedRelease

SERIES = ("published", "held", "findable", "age")
"""What is followed over the releases: parts of the rows, of the initiatives, and days."""

WIDTH, HEIGHT, MARGIN = 300, 120, 14


@dataclass(frozen=True)
class QualityPages:
    """The pages of a release, and the routes that lead to them."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of quality."""
        return [read_route("/quality", self.all_sources), read_route("/quality/{source}", self.one)]

    async def all_sources(self, request: Request) -> Response:
        """The figures of each source in this release."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        known = await to_thread.run_sync(over_releases, release.folder)
        sources = [(source, _latest(known, source["id"], release.id)) for source in _sources(release)]
        page = pages.render(request, "quality.html", self.settings, release=release, sources=sources, series=SERIES)
        return conditional(request, page, release)

    async def one(self, request: Request) -> Response:
        """The figures of a source over the releases, and what of its fields is filled in this one."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        name = request.path_params["source"]
        source = next((one for one in _sources(release) if one["id"] == name), None)
        if source is None:
            raise HTTPException(404)
        history = [one for one in await to_thread.run_sync(over_releases, release.folder) if one["source"] == name]
        current = await to_thread.run_sync(_current, release.folder)
        context = {
            "source": source,
            "history": history[::-1],
            "series": SERIES,
            "plots": {one: plot([row[one] for row in history], is_share=one != "age") for one in SERIES},
            "checks": publisher_report.words()["shapes"],
            "measures": [row for row in current if row.get("source") == name],
            "file": f"{measures.FOLDER}/measures.csv" if current else "",
        }
        page = pages.render(request, "source_quality.html", self.settings, release=release, **context)
        return conditional(request, page, release)


def _sources(release: ServedRelease) -> list[dict[str, Any]]:
    return [source for source in release.manifest.get("sources") or [] if source.get("id")]


def _latest(history: Sequence[Mapping[str, Any]], source: str, release: str) -> Mapping[str, Any]:
    return next((one for one in history if (one["source"], one["release"]) == (source, release)), {})


# Releases never change.
@lru_cache(maxsize=8)
def _current(folder: Path) -> list[dict[str, str]]:
    return measures.read(folder / measures.FOLDER / "measures.csv")


@lru_cache(maxsize=8)
def over_releases(folder: Path) -> list[dict[str, Any]]:
    """For each release and source, oldest first: when it was made, and each of SERIES as a number or None."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in measures.read(folder / measures.FOLDER / measures.OVER_TIME):
        key = (row.get("release") or "", row.get("source") or "")
        start = {"release": key[0], "created": row.get("created"), "source": key[1], **dict.fromkeys(SERIES)}
        one = found.setdefault(key, start)
        measure, about, share = row.get("measure"), row.get("about"), row.get("share")
        if measure == "rows" and about in ("published", "held") and share:
            one[about] = float(share)
        elif measure == "completeness" and share:  # each level is of those that are told so far and no further
            one["findable"] = round((one["findable"] or 0) + float(share), 4)
        elif measure == "age" and row.get("count"):
            one["age"] = int(row["count"] or 0)
    return list(found.values())


def plot(values: Sequence[float | None], *, is_share: bool) -> dict[str, Any]:
    """Lines and dots of a plot of values, oldest first: a gap where one is not known. Shares go from 0 to 1."""
    known = [value for value in values if value is not None]
    top = 1.0 if is_share else max([*known, 1])
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    lines: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            y = HEIGHT - MARGIN - min(value / top, 1) * (HEIGHT - 2 * MARGIN)
            lines[-1].append((round(MARGIN + number * step, 1), round(y, 1)))
    return {
        "lines": [" ".join(f"{x},{y}" for x, y in line) for line in lines if len(line) > 1],
        "dots": [dot for line in lines for dot in line],
        "top": top,
        "first": known[0] if known else None,
        "last": known[-1] if known else None,
        "count": len(known),
        "size": (WIDTH, HEIGHT, MARGIN),
    }
