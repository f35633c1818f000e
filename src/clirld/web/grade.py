"""The page of the grade: what the release gives itself by each method, what to do, and what it was before.

in: `quality/grade.csv` and `grade-over-time.csv` of the release; out: a page, with a plot and its figures; no script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.errors import ReleaseError
from clirld.query.failure import Failure
from clirld.query.worker_pool import ServeSettings
from clirld.release import measures
from clirld.release.grade import mqa
from clirld.release.grade import write as graded
from clirld.release.grade.marks import METHODS, Mark, totals, words
from clirld.web import pages
from clirld.web.citable.choice import release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.quality import plot


@dataclass(frozen=True)
class GradePage:
    """The page, and the route that leads to it."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of the grade."""
        return [read_route("/grade", self.page)]

    async def page(self, request: Request) -> Response:
        """What the release gives itself, method by method, and what it was in the releases before."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        path = f"{measures.FOLDER}/{graded.FILE}"
        try:
            methods, trend = await to_thread.run_sync(_told, release.folder)
        except ReleaseError:
            return self.failure_response(request, Failure("damaged", detail={"path": path}))
        context = {
            "methods": methods,
            "words": words(),
            "trend": trend[::-1],
            "plots": {name: plot([one[name] for one in trend], is_share=True) for name in METHODS},
            "file": path if methods else "",
        }
        page = pages.render(request, "grade.html", self.settings, release=release, **context)
        return conditional(request, page, release)


# Releases never change.
@lru_cache(maxsize=8)
def _told(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Each method with its indicators; for each release, oldest first, what part of the points it has by method."""
    marks = graded.read(folder)
    methods = [
        {
            "name": total.method,
            "points": total.points,
            "of": total.of,
            "rating": mqa.rating(total.points) if total.method == mqa.METHOD else "",
            "indicators": [
                {"name": name, "points": points, "of": of, **_lost(marks, total.method, name)}
                for name, (points, of) in total.indicators.items()
            ],
        }
        for total in totals(marks)
    ]
    releases: dict[str, dict[str, Any]] = {}
    for row in graded.over_time(folder):
        start = {"release": row.get("release"), "created": row.get("created"), **dict.fromkeys(METHODS)}
        one = releases.setdefault(str(row.get("release")), start)
        points, of = _number(row.get("points")), _number(row.get("of"))
        if row.get("method") in METHODS and points is not None and of:
            one[str(row["method"])] = points / of
    return methods, list(releases.values())


def _lost(marks: Sequence[Mark], method: str, indicator: str) -> dict[str, list[str]]:
    mine = [one for one in marks if (one.method, one.indicator) == (method, indicator) and not one.is_whole]
    return {"about": [one.about for one in mine if one.about], "details": [one.detail for one in mine if one.detail]}


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
