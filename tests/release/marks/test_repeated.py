"""What repeats a withdrawn release is known by the summary and the index of a release."""

from __future__ import annotations

import json
from pathlib import Path

from clirld.release.marks import repeated

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
