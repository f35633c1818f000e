"""A release that holds what has been erased since is neither served again, nor asked, nor kept."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import DataError, ReleaseError
from clirld.records.erasure import erasure_list, matching
from clirld.release import published, tidy
from clirld.release.make import make_release
from clirld.release.unavailable import erased
from clirld.release.unavailable.erased import mark_releases
from clirld.release.unavailable.mark import ERASED, mark_of
from tests.followed import Followed, row

SIREN = "552100554"
PLACES = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)]
SECRET = row("zeta9", "Chez Zénobie Quelconque", siren=SIREN)


def erase(*words: str) -> str:
    told = CliRunner().invoke(app.app, ["erase", *words, "--because", "asked by letter"], catch_exceptions=False)
    assert told.exit_code == 0
    return told.output


def test_what_holds_it_is_refused_shown_and_deleted(source: Followed) -> None:
    source.run(PLACES, "2026-01-01")
    clean, _new = make_release(source.project)
    source.run([*PLACES, SECRET], "2026-01-02")
    holding, _new = make_release(source.project, force=True)
    made_before = (holding.folder / "manifest.json").read_bytes()
    data = source.settings.data
    told = erase("lieux", "zeta9")
    assert "noted: lieux 1" in told
    assert "still holds what is erased" in told
    assert f"clirld releases --use {clean.id}" in told
    assert "clirld run lieux" in told
    assert (holding.folder / "manifest.json").read_bytes() == made_before
    # what is served stays served, until it is not: then it is refused
    assert published.current(data) == holding
    published.switch_to(data, clean.id)
    run = CliRunner().invoke
    for words in (["releases", "--use", holding.id], ["query", "ASK {}", "--release", holding.id]):
        with pytest.raises(ReleaseError, match="holds what has been erased since"):
            run(app.app, words, catch_exceptions=False)
    assert published.current(data) == clean
    listed = json.loads(run(app.app, ["releases", "--json"]).output)["releases"]
    assert {one["id"]: one["erased"] for one in listed} == {clean.id: False, holding.id: True}
    assert "✗ erased since" in run(app.app, ["releases"]).output
    source.run(day="2026-01-03")
    without, _new = make_release(source.project)
    assert mark_releases(source.settings) == {holding.id}
    unused = tidy.unused_paths(source.project, 5)
    assert holding.folder in unused
    assert not {clean.folder, without.folder} & set(unused)
    tidy.delete(unused)
    assert mark_releases(source.settings) == set()
    assert not (data / ERASED / f"{holding.id}.json").exists()


def test_a_mark_is_of_the_list_as_it_was_and_is_made_anew(source: Followed) -> None:
    source.run([*PLACES, SECRET], "2026-01-01")
    release, _new = make_release(source.project)
    data = source.settings.data
    matching.add_request(source.settings, "siren", "356000000", "x", "me")
    assert mark_releases(source.settings) == set()
    matching.add_request(source.settings, "siren", SIREN, "x", "me")
    assert mark_of(data, release.id).holds_erased is False  # not looked at yet
    with pytest.raises(ReleaseError, match="holds what has been erased since"):
        CliRunner().invoke(app.app, ["releases", "--use", release.id], catch_exceptions=False)
    mark = data / ERASED / f"{release.id}.json"
    mark.write_text("{")  # whatever cannot be read is not served
    with pytest.raises(ReleaseError, match="holds what has been erased since"):
        published.load_kept(data, release.id)
    # the current one is never deleted
    assert release.folder not in tidy.unused_paths(source.project, 1)
    # a table that cannot be read may hold anything
    (release.folder / "tables" / "open" / "record.parquet").write_bytes(b"PAR1")
    mark.unlink()
    matching.add_request(source.settings, "siren", "732829320", "x", "me")
    assert mark_releases(source.settings) == {release.id}


def test_the_same_name_and_place_count_as_it(source: Followed) -> None:
    source.run([*PLACES, row("eta8", "Chez Zénobie Quelconque")], "2026-01-01")
    under_another_identifier, _new = make_release(source.project)
    source.run([*PLACES, SECRET], "2026-01-02")
    erase("lieux", "zeta9")
    assert mark_releases(source.settings) == {under_another_identifier.id}


def test_what_is_not_there_is_refused_unless_it_is_forced(source: Followed) -> None:
    source.run(PLACES, "2026-01-01")
    run = CliRunner().invoke
    for words in (["lieux", "zeta9"], ["--siren", SIREN], ["lieux", "1", "--other"]):
        with pytest.raises(DataError, match=r"matches it|waits for a decision"):
            run(app.app, ["erase", *words, "--because", "x"], catch_exceptions=False)
        assert not source.settings.erasure_file.exists()
    assert "no record matches it today" in erase("lieux", "zeta9", "--force")
    assert "no record matches it today" in erase("--siren", SIREN, "--force")
    made = source.run([*PLACES, SECRET], "2026-01-02")
    assert made.account.summary()["reasons"]["dropped"] == {"erased": 1}
    # every source is named with what it has
    assert "noted: lieux 1" in erase("lieux", "1")


def test_a_record_is_erased_from_one_source_only(source: Followed, tmp_path: Path) -> None:
    """Two sources have a record under the same identifier; a release without a table of records holds nothing."""
    source.run([*PLACES, SECRET], "2026-01-01")
    release, _new = make_release(source.project)
    matching.add_request(source.settings, "record", "zeta9", "x", "me", source="others")
    listed = erasure_list.read(source.settings)
    assert listed is not None
    assert not erased.holds_erased(release.folder, listed)
    table = release.folder / "tables" / "open" / "record.parquet"
    rows = pl.read_parquet(table).with_columns(source=pl.lit("others"))
    (tmp_path / "tables" / "open").mkdir(parents=True)
    assert not erased.holds_erased(tmp_path, listed)
    rows.write_parquet(tmp_path / "tables" / "open" / "record.parquet")
    assert erased.holds_erased(tmp_path, listed)


def test_whoever_goes_back_and_deletes_does_not_go_on_with_the_feed(source: Followed) -> None:
    """Followers may have what the deleted release told them of: they are to drop it."""
    source.run(PLACES, "2026-01-01")
    clean, _new = make_release(source.project)
    source.run([*PLACES, SECRET], "2026-01-02")
    holding, _new = make_release(source.project)
    data = source.settings.data
    erase("lieux", "zeta9")
    published.switch_to(data, clean.id)
    tidy.delete([path for path in tidy.unused_paths(source.project, 5) if path == holding.folder])
    assert not holding.folder.exists()
    source.run([*PLACES, row("x", "Le lieu neuf")], "2026-01-03")
    after, _new = make_release(source.project)
    assert json.loads((after.folder / "changes" / "summary.json").read_text())["withheld"]
    assert clean.id not in (after.folder / "feed" / "lieux" / "index.trig").read_text()
    source.run(PLACES, "2026-01-04")
    again, _new = make_release(source.project)
    assert not json.loads((again.folder / "changes" / "summary.json").read_text())["withheld"]
