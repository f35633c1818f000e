"""Packed files: the same bytes however lines are given to be packed, and the lines of a file as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.release import gzip_files

LINES = [b"%d %s\n" % (number, b"x" * (number * 7919 % 500)) for number in range(6000)]
"""Some 1.5 MB: packed several times at once."""


@pytest.mark.parametrize("several", [1, 7, 1000, 6000])
def test_lines_given_together_are_packed_as_one_after_another(tmp_path: Path, several: int) -> None:
    gzip_files.write_lines(LINES, tmp_path / "one.gz")
    with gzip_files.writing(tmp_path / "several.gz") as out:
        out.writelines([])
        for start in range(0, len(LINES), several):
            out.writelines(LINES[start : start + several])
    assert (tmp_path / "several.gz").read_bytes() == (tmp_path / "one.gz").read_bytes()
    assert list(gzip_files.lines(tmp_path / "several.gz")) == LINES


def test_lines_and_other_bytes_may_follow_each_other(tmp_path: Path) -> None:
    for name, at in (("one.gz", 0), ("other.gz", 3000)):
        with gzip_files.writing(tmp_path / name) as out:
            for line in LINES[:at]:
                out.write(line)
            out.writelines(LINES[at:5000])
            for line in LINES[5000:]:
                out.write(line)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "other.gz").read_bytes()
