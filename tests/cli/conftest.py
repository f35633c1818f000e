"""What the command line changes of its process is as before for the tests that follow in it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _cycles_are_collected_as_before() -> Iterator[None]:
    """Answers of pyoxigraph belong to their thread: collected late, they would be dropped on another one."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
