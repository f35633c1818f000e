"""The two servers of contributions, of forms and of moderators: each a process and a port of its own."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from clirld import logs
from clirld.project import Project
from clirld.settings import Settings
from clirld.web import app as release_app
from clirld.web import connections
from clirld.web.app import serve_settings
from clirld.web.contribution.desk import Desk
from clirld.web.contribution.moderation import Gate, ModerationPages
from clirld.web.contribution.posted import Refusal
from clirld.web.contribution.routes import ContributionPages
from clirld.web.operation.counts import Counts

log = logging.getLogger("clirld.contributions")

_STATIC = Path(release_app.__file__).parent / "static"
_REASONS = {404: "no-page", 405: "no-method"}


class _NothingAtOnce:
    """No request of these servers is answered before it is read."""

    def get(self, *_request: Any) -> None:
        """Nothing."""


def forms(desk: Desk) -> Starlette:
    """The application of the forms."""
    return _app(desk, ContributionPages(desk).routes)


def moderators(desk: Desk, gate: Gate) -> Starlette:
    """The application of the moderators."""
    return _app(desk, ModerationPages(desk, gate).routes)


def _app(desk: Desk, routes: list[Route]) -> Starlette:
    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 500:
            log.log(logging.ERROR, "form-failed", exc_info=error)
        return desk.refusal(request, Refusal(status, _REASONS.get(status, "failure")))

    handlers: dict[Any, Any] = {HTTPException: failed, Exception: failed}
    app = Starlette(routes=[*routes, Mount("/static", StaticFiles(directory=_STATIC))], exception_handlers=handlers)
    app.state.counts = Counts()
    app.state.at_once = _NothingAtOnce()
    return app


def desk_of(settings: Settings) -> Desk:
    """The desk of the settings: the project is read once."""
    return Desk(Project.load(settings), serve_settings(settings))


def serve(
    app: Starlette, desk: Desk, host: str, port: int, announce: Callable[[str], None], log_form: str = "text"
) -> None:
    """Serve until interrupted; `announce` is given the address. Raises UsageError where it cannot be bound."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logs.configure(log_form)
    config = connections.config(app, desk.settings, timeout_graceful_shutdown=5, log_config=None)
    with release_app.listening(host, port) as listener:
        name = f"[{host}]" if ":" in host else host
        Thread(target=desk.warm, daemon=True).start()
        announce(f"http://{name}:{listener.getsockname()[1]}/")
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
