"""What is known of releases that are gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.release import history
from clirld.release.make import make_release
from clirld.release.published import identifier
from tests.followed import Followed, followed, row

NOW = history.moment("2026-03-01T00:00:00.9+01:00")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    found = followed(tmp_path, monkeypatch)
    monkeypatch.setenv("CLIRLD_SOURCES", str(found.settings.sources))
    return found


def test_a_release_is_known_after_it_is_gone(source: Followed) -> None:
    assert NOW is not None
    source.run([row(1)], "2026-01-01")
    first, _ = make_release(source.project, now=NOW)
    second, is_new = make_release(source.project, force=True, now=NOW)
    assert is_new
    data = source.settings.data
    past = history.releases(data)
    assert [one.id for one in past] == [first.id, second.id]
    # No two releases are of one second, and each says the time in its name.
    assert [f"{one.created:%Y%m%dT%H%M%SZ}" for one in past] == ["20260228T230000Z", "20260228T230001Z"]
    assert [one.id[:16] for one in past] == ["20260228T230000Z", "20260228T230001Z"]
    assert second.manifest["created"] == "2026-02-28T23:00:01+00:00"
    (data / "releases" / history.FILE).unlink()  # as if they had been made before there was a list
    told = CliRunner().invoke(app.app, ["tidy", "--keep", "1", "--data", str(data)], catch_exceptions=False)
    assert f"releases/{first.id}" in told.output
    assert not first.folder.exists()
    assert history.releases(data) == past


def test_the_time_of_a_name_is_that_of_the_release(tmp_path: Path) -> None:
    assert NOW is not None
    (tmp_path / "20260228T230000Z-11111111").mkdir()
    name, created = identifier(tmp_path, "2222222233", NOW)
    assert (name, f"{created:%S}") == ("20260228T230001Z-22222222", "01")


@pytest.mark.parametrize("text", ["", "yesterday", None, 3, "2026-13-01"])
def test_what_is_no_time(text: object) -> None:
    assert history.moment(text) is None
