"""`/readyz`: ready, degraded with the reasons, or not ready; and what it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from clirld import checksums
from clirld.card.model import FREQUENCIES
from clirld.errors import DataError, GuardError
from clirld.harvest.state import PERIODS, SourceState, due, states
from clirld.web import app
from clirld.web.operation.health import Health, frequencies_of, reasons
from clirld.web.release import ServedRelease, current
from tests.followed import Followed, row
from tests.web.served import make_release, serve_settings, serving

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAILY = {"lieux": "DAILY"}


def release(**source: Any) -> ServedRelease:
    return ServedRelease(Path("nowhere"), {"sources": [{"id": "lieux", "status": "active", **source}]})


def state(**given: Any) -> dict[str, SourceState]:
    return {"lieux": SourceState("lieux", **given)}


def kinds(release: ServedRelease, known: dict[str, SourceState], frequencies: dict[str, str] = DAILY) -> list[str]:
    return [one.kind for one in reasons(release, known, frequencies, NOW)]


def test_every_frequency_that_a_card_may_name_has_its_period() -> None:
    assert {*PERIODS, "NEVER"} == set(FREQUENCIES.values())


def test_a_source_is_late_when_its_period_and_some_days_are_over() -> None:
    assert due("DAILY") == timedelta(days=3)
    assert due("ANNUAL") == timedelta(days=457.5)
    assert due("NEVER") is None
    assert kinds(release(), state(checked=NOW - timedelta(days=3))) == []
    assert kinds(release(), state(checked=NOW - timedelta(days=3, seconds=1))) == ["source-stale"]


def test_what_is_never_late() -> None:
    long_ago = state(checked=NOW - timedelta(days=4000))
    assert kinds(release(), long_ago, {"lieux": "NEVER"}) == []
    assert kinds(release(), long_ago, {}) == []
    assert kinds(release(sample=True), long_ago) == []
    assert kinds(release(status="unconfirmed"), long_ago) == []
    assert kinds(release(), {}) == []  # a copy that only serves does not know when sources were asked


def test_a_failure_and_what_the_guards_keep_back_are_told_apart() -> None:
    assert kinds(release(), state(checked=NOW, failed=NOW, stage="fetch")) == ["source-failed"]
    assert kinds(release(), state(checked=NOW, failed=NOW, stage="guards")) == ["source-held"]


def test_a_copy_without_harvests_knows_what_its_release_says() -> None:
    failed = {"stage": "fetch", "when": "2026-11-28T03:00:00+00:00"}
    (reason,) = reasons(release(failure=failed), {}, DAILY, NOW)
    assert reason.text("fr").startswith("lieux : la dernière moisson a échoué (fetch, 2026-11-28T03:00Z)")


def test_files_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "harvests"
    folder.mkdir()
    (folder / "lieux.json").write_text("{", encoding="utf-8")
    (folder / "lieux.copy.json").write_text('{"checked": "2026-11-28T03:00:00Z"}', encoding="utf-8")
    (folder / "lieux.failed.json").write_text("[]", encoding="utf-8")
    (folder / "lieux.refused.json").write_text('{"guards": "gone"}', encoding="utf-8")
    assert states(tmp_path) == {"lieux": SourceState("lieux", checked=datetime(2026, 11, 28, 3, tzinfo=UTC))}
    assert states(tmp_path / "nowhere") == {}


def test_frequencies_are_read_from_the_catalogue(samples: Path) -> None:
    served = current(samples)
    assert served
    found = frequencies_of(served)
    assert set(found) == set(served.sources)
    assert found["territories"] == "ANNUAL"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("operated")
    checksums.write(make_release(data, sources=[]))
    return data


@pytest.fixture(scope="module")
def operated(folder: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Health", partial(Health, seconds=0))  # looks each time
        with serving(folder, serve_settings(workers=1)) as address:
            yield address


def ready(site: str, **given: Any) -> requests.Response:
    return requests.get(f"{site}/readyz", timeout=60, **given)


def test_ready_degraded_and_not_ready(operated: str, folder: Path) -> None:
    assert ready(operated).json() == {
        "ready": True,
        "state": "ready",
        "release": "20261124T101530Z-3f9a1c2b",
        "reasons": [],
    }
    release = folder / "current"
    (release / "catalog.ttl").write_text("damaged", encoding="utf-8")
    answer = ready(operated, headers={"accept-language": "fr"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "degraded"
    (reason,) = answer.json()["reasons"]
    assert reason["kind"] == "file-damaged"
    assert reason["message"].startswith("catalog.ttl : ce fichier")
    of_store = next(path for path in sorted((release / "store").iterdir()) if path.suffix == ".sst")
    kept = of_store.read_bytes()
    of_store.write_bytes(kept[:-1])
    answer = ready(operated)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("#damaged")
    of_store.write_bytes(kept)
    assert ready(operated).status_code == 200


def test_a_look_is_kept_for_a_while(folder: Path) -> None:
    served = current(folder)
    assert served
    health = Health(folder, seconds=1000)
    before = health.look(served)
    (served.folder / "README.md").write_text("added", encoding="utf-8")
    assert health.look(served) == before
    assert [one.detail for one in Health(folder).look(served)[1]] != [one.detail for one in before[1]]


def test_what_a_harvest_left_is_seen(source: Followed) -> None:
    """A harvest that the guards keep back, and one that failed, made by the line itself."""
    source.run([row(number) for number in range(40)], "2026-11-20")
    with pytest.raises(GuardError):
        source.run([row(number) for number in range(20)], "2026-11-21")
    found = states(source.settings.data)["lieux"]
    assert found.stage == "guards"
    assert found.checked == datetime(2026, 11, 20, 6, tzinfo=UTC)
    assert found.guards == {"guard-fewer": 1}
    source.write(["1"], header="id")
    with pytest.raises(DataError):
        source.run(day="2026-11-22")
    assert states(source.settings.data)["lieux"].stage == "records"
