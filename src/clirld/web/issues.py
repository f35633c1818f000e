"""The page of what was noticed: `/issues` for all sources of the release, `/issues/{source}` for one.

in: the manifest and `reports/<source>.issues.json`; out: pages. Programs take `reports/<source>.issues.jsonl`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clirld.query.failure import Failure
from clirld.query.worker_pool import ServeSettings
from clirld.web import pages
from clirld.web.citable.choice import release_of
from clirld.web.conditional import conditional, read_route
from clirld.web.release import ServedRelease


@dataclass(frozen=True)
class IssuePages:
    """The pages of a release, and the routes that lead to them."""

    settings: ServeSettings
    failure_response: Callable[[Request, Failure], Response]

    @property
    def routes(self) -> list[Route]:
        """What the application serves of issues."""
        return [read_route("/issues", self.all_sources), read_route("/issues/{source}", self.one)]

    async def all_sources(self, request: Request) -> Response:
        """How many issues each source has, and which of them failed."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        sources = [source for source in release.manifest.get("sources") or [] if source.get("id")]
        summaries = await to_thread.run_sync(
            lambda: [(source, issue_summary(release, source["id"])) for source in sources]
        )
        return conditional(request, pages.issues(request, release, self.settings, summaries), release)

    async def one(self, request: Request) -> Response:
        """The issues of a source in groups, and why rows of it are not published."""
        release = release_of(request)
        if release is None:
            return self.failure_response(request, Failure("no-release"))
        name = request.path_params["source"]
        source = next((one for one in release.manifest.get("sources") or [] if one.get("id") == name), None)
        if source is None:
            raise HTTPException(404)
        summary = await to_thread.run_sync(issue_summary, release, name)
        paths = {kind: f"reports/{name}.{kind}" for kind in ("issues.jsonl", "publisher.html", "publisher.csv")}
        files = {kind: path for kind, path in paths.items() if release.file(path)}
        page = pages.source_issues(request, release, self.settings, source, summary, files)
        return conditional(request, page, release)


def issue_summary(release: ServedRelease, source: str) -> dict[str, Any]:
    """What was noticed of a source in a release; nothing where the release does not say."""
    return _read_summary(release.folder / "reports" / f"{source}.issues.json")


@lru_cache(maxsize=256)
def _read_summary(path: Path) -> dict[str, Any]:
    """Releases never change, so each file is read once."""
    try:
        summary = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
    failures = [
        {"stage": group["stage"], "message": example["message"], "advice": group["advice"]}
        for group in summary.get("groups", [])
        for example in group["examples"]
        if group["code"] == "stage-failed"
    ]
    return {**summary, "failures": failures}
