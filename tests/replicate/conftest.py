"""An S3-compatible store on loopback (moto's server), a bucket of it for each test, and releases to publish."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clirld.replicate.address import Address
from clirld.replicate.bucket import Bucket
from tests.replicate.stores import SECRET, Store, bucket_at, release


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    """The server: what is in it stays while it is stopped."""
    with Store() as found:
        yield found


@pytest.fixture
def bucket(store: Store, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    """A place of its own in the bucket, and who may write there; messages are in English."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    return bucket_at(Address("releases", re.sub(r"[^\w]+", "-", request.node.name), store.url))


@pytest.fixture
def origin(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a release of that name in the data folder where releases are made, and serves it there."""
    data = tmp_path / "origin"
    return lambda name: release(data, name)
