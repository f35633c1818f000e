"""Output folders: whole or not there, made once, skipped when there; JSON files replaced in one step."""

from __future__ import annotations

import json
import multiprocessing
import time
from pathlib import Path

import pytest

from clirld import stages


def test_work_is_done_once_and_then_skipped(tmp_path: Path) -> None:
    calls: list[Path] = []

    def work(out: Path) -> None:
        calls.append(out)
        (out / "file").write_text("x")

    folder, skipped = stages.run_stage(tmp_path / "new" / "deep", "abc", work)
    assert (folder, skipped) == (tmp_path / "new" / "deep" / "abc", False)
    assert stages.run_stage(tmp_path / "new" / "deep", "abc", work) == (folder, True)
    assert [path.name for path in folder.parent.iterdir()] == ["abc"]
    assert (folder / "file").read_text() == "x"
    assert len(calls) == 1
    assert calls[0] != folder


@pytest.mark.parametrize("damaged", ["file", "checksums.json"])
def test_what_is_damaged_or_not_known_is_made_anew_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damaged: str
) -> None:
    def work(out: Path) -> None:
        (out / "file").write_text("x")

    def fail(_out: Path) -> None:
        raise ValueError

    folder, _skipped = stages.run_stage(tmp_path, "abc", work)
    (folder / damaged).unlink()
    with pytest.raises(ValueError):  # noqa: PT011
        stages.run_stage(tmp_path, "abc", fail)
    assert folder.is_dir()  # what reads it says what is wrong with it
    assert stages.run_stage(tmp_path, "abc", work) == (folder, False)
    assert stages.run_stage(tmp_path, "abc", work) == (folder, True)
    assert [str(record.msg) for record in caplog.records] == [
        f"{folder}: damaged: {damaged}\n  → nothing: it is made anew"
    ] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["abc"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_work_that_fails_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def work(out: Path) -> None:
        (out / "half").write_text("x")
        raise error

    with pytest.raises(type(error)):
        stages.run_stage(tmp_path, "abc", work)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_not_taken_for_work_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages.os, "getpid", lambda: 7)
    (tmp_path / ".abc.7").mkdir()
    (tmp_path / ".abc.7" / "old").write_text("x")
    folder, skipped = stages.run_stage(tmp_path, "abc", lambda out: (out / "new").touch())
    assert not skipped
    assert sorted(path.name for path in folder.iterdir()) == ["checksums.json", "new"]


def _slow(folder: Path, started: str, results: multiprocessing.Queue[tuple[str, bool]]) -> None:
    def work(out: Path) -> None:
        (out / "file").write_text("the same")
        (folder / started).touch()
        limit = time.monotonic() + 20
        while not all((folder / name).exists() for name in ("one", "two")) and time.monotonic() < limit:
            time.sleep(0.01)

    made, skipped = stages.run_stage(folder / "out", "abc", work)
    results.put((made.name, skipped))


def test_two_processes_on_the_same_stage(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[tuple[str, bool]] = context.Queue()
    both = [context.Process(target=_slow, args=(tmp_path, name, results)) for name in ("one", "two")]
    for process in both:
        process.start()
    answers = [results.get(timeout=60) for _process in both]
    for process in both:
        process.join(60)
    assert sorted(answers) == [("abc", False), ("abc", True)]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["abc"]
    assert (tmp_path / "out" / "abc" / "file").read_text() == "the same"


def test_a_fingerprint_is_of_the_parts_and_where_they_end(tmp_path: Path) -> None:
    assert stages.fingerprint("a", "b") == stages.fingerprint("a", b"b")
    different = [("ab",), ("a", "b"), ("b", "a"), ("a", "", "b"), ("a1:b",), ()]
    assert len({stages.fingerprint(*parts) for parts in different}) == len(different)
    assert len(stages.fingerprint("a")) == 16
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("x")
    two.write_text("x")
    before = stages.files_fingerprint([one])
    assert before != stages.files_fingerprint([two])
    one.write_text("y")
    assert before != stages.files_fingerprint([one])


def test_json_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "x.json"
    stages.write_json(path, {"b": "é", "a": 1})
    assert path.read_text() == '{\n  "a": 1,\n  "b": "é"\n}\n'
    with pytest.raises(TypeError):
        stages.write_json(path, {"a": [1, 2, 3], "b": object()})
    assert json.loads(path.read_text()) == {"b": "é", "a": 1}
    assert [one.name for one in path.parent.iterdir()] == ["x.json"]
