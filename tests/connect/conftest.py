"""What the tests of connectors share: asking a local registry as a card says."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from clirld.card import Distribution
from clirld.connect import Collected, Reply
from clirld.connect.base import Wanted
from clirld.errors import FetchError

Ask = Callable[..., tuple[Collected, bytes]]


class _Client:
    def __init__(self, headers):
        self.headers = headers

    def get(self, url, *, data=None, headers=None):
        sent = {**self.headers, **(headers or {})}
        try:
            found = requests.post(url, data=data, headers=sent) if data is not None else requests.get(url, headers=sent)
        except requests.RequestException as problem:
            raise FetchError(str(problem), where=url, do="x") from None
        if found.status_code != 200:
            raise FetchError(f"the server answered {found.status_code}", where=url, do="x")
        return Reply(url, found.content, found.headers, found.headers.get("Content-Type"))

    def save(self, url, out, *, data=None, headers=None):
        reply = self.get(url, data=data, headers=headers)
        out.write(reply.body)
        return Reply(url, b"", reply.headers, reply.media_type)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Collect what a distribution says; gives what the registry said, and the bytes."""

    def asking(headers: dict[str, str] | None = None, folder: Path = tmp_path, **card: Any) -> tuple[Collected, bytes]:
        distribution = Distribution.model_validate({"format": "json", **card})
        assert distribution.connector
        assert distribution.url
        out = io.BytesIO()
        client = _Client(headers or {})
        wanted = Wanted(distribution.url, distribution.items, folder)
        collected = distribution.connector.collect(wanted, client, out)
        return collected, out.getvalue()

    return asking
