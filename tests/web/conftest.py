"""What the tests of the web share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.maps.sample import write_map
from tests.web.served import make_release, serve_settings, serving
from tests.web.small_release import make_documents


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one release that no test changes."""
    data = tmp_path_factory.mktemp("data")
    write_map(make_release(data))
    return data


@pytest.fixture(scope="session")
def site(data: Path) -> Iterator[str]:
    """A server of that release."""
    with serving(data, serve_settings(max_query=5000)) as address:
        yield address


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a release of one thing of each kind."""
    data = tmp_path_factory.mktemp("documents")
    make_documents(data)
    with serving(data, serve_settings()) as address:
        yield address


@pytest.fixture(scope="session")
def sampled(samples: Path) -> Iterator[str]:
    """A server with the release of all samples: invented cases, with everything that a case can say."""
    with serving(samples, serve_settings()) as address:
        yield address
