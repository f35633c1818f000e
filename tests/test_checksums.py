"""Checksums of a folder: what is not as it was made is found, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clirld import checksums


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    (tmp_path / "graph.nq").write_text("<a> <b> <c> .\n")
    (tmp_path / "below" / "part.parquet").write_bytes(b"PAR1")
    (tmp_path / "empty").touch()
    checksums.write(tmp_path)
    return tmp_path


def change_letter(path: Path) -> None:
    """Another byte in the middle, the same size, a new time."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, (1, 1))


def change_letter_silently(path: Path) -> None:
    """Another byte in the middle, the same size and time."""
    status = path.stat()
    change_letter(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


SEEN: dict[str, Callable[[Path], None]] = {
    "letter": change_letter,
    "truncated": truncate,
    "empty": empty,
    "gone": Path.unlink,
}
"""Damage that sizes and times show."""


@pytest.mark.parametrize("damage", SEEN)
@pytest.mark.parametrize("name", ["graph.nq", "below/part.parquet"])
def test_what_is_damaged_is_found(folder: Path, name: str, damage: str) -> None:
    assert checksums.damaged_files(folder) == []
    SEEN[damage](folder / name)
    assert checksums.damaged_files(folder) == [name]
    assert checksums.damaged_files(folder, every_byte=True) == [name]


def test_what_only_its_bytes_show_is_found_by_them_and_seen_from_then_on(folder: Path) -> None:
    change_letter_silently(folder / "graph.nq")
    assert checksums.damaged_files(folder) == []
    assert checksums.damaged_files(folder, every_byte=True) == ["graph.nq"]
    assert checksums.damaged_files(folder) == []
    assert checksums.verify(folder) == ["graph.nq"]
    assert checksums.damaged_files(folder) == ["graph.nq"]


def test_another_time_is_no_damage(folder: Path) -> None:
    os.utime(folder / "graph.nq", (1, 1))
    assert checksums.damaged_files(folder) == []


def test_what_is_added_counts_but_for_what_is_hidden(folder: Path) -> None:
    (folder / ".hidden").touch()
    assert checksums.damaged_files(folder) == []
    (folder / "below" / "part-2.parquet").touch()
    assert checksums.damaged_files(folder) == ["below/part-2.parquet"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"graph.nq": 1}', '{"graph.nq": ["x", 1, ""]}', "\udcff"])
def test_checksums_that_are_damaged_are_named(folder: Path, text: str) -> None:
    (folder / checksums.FILE).write_bytes(text.encode(errors="surrogateescape"))
    assert checksums.damaged_files(folder) == [checksums.FILE]


def test_of_a_folder_without_them_nothing_is_known_and_one_that_is_gone_is_damaged(folder: Path) -> None:
    (folder / checksums.FILE).unlink()
    assert checksums.damaged_files(folder, every_byte=True) == []
    assert checksums.damaged_files(folder / "nothing") == ["."]
