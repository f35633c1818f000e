"""A clock that was wrong: no record expires by it and no date goes back, unless a person says that it is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.errors import GuardError
from clirld.harvest import acceptance, outcome
from clirld.snapshot import store
from tests.followed import Followed, followed, row

ROWS = [row(n, f"Le lieu {'abcdefghijklmnopqrst'[n]}") for n in range(10)]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """A source with a record that has been missing since 2 January."""
    source = followed(tmp_path, monkeypatch)
    source.run(ROWS, "2026-01-01")
    source.run(ROWS[1:], "2026-01-02")
    return source


def test_a_jump_ahead_makes_nothing_gone_and_is_forgotten_once_the_clock_is_right(source: Followed) -> None:
    good, quads = outcome.last_good(source.project, "lieux"), source.lines()
    for day in ("2028-06-01", "2028-06-02"):  # again too: what was kept back is no harvest
        with pytest.raises(GuardError, match="more than 30 days at once"):
            source.run(day=day)
    assert source.lines() == quads
    assert source.run(day="2026-01-03") == good
    assert source.lines() == quads
    assert outcome.failure(source.project, "lieux") is None


def test_bytes_that_were_had_at_a_wrong_time_get_the_right_one(source: Followed) -> None:
    with pytest.raises(GuardError, match="more than 30 days at once"):
        source.run(ROWS[2:], "2028-06-01")
    harvest = source.run(day="2026-01-03")
    assert [one["retrieved"] for one in harvest.snapshots] == ["2026-01-03T06:00:00Z"]
    assert not any("2028" in quad for quad in source.lines())


def test_a_jump_that_is_right_passes_with_a_persons_word(source: Followed) -> None:
    with pytest.raises(GuardError):
        source.run(day="2026-06-01")
    accepted = acceptance.accept(source.project, "lieux", "la machine était éteinte", "une personne")
    assert accepted.account.summary()["gone"] == 1
    assert source.run(day="2026-06-02") == accepted


def test_asked_often_enough_a_record_is_gone_in_its_time(source: Followed) -> None:
    source.run(day="2026-01-20")
    assert source.run(day="2026-02-02").account.summary()["gone"] == 1


def test_a_clock_set_back_is_held_and_passes_with_a_persons_word(source: Followed) -> None:
    good, quads = outcome.last_good(source.project, "lieux"), source.lines()
    with pytest.raises(GuardError, match="clock of this machine went back"):
        source.run(ROWS[2:], "2020-01-01")
    assert (outcome.last_good(source.project, "lieux"), source.lines()) == (good, quads)
    acceptance.accept(source.project, "lieux", "la date d'avant était fausse", "une personne")
    kept = outcome.last_good(source.project, "lieux")
    assert kept
    assert kept.checked == "2020-01-01T06:00:00Z"


def test_with_the_same_bytes_no_date_goes_back(source: Followed) -> None:
    good = outcome.last_good(source.project, "lieux")
    assert good
    assert source.run(day="2020-01-01") == good
    kept = outcome.last_good(source.project, "lieux")
    assert kept
    assert (kept.checked, kept.snapshots) == ("2026-01-02T06:00:00Z", good.snapshots)
    [snapshot] = good.snapshots
    found = store.latest(source.settings.data / "snapshots", "lieux", "default")
    assert found
    assert found.retrieved == snapshot["retrieved"]
