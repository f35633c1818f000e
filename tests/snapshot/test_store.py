"""Snapshots: bytes kept once, each way they came by told apart, nothing changed by the same bytes again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.errors import FetchError
from clirld.snapshot import store
from clirld.snapshot.store import Snapshot, SnapshotMetadata, latest, save, validators, verify

FACTS = SnapshotMetadata(
    "s", "default", "https://x.fr/a", "2026-01-01T00:00:00Z", "http", etag='"1"', license="https://l.fr/"
)


def kept(root: Path, body: bytes = b"a,b\n", facts: SnapshotMetadata = FACTS) -> Snapshot:
    root.mkdir(parents=True, exist_ok=True)
    unfinished = root / "unfinished"
    unfinished.write_bytes(body)
    found = save(unfinished, facts, root)
    assert not unfinished.exists()
    return found


def test_a_snapshot_says_what_it_is(tmp_path: Path) -> None:
    found = kept(tmp_path)
    home = tmp_path / "s" / "default" / found.sha256
    assert sorted(path.name for path in home.iterdir()) == ["content", "snapshot.http.json"]
    data = json.loads((home / "snapshot.http.json").read_text())
    assert data["retrieved"] == "2026-01-01T00:00:00Z"
    assert data["size"] == 4
    assert "path" not in data  # the folder may be moved
    assert latest(tmp_path, "s", "default") == found
    verify(found)


def test_the_same_bytes_change_nothing(tmp_path: Path) -> None:
    first = kept(tmp_path)
    before = {path: path.read_bytes() for path in first.path.parent.iterdir()}
    later = replace(FACTS, retrieved="2026-02-02T00:00:00Z", etag='"2"', license=None)
    assert kept(tmp_path, facts=later) == first
    assert {path: path.read_bytes() for path in first.path.parent.iterdir()} == before
    entry = json.loads((tmp_path / "s/default/latest.json").read_text())["http"]
    assert (entry["checked"], entry["etag"]) == ("2026-02-02T00:00:00Z", '"2"')


def test_the_same_bytes_from_another_address_say_so(tmp_path: Path) -> None:
    kept(tmp_path)
    moved = kept(tmp_path, facts=replace(FACTS, url="https://y.fr/", retrieved="2026-02-02T00:00:00Z"))
    assert (moved.url, moved.retrieved) == ("https://y.fr/", "2026-02-02T00:00:00Z")
    assert latest(tmp_path, "s", "default") == moved


def test_ways_are_told_apart(tmp_path: Path) -> None:
    network = kept(tmp_path)
    sample = kept(tmp_path, facts=replace(FACTS, via="sample", url=None, retrieved="2026-03-03T00:00:00Z"))
    assert sample.path == network.path
    assert latest(tmp_path, "s", "default", "http") == network
    assert latest(tmp_path, "s", "default", "sample") == sample
    assert latest(tmp_path, "s", "default") == sample  # the last one
    assert latest(tmp_path, "s", "default", "mirror") is None


def test_none_is_none(tmp_path: Path) -> None:
    assert latest(tmp_path, "s", "default") is None
    assert validators(tmp_path, "s", "default", "https://x.fr/a") == {}


def test_validators_are_for_one_address(tmp_path: Path) -> None:
    kept(tmp_path)
    assert validators(tmp_path, "s", "default", "https://x.fr/a") == {"If-None-Match": '"1"'}
    assert validators(tmp_path, "s", "default", "https://x.fr/b") == {}


@pytest.mark.parametrize("damage", [b"", b"A,b\n", b"a,b\nmore"])
def test_damage_is_seen_and_mended_by_the_same_bytes(tmp_path: Path, damage: bytes) -> None:
    first = kept(tmp_path)
    first.path.write_bytes(damage)
    with pytest.raises(FetchError, match="damaged") as error:
        verify(first)
    assert "delete its folder" in error.value.do
    if len(damage) != first.size:
        with pytest.raises(FetchError, match="damaged"):
            latest(tmp_path, "s", "default")
    verify(kept(tmp_path))


def test_lost_bytes_are_seen(tmp_path: Path) -> None:
    first = kept(tmp_path)
    first.path.unlink()
    with pytest.raises(FetchError, match="gone"):
        verify(first)
    with pytest.raises(FetchError, match="gone"):
        latest(tmp_path, "s", "default")


@pytest.mark.parametrize("rubbish", ["", "{", "[]", '{"size": 1}'])
def test_a_broken_description_is_written_anew(tmp_path: Path, rubbish: str) -> None:
    first = kept(tmp_path)
    (first.path.parent / "snapshot.http.json").write_text(rubbish)
    with pytest.raises(FetchError, match="damaged"):
        latest(tmp_path, "s", "default")
    again = kept(tmp_path, facts=replace(FACTS, retrieved="2026-02-02T00:00:00Z"))
    assert again.retrieved == "2026-02-02T00:00:00Z"
    assert latest(tmp_path, "s", "default") == again


@pytest.mark.parametrize("rubbish", ["", "{", "[]", "{}"])
def test_a_broken_pointer_is_none(tmp_path: Path, rubbish: str) -> None:
    kept(tmp_path)
    (tmp_path / "s" / "default" / "latest.json").write_text(rubbish)
    assert latest(tmp_path, "s", "default") is None
    kept(tmp_path)
    assert latest(tmp_path, "s", "default") is not None


def test_a_stop_before_the_last_step_leaves_no_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_json", stop)
    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path)
    assert list((tmp_path / "s" / "default").iterdir()) == []


def test_others_may_read_what_is_kept(tmp_path: Path) -> None:
    found = kept(tmp_path)
    assert (found.path.parent / "snapshot.http.json").stat().st_mode & 0o044


def test_two_processes_may_keep_the_same_bytes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others: list[Snapshot] = []
    sync = store._fsync

    def other_first(path: Path) -> None:
        monkeypatch.setattr(store, "_fsync", sync)
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "unfinished").write_bytes(b"a,b\n")
        others.append(save(tmp_path / "other" / "unfinished", FACTS, tmp_path))
        sync(path)

    monkeypatch.setattr(store, "_fsync", other_first)
    assert kept(tmp_path) == others[0]
    verify(others[0])
    assert not list((tmp_path / "s" / "default").glob(".tmp-*"))
