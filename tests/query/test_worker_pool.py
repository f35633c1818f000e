"""Which worker is given a query."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clirld.query.worker_pool import WorkerPool
from tests.web.served import serve_settings

OLD, NEW = Path("old"), Path("new")


def workers(*stores: Path | None) -> deque[Any]:
    return deque(SimpleNamespace(store=store, usable=True) for store in stores)


@pytest.mark.parametrize(
    ("idle", "asked", "given"),
    [
        ((NEW, OLD), NEW, 0),
        ((NEW, OLD), OLD, 1),
        ((OLD, OLD, NEW), NEW, 2),
        ((OLD, None), NEW, 0),  # none has it open: any will do
    ],
)
def test_one_that_has_the_release_open_goes_first(idle: tuple[Path | None, ...], asked: Path, given: int) -> None:
    pool = WorkerPool(serve_settings())
    pool._idle = workers(*idle)
    expected = pool._idle[given]
    assert pool._free_worker(asked) is expected
    assert len(pool._idle) == len(idle) - 1


def test_one_that_has_died_is_left_out() -> None:
    pool = WorkerPool(serve_settings())
    pool._idle = workers(NEW, OLD)
    pool._idle[0].usable = False  # type: ignore[misc]
    assert getattr(pool._free_worker(NEW), "store", None) == OLD
    assert pool._free_worker(NEW) is None
