"""ZIP archives: members are read as one file, and no small archive becomes a large one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from clirld.errors import ReadError
from clirld.read import archive
from clirld.read.layout import Layout
from clirld.read.reader import header, read
from clirld.read.rows import SourceRow

MEMBERS = Layout("csv", delimiter=";", member="*_dpt_*.csv")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in members.items():
            out.writestr(name, body)
    return path


def rows(path: Path, layout: Layout) -> list[tuple[int, dict[str, object]]]:
    return [(row.row, dict(row.values)) for row in read(path, layout) if isinstance(row, SourceRow)]


def test_members_are_one_table_in_order_of_their_names(tmp_path: Path) -> None:
    members = {"a_dpt_02.csv": b"b;a\n3;4\n", "read me.txt": b"?", "x/a_dpt_01.csv": b"a;b\r\n1;2\r\n"}
    path = zipped(tmp_path / "content", members)
    assert header(path, MEMBERS) == ["b", "a"]
    assert rows(path, MEMBERS) == [(2, {"b": "3", "a": "4"}), (4, {"a": "1", "b": "2"})]


def test_a_cell_under_no_name_in_one_member_is_a_column(tmp_path: Path) -> None:
    members = {"a_dpt_01.csv": b"a;b;\n1;2;\n", "a_dpt_02.csv": b"a;b;\n3;4;note\n"}
    path = zipped(tmp_path / "content", members)
    assert header(path, MEMBERS) == ["a", "b", "(3)"]
    assert rows(path, MEMBERS) == [(2, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4", "(3)": "note"})]


def test_a_file_that_is_no_archive_is_its_only_member(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_bytes(b"a;b\n1;2\n")
    assert rows(path, MEMBERS) == [(2, {"a": "1", "b": "2"})]


def test_spreadsheets_and_parquet_are_read_out_of_an_archive(tmp_path: Path) -> None:
    sheet = tmp_path / "one.xlsx"
    with xlsxwriter.Workbook(str(sheet)) as book:
        book.add_worksheet().write_row(0, 0, ["a"])
        book.worksheets()[0].write_row(1, 0, ["x"])
    assert rows(sheet, Layout("xlsx", member="*.xlsx")) == [(2, {"a": "x"})]  # itself a ZIP archive
    path = zipped(tmp_path / "content", {"one.xlsx": sheet.read_bytes()})
    assert rows(path, Layout("xlsx", member="*.xlsx")) == [(2, {"a": "x"})]
    pl.DataFrame({"a": ["y"]}).write_parquet(tmp_path / "p")
    path = zipped(tmp_path / "content", {"p.parquet": (tmp_path / "p").read_bytes()})
    assert rows(path, Layout("parquet", member="*.parquet")) == [(1, {"a": "y"})]


def test_members_with_other_columns_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "content", {"a_dpt_1.csv": b"a;b\n1;2\n", "a_dpt_2.csv": b"a;c\n1;2\n"})
    with pytest.raises(ReadError, match=r"a_dpt_2.csv: its columns .* without b; with c"):
        list(read(path, MEMBERS))


def test_no_member_fits(tmp_path: Path) -> None:
    path = zipped(tmp_path / "content", {f"{n}.txt": b"" for n in range(12)})
    with pytest.raises(ReadError, match=r"no member “\*_dpt_\*.csv” .* 0.txt, .*, …"):
        list(read(path, MEMBERS))


def test_a_bomb_is_seen_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "content", {"a_dpt_1.csv": b"a;b\n" + b"0;0\n" * (20 * 1024**2)})
    with pytest.raises(ReadError, match="no registry packs that well"):
        list(read(path, MEMBERS))


def test_too_large_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "content", {"a_dpt_1.csv": b"a;b\n1;2\n"})
    monkeypatch.setattr(archive, "MAX_BYTES", 7)
    with pytest.raises(ReadError, match="the members would be 8 bytes"):
        list(read(path, MEMBERS))


def test_a_member_larger_than_it_says_is_not_read_on(tmp_path: Path) -> None:
    path = zipped(tmp_path / "content", {"a_dpt_1.csv": b"a;b\n" + b"1;2\n" * 1000})
    body = path.read_bytes()
    size = (4 + 4 * 1000).to_bytes(4, "little")
    path.write_bytes(body.replace(size, (40).to_bytes(4, "little")))
    with pytest.raises(ReadError, match="not a ZIP archive that can be read"):
        list(read(path, MEMBERS))


@pytest.mark.parametrize("damage", ["cut", "flipped", "locked"])
def test_a_damaged_archive_is_told(tmp_path: Path, damage: str) -> None:
    path = zipped(tmp_path / "content", {"a_dpt_1.csv": b"a;b\n" + bytes(range(48, 122)) * 50})
    body = bytearray(path.read_bytes())
    if damage == "flipped":
        body[60] ^= 0xFF
    elif damage == "locked":
        body[6] |= 1  # general purpose flag, bit 0, of the member and of the directory (APPNOTE 4.4.4)
        body[body.index(b"PK\x01\x02") + 8] |= 1
    else:
        del body[70:90]
    path.write_bytes(body)
    with pytest.raises(ReadError, match="password" if damage == "locked" else "not a ZIP archive|not CSV"):
        list(read(path, MEMBERS))
