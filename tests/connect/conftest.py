"""What the tests of connectors share: asking a local registry as a card says, through the project's own client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clirld.card.model import Distribution
from clirld.connect import CollectRequest, CollectResult
from clirld.fetch.client import WebClient
from tests.servers import http_settings

Ask = Callable[..., tuple[CollectResult, bytes]]

HTTP = http_settings(
    contact="https://example.org/us",
    connect_timeout=60,
    read_timeout=60,
    total_timeout=300,
    retries=1,
    backoff=0,
    max_wait=1,
    max_bytes=50_000_000,
)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Collect what a distribution says; gives what the registry said, and the bytes."""

    def asking(keys: dict[str, str] | None = None, folder: Path = tmp_path, **card: Any) -> tuple[CollectResult, bytes]:
        distribution = Distribution.model_validate({"format": "json", **card})
        assert distribution.connector
        assert distribution.url
        client = WebClient(HTTP).with_keys(keys or {}, distribution.url)
        wanted = CollectRequest(distribution.url, distribution.items, folder)
        with (tmp_path / "out").open("w+b") as out:
            collected = distribution.connector.collect(wanted, client, out)
            out.seek(0)
            return collected, out.read()

    return asking
