"""What repeats a withdrawn release is known by the summary and the index of a release."""

from __future__ import annotations

import json
from pathlib import Path

from clirld.release.changes import ldes
from clirld.release.unavailable import repeated

WITHDRAWN = ("20260201T000000Z-bbbbbbbb", "20260301T000000Z-cccccccc")


def test_a_summary_that_is_damaged_may_lead_from_any(tmp_path: Path) -> None:
    (tmp_path / "changes").mkdir()
    for text in ("{", "[]", "{}", json.dumps({"from": {}})):
        (tmp_path / "changes" / "summary.json").write_text(text)
        assert repeated.by_patch(tmp_path, WITHDRAWN) == WITHDRAWN[1]
    assert repeated.by_patch(tmp_path, ()) is None


def test_a_release_from_before_there_were_changes_repeats_nothing(tmp_path: Path) -> None:
    assert repeated.by_patch(tmp_path, WITHDRAWN) is None
    assert repeated.by_stream(tmp_path / "feed" / "lieux", WITHDRAWN) is None
    assert not repeated.by_anything(tmp_path, WITHDRAWN)
    assert repeated.files(tmp_path, WITHDRAWN) == []


def test_a_first_release_and_one_after_another_repeat_nothing(tmp_path: Path) -> None:
    (tmp_path / "changes").mkdir()
    for before in (None, {"id": "20260101T000000Z-aaaaaaaa"}):
        (tmp_path / "changes" / "summary.json").write_text(json.dumps({"from": before}))
        (tmp_path / "changes" / "open.csv").touch()
        assert repeated.by_patch(tmp_path, WITHDRAWN) is None
        assert repeated.files(tmp_path, WITHDRAWN) == []


def test_which_files_repeat_it(tmp_path: Path) -> None:
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "summary.json").write_text(json.dumps({"from": {"id": WITHDRAWN[0]}}))
    for name, releases in (("lieux", WITHDRAWN), ("autres", ["20260101T000000Z-aaaaaaaa"])):
        stream = tmp_path / "feed" / name
        stream.mkdir(parents=True)
        for one in releases:
            (stream / f"{one}-00001.trig.gz").touch()
        ldes.write_index(stream, name, "a:a", releases[0])
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "index.trig").write_text((tmp_path / "feed" / "lieux" / "index.trig").read_text())
    found = {
        path: repeated.by_file(tmp_path, path, WITHDRAWN)
        for path in ("changes/open.csv", "feed/lieux/index.trig", "changes/summary.json", "dump/x", "feed/autres/x")
    }
    assert found == {
        "changes/open.csv": WITHDRAWN[0],
        "feed/lieux/index.trig": WITHDRAWN[1],  # the newest of them
        "changes/summary.json": None,
        "dump/x": None,
        "feed/autres/x": None,
    }
    assert repeated.by_file(tmp_path, "feed/lieux/index.trig", WITHDRAWN[:1]) == WITHDRAWN[0]
    assert repeated.by_anything(tmp_path, WITHDRAWN[1:])
    assert not repeated.by_anything(tmp_path, ["20260401T000000Z-dddddddd"])
