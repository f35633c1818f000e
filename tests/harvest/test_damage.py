"""Files that are damaged between two runs: named, made anew where they can be, and never published."""

from __future__ import annotations

import gzip
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from clirld import checksums, stages
from clirld.errors import DataError, ReleaseError
from clirld.harvest import outcome
from clirld.harvest.outcome import STAGES
from clirld.release import published
from clirld.release.make import make_release
from clirld.settings import Settings
from tests.followed import Followed, followed, row
from tests.test_checksums import SEEN, change_letter, change_letter_silently, truncate

ROWS = [row(n, f"Le lieu {'abcdefghijklmnopqrst'[n]}") for n in range(10)]
PATTERNS = (
    *(
        "records/*/account.json",
        "records/*/columns.json",
        "records/*/issues.jsonl",
        "records/*/initiative/part-00000.parquet",
    ),
    *("presence/*/presence.parquet", "presence/*/statistics.json", "presence/*/initiative/part-00000.parquet"),
    *("presence/*/account.json", "presence/*/issues.jsonl", "graphs/*/graph.nq"),
    *("validated/*/graph.nq", "validated/*/account.json", "validated/*/report.ttl", "validated/*/held.jsonl"),
    *("validated/*/issues.jsonl", "guards/*/issues.jsonl"),
)
"""Every kind of file that a stage leaves, as <stage>/<fingerprint>/<file>."""


