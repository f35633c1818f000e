"""A server with three releases, and one that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.citable.releases import make_releases
from tests.web.served import serve_settings, serving


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder."""
    data = tmp_path_factory.mktemp("releases")
    make_releases(data)
    return data


@pytest.fixture(scope="session")
def site(releases: Path) -> Iterator[str]:
    """A server of it."""
    with serving(releases, serve_settings()) as address:
        yield address
