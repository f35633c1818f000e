"""Releases on disk: the one served is switched in one step, and never to what is not whole."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from clirld import checksums
from clirld.errors import BusyError, ReleaseError
from clirld.harvest.lock import release_lock, source_lock
from clirld.release import published

IDS = ("20260101T000000Z-aaaaaaaa", "20260102T000000Z-bbbbbbbb")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in IDS:
        folder = tmp_path / "releases" / name
        folder.mkdir(parents=True)
        (folder / "file").write_text(name)
        files = [{"path": "file", "sha256": sha256(name.encode()).hexdigest()}]
        rest = {"version": name[-8:], "created": name, "quads": 1, "candidates": 0, "sources": []}
        (folder / "manifest.json").write_text(json.dumps({"files": files, **rest}))
    (tmp_path / "releases" / f".{IDS[0]}.7").mkdir()  # what a killed process left
    return tmp_path


def test_the_newest_comes_first_and_unfinished_ones_are_not_listed(data: Path) -> None:
    assert [one.id for one in published.all_releases(data)] == [IDS[1], IDS[0]]
    assert published.all_releases(data / "nowhere") == []


def test_switching(data: Path) -> None:
    assert published.current(data) is None
    for name in (*IDS, IDS[0], IDS[0]):
        assert published.switch_to(data, name).id == name
        served = published.current(data)
        assert served is not None
        assert served.id == name
        assert (data / "current").readlink() == Path("releases") / name
    assert sorted(path.name for path in data.iterdir()) == ["current", "releases"]


@pytest.mark.parametrize("name", ["", ".", "..", "nothing", "../releases/" + IDS[0], "/", f".{IDS[0]}.7"])
def test_what_cannot_be_served(data: Path, name: str) -> None:
    published.switch_to(data, IDS[0])
    with pytest.raises(ReleaseError, match="no release") as caught:
        published.switch_to(data, name)
    assert IDS[1] in caught.value.do
    served = published.current(data)
    assert served is not None
    assert served.id == IDS[0]


def test_a_broken_manifest_is_not_served(data: Path) -> None:
    published.switch_to(data, IDS[0])
    (data / "releases" / IDS[1] / "manifest.json").write_text("{")
    with pytest.raises(ReleaseError, match="not whole"):
        published.switch_to(data, IDS[1])
    assert (data / "current").readlink() == Path("releases") / IDS[0]


def test_files_are_held_to_their_checksums(data: Path) -> None:
    one = published.load(data / "releases" / IDS[0])
    assert published.damaged_files(one) == []
    (one.folder / "file").write_text("other")
    assert published.damaged_files(one) == ["file"]
    (one.folder / "file").unlink()
    assert published.damaged_files(one) == ["file"]


def test_a_checksum_of_more_than_one_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "CHUNK", 3)
    (tmp_path / "file").write_bytes(b"0123456789")
    assert published.checksum(tmp_path / "file") == sha256(b"0123456789").hexdigest()


def test_a_pointer_to_nothing_is_no_release(data: Path) -> None:
    (data / "current").symlink_to("releases/gone")
    assert published.current(data) is None
    assert published.switch_to(data, IDS[0]).id == IDS[0]


@pytest.mark.parametrize("text", ["[]", "{}", '{"version": "1", "files": []}', '"manifest"'])
def test_what_is_not_the_manifest_of_a_release_is_not_served(data: Path, text: str) -> None:
    published.switch_to(data, IDS[0])
    (data / "releases" / IDS[1] / "manifest.json").write_text(text)
    with pytest.raises(ReleaseError, match="not that of a release"):
        published.switch_to(data, IDS[1])
    assert (data / "current").readlink() == Path("releases") / IDS[0]


def test_a_manifest_may_say_more(data: Path) -> None:
    path = data / "releases" / IDS[1] / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "more": 1}))
    assert published.switch_to(data, IDS[1]).manifest["more"] == 1


def test_where_there_are_no_releases_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release x") as caught:
        published.switch_to(tmp_path, "x")
    assert caught.value.do == "there are: none"
    assert published.all_releases(tmp_path) == []


def test_releases_are_in_the_order_of_their_sequence_and_not_of_their_times(data: Path) -> None:
    assert published.next_sequence(data) == 1
    for name, number in (("20200101T000000Z-cccccccc", 1), ("20990101T000000Z-dddddddd", 2)):
        shutil.copytree(data / "releases" / IDS[0], data / "releases" / name)
        path = data / "releases" / name / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "sequence": number}))
    assert published.next_sequence(data) == 3
    path = data / "releases" / "20990101T000000Z-dddddddd" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "sequence": 0}))
    assert [one.id[:4] for one in published.all_releases(data)] == ["2020", "2099", "2026", "2026"]
    path.write_text("{")
    assert published.next_sequence(data) == 2


def test_one_release_at_a_time(tmp_path: Path) -> None:
    busy = pytest.raises(BusyError, match="another release is under way")
    with release_lock(tmp_path), source_lock(tmp_path, "releases"), busy, release_lock(tmp_path, timeout=0.1):
        pass
    with release_lock(tmp_path, timeout=0):
        pass


def test_a_second_release_within_a_second_is_of_the_next(tmp_path: Path) -> None:
    time = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
    first = published.identifier(tmp_path, "0123456789", time)
    assert first == ("20260131T235959Z-01234567", time)
    (tmp_path / first[0]).mkdir()
    assert published.identifier(tmp_path, "0123456789", time)[0] == "20260201T000000Z-01234567"


def test_to_serve_a_release_reads_no_byte_of_what_has_its_size_and_time(data: Path) -> None:
    """Every byte is read by `releases --verify`: a release of gigabytes is switched to at once."""
    release = published.load(data / "releases" / IDS[0])
    checksums.write(release.folder)
    file = release.folder / "file"
    time = file.stat().st_mtime_ns
    file.write_text(file.read_text().swapcase())
    os.utime(file, ns=(time, time))
    published.require_whole(release)
    assert published.switch_to(data, IDS[0]).id == IDS[0]
    assert published.damaged_files(release) == ["file"]