FULL_FILES = ("graphs/*/graph.nq", "records/*/initiative/part-00000.parquet", "presence/*/presence.parquet")
CASES = [
    *((pattern, "truncated" if pattern.endswith((".nq", ".parquet")) else "gone") for pattern in PATTERNS),
    *((f"{stage}/*/{checksums.FILE}", "empty") for stage in STAGES),
    *((pattern, damage) for pattern in FULL_FILES for damage in ("letter", "empty", "gone")),
]
"""Each file with one kind of damage, and those that matter most with all of them."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source harvested once, and released."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        source = followed(folder, patched)
        source.run(ROWS, "2026-01-01")
        make_release(source.project)
    return folder


@pytest.fixture
def source(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    return copy(made, tmp_path / "copy", monkeypatch)


def copy(made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """A copy with the same hard links."""
    copies: dict[int, str] = {}

    def copy_file(source: str, target: str) -> str:
        inode = Path(source).stat().st_ino
        if inode in copies:
            os.link(copies[inode], target)
        else:
            copies[inode] = shutil.copy2(source, target)
        return target

    shutil.copytree(made, folder, symlinks=True, copy_function=copy_file)
    settings = replace(Settings.from_environment({}), data=folder / "data", sources=folder / "sources", workers=1)
    monkeypatch.setattr(stages, "program_fingerprint", lambda: "program")
    found = Followed(settings, monkeypatch)
    found.on("2026-01-01")
    return found


def files(data: Path, pattern: str) -> list[Path]:
    stage, rest = pattern.split("/", 1)
    return sorted((data / stage / "lieux").glob(rest))


def dump(data: Path) -> list[bytes]:
    return sorted(gzip.decompress((data / "current" / "dump" / "lieux.nq.gz").read_bytes()).splitlines())


def test_whatever_file_of_a_stage_is_gone_is_missed(source: Followed) -> None:
    for folder in (path for stage in STAGES for path in (source.settings.data / stage / "lieux").iterdir()):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != checksums.FILE):
            path.rename(folder / ".aside")
            assert checksums.damaged_files(folder) == [path.relative_to(folder).as_posix()]
            (folder / ".aside").rename(path)
        assert checksums.damaged_files(folder) == []


@pytest.mark.parametrize(("pattern", "damage"), CASES)
def test_what_is_damaged_is_named_and_made_anew_in_the_next_run(
    source: Followed, pattern: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    data, quads = source.settings.data, source.lines()
    [path] = files(data, pattern)
    SEEN[damage](path)
    with pytest.raises(DataError, match=r"damaged|gone") as refused:
        make_release(source.project, force=True)
    assert "clirld run lieux" in refused.value.do
    caplog.clear()
    source.run(day="2026-01-02")
    told = [record.msg for record in caplog.records if isinstance(record.msg, DataError)]
    assert told
    assert any(str(path.parent.relative_to(data)).startswith(os.path.relpath(one.where, data)) for one in told)
    assert source.lines() == quads
    assert outcome.damaged_outputs(data) == {}
    make_release(source.project, force=True)


def test_a_letter_changed_with_its_time_restored_is_found_by_verify_and_mended_by_the_next_run(
    source: Followed,
) -> None:
    data, quads = source.settings.data, source.lines()
    paths = [files(data, pattern)[0] for pattern in PATTERNS]
    for path in {path.stat().st_ino: path for path in paths if path.stat().st_size}.values():
        change_letter_silently(path)
    found = outcome.damaged_outputs(data)
    assert {where.split("/")[0] for where in found} == set(STAGES) - {"guards"}  # its file is empty
    with pytest.raises(DataError, match="damaged"):
        make_release(source.project, force=True)
    source.run(day="2026-01-02")
    assert source.lines() == quads
    assert outcome.damaged_outputs(data) == {}


def test_with_a_history_shared_parts_are_linked_again(source: Followed) -> None:
    source.run(ROWS[1:], "2026-01-02")
    data, quads = source.settings.data, source.lines()
    for path in files(data, "records/*/initiative/part-00000.parquet"):
        truncate(path)
    source.run(day="2026-01-03")
    assert source.lines() == quads
    assert outcome.last_good(source.project, "lieux")
    make_release(source.project)


@pytest.mark.parametrize("name", ["presence.parquet", "initiative/part-carried.parquet"])
@pytest.mark.parametrize("damage", [truncate, change_letter, Path.unlink])
def test_a_history_that_cannot_be_made_anew_is_held_and_not_forgotten(
    source: Followed, name: str, damage: object
) -> None:
    harvest = source.run(ROWS[1:], "2026-01-02")
    served = dump(source.settings.data)
    assert callable(damage)
    damage(harvest.records / name)
    for day in ("2026-01-03", "2026-01-04"):
        with pytest.raises(DataError, match=name) as refused:
            source.run(day=day)
        assert "backup" in refused.value.do
        with pytest.raises(DataError, match="damaged"):
            make_release(source.project)
    with pytest.raises(DataError, match=name):
        source.run(ROWS[2:], "2026-01-05")
    assert dump(source.settings.data) == served


def test_what_was_held_back_is_made_anew_before_it_is_asked(source: Followed) -> None:
    harvest = source.run(ROWS, "2026-01-02")
    (harvest.validated / "held.jsonl").write_text("x\n")
    made = source.run(ROWS[1:], "2026-01-03")
    assert made.account.summary()["missing"] == 1
    assert checksums.damaged_files(harvest.validated) == []


@pytest.mark.parametrize("damage", [*SEEN.values(), lambda path: path.write_text("[]")])
def test_a_damaged_harvest_file_is_replaced_by_its_copy(source: Followed, damage: object) -> None:
    source.run(ROWS[1:], "2026-01-02")
    good, quads = outcome.last_good(source.project, "lieux"), source.lines()
    path = outcome.harvest_file(source.project, "lieux")
    if damage is Path.unlink:
        return  # deleting it is how a source is left out
    assert callable(damage)
    damage(path)
    assert outcome.last_good(source.project, "lieux") == good
    source.run(day="2026-01-03")
    assert (outcome.last_good(source.project, "lieux"), source.lines()) == (good, quads)
    for one in (path, path.with_name("lieux.copy.json")):
        one.write_text("{")
    with pytest.raises(DataError, match="the harvest is damaged") as refused:
        source.run(day="2026-01-04")
    assert "backup" in refused.value.do


RELEASED = ("store/CURRENT", "store/*.sst", "store/MANIFEST-*", "dump/lieux.nq.gz", "catalog.ttl", checksums.FILE)


@pytest.mark.parametrize("damage", SEEN)
@pytest.mark.parametrize(
    "pattern", ["store/CURRENT", "store/*.sst", "store/MANIFEST-*", "dump/lieux.nq.gz", "catalog.ttl"]
)
def test_a_damaged_release_is_neither_switched_to_nor_taken_for_made(
    source: Followed, pattern: str, damage: str
) -> None:
    data = source.settings.data
    first = published.current(data)
    assert first
    path = sorted(first.folder.glob(pattern))[0]
    SEEN[damage](path)
    name = path.relative_to(first.folder).as_posix()
    assert published.damaged_files(first) == [name]
    with pytest.raises(ReleaseError, match=name):
        published.switch_to(data, first.id)
    second, new = make_release(source.project)
    assert new
    assert published.damaged_files(second) == []
    assert second.manifest["version"] == first.manifest["version"]


def test_a_letter_of_a_store_changed_with_its_time_restored_is_found_by_verify(source: Followed) -> None:
    served = published.current(source.settings.data)
    assert served
    path = sorted((served.folder / "store").glob("*.sst"))[0]
    change_letter_silently(path)
    assert published.damaged_files(served, every_byte=False) == []
    assert published.damaged_files(served) == [path.relative_to(served.folder).as_posix()]
