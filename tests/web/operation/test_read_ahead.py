"""What first visitors would wait for is read before they come, of each release that is served."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from clirld.reuse.comparison import figures
from clirld.web.home.beginnings import beginnings
from clirld.web.operation import read_ahead
from clirld.web.release import current
from clirld.web.reuse.routes import known_cases, reach_of_cases
from tests.web.served import make_release

READ = (beginnings, known_cases, reach_of_cases, figures.of_groupings, figures.of_communes)


@pytest.fixture(autouse=True)
def nothing_read() -> None:
    for one in READ:
        one.cache_clear()


def wait_until(condition: Callable[[], bool]) -> None:
    end = monotonic() + 60
    while not condition():
        assert monotonic() < end
        sleep(0.02)


def test_all_is_there_for_the_first_visitor(samples: Path) -> None:
    with read_ahead.reading_ahead(samples):
        wait_until(lambda: figures.of_communes.cache_info().currsize == 1)
    before = [one.cache_info().misses for one in READ]
    release = current(samples)
    assert release
    read_ahead.read_ahead(release)
    assert [one.cache_info().misses for one in READ] == before


def test_of_a_new_release_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "_INTERVAL", 0.02)
    found: list[str] = []
    monkeypatch.setattr(read_ahead, "read_ahead", lambda release: found.append(release.id))
    first = make_release(tmp_path)
    with read_ahead.reading_ahead(tmp_path):
        wait_until(lambda: found == [first.name])
        second = make_release(tmp_path, "20260301T000000Z-00000000")
        wait_until(lambda: found == [first.name, second.name])


def test_what_is_damaged_is_logged_and_left_to_whoever_asks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_release(tmp_path)
    shutil.rmtree(tmp_path / "current" / "store")
    (tmp_path / "current" / "store").mkdir()
    with caplog.at_level(logging.INFO, "clirld.serve"), read_ahead.reading_ahead(tmp_path):
        wait_until(lambda: "read-ahead-failed" in caplog.text)
