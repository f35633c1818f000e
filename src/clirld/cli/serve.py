"""`clirld serve`: the current release over HTTP, until interrupted."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from clirld.cli.terminal import Data
from clirld.settings import Settings

HOST = "127.0.0.1"
PORT = 8000
INTERVAL = 60.0
"""Seconds between two looks of a replica."""

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = HOST,
    port: Port = PORT,
    origin: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Be a replica: fetch the releases of s3://bucket/prefix."),
    ] = None,
    endpoint_url: Annotated[
        str | None, typer.Option("--endpoint-url", metavar="URL", help="Of object storage that is not Amazon's.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Fetch over http, without encryption, from another machine.")
    ] = False,
    interval: Annotated[
        float, typer.Option("--interval", min=1, help="Seconds between two looks for a newer release there.")
    ] = INTERVAL,
    data: Data = None,
) -> None:
    """Serve the current release over HTTP, read-only, until interrupted."""
    settings = Settings.from_environment(data=data)
    if origin is None:
        serve_release(settings, host, port)
        return
    from clirld.cli.releases import object_storage
    from clirld.replicate.follow import following

    bucket = object_storage.bucket_of(settings, "--from", origin, endpoint_url, insecure=insecure)
    follower = object_storage.follower(settings, bucket)
    follower.begin()
    with following(follower, interval):
        serve_release(settings, host, port, lambda: follower.behind_since)


def serve_release(
    settings: Settings, host: str, port: int, behind_since: Callable[[], datetime | None] = lambda: None
) -> None:
    from clirld.web.app import serve as serve_until_interrupted  # starlette and uvicorn are only needed here
    from clirld.web.app import serve_settings

    signal.signal(signal.SIGINT, signal.default_int_handler)  # how it is meant to end: nothing is broken off by it
    serve_until_interrupted(
        settings.data,
        host,
        port,
        settings=serve_settings(settings),
        behind_since=behind_since,
        metrics_at=settings.metrics,
        log_form=settings.log,
        reads_ahead=True,
    )
