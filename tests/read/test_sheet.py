"""Spreadsheets that hold more than values: merged cells, links, formulas, hidden sheets."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from clirld.errors import ReadError
from clirld.read import table
from clirld.read.archive import File
from clirld.read.layout import Layout
from clirld.read.reader import header, read
from clirld.read.rows import RowIssue, SourceRow

XLSX = Layout("xlsx")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "content"


def values(path: Path, layout: Layout = XLSX) -> tuple[list[list[object]], list[RowIssue]]:
    issues: list[RowIssue] = []
    found = [list(row.values.values()) for row in read(path, layout, None, issues.append) if isinstance(row, SourceRow)]
    return found, issues


def fill(sheet: Worksheet, rows: list[list[object]]) -> None:
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)


def test_a_value_merged_downwards_is_that_of_each_row(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        fill(sheet, [["Région", "Nom"], ["", "a"], ["", "b"], ["", "c"], ["", ""], ["Y", "d"]])
        sheet.merge_range(1, 0, 4, 0, "X")
    found, issues = values(file)
    assert found == [["X", "a"], ["X", "b"], ["X", "c"], ["Y", "d"]]  # a row that is blank otherwise stays so
    assert issues == [RowIssue("cell-merged", n, detail={"first": "2"}) for n in (3, 4)]


def test_a_heading_between_rows_is_no_value_of_all_columns(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        fill(sheet, [["id", "nom", "ville"], [], ["1", "a", "x"]])
        sheet.merge_range(1, 0, 1, 2, "Jura")
    found, issues = values(file)
    assert found == [["Jura", "", ""], ["1", "a", "x"]]
    assert issues == [RowIssue("cells-merged-across", 2)]


def test_a_header_of_two_rows(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        fill(sheet, [["", "", ""], ["", "voie", "ville"], ["1", "a", "b"]])
        sheet.merge_range(0, 0, 1, 0, "id")
        sheet.merge_range(0, 1, 0, 2, "Adresse")
    assert header(file, Layout("xlsx", header=2)) == ["id", "voie", "ville"]
    assert header(file, XLSX) == ["id", "Adresse", "Adresse (2)"]
    assert values(file)[0] == [["", "voie", "ville"], ["1", "a", "b"]]  # nothing of the header goes into rows


def test_links_are_the_values_of_columns_of_addresses_only(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        fill(sheet, [["nom", "site"], ["a", ""], ["b", ""], ["c", "https://c.example"], ["d", ""], ["e", ""]])
        sheet.write_url(1, 1, "https://a.example/x?y=1&z=2", string="voir")
        sheet.write_formula(2, 1, '=HYPERLINK("https://b.example","site")', value="site")
        sheet.write_url(3, 1, "https://other.example", string="https://c.example")
        sheet.write_url(4, 1, "mailto:d@example.org", string="écrire")
        sheet.write_url(5, 0, "https://e.example", string="e")
    issues: list[RowIssue] = []
    _names, _above, rows = table.open_table(File(file), XLSX, issues.append, {"site"})
    assert [row[1] for row in rows] == [
        "https://a.example/x?y=1&z=2",
        "https://b.example",
        "https://c.example",
        "écrire",
        "",
    ]
    assert issues == [
        RowIssue("link-taken", 2, "site"),
        RowIssue("link-taken", 3, "site"),
        RowIssue("links-not-read", None, "site", {"count": "1"}),
        RowIssue("links-not-read", None, "nom", {"count": "1"}),
    ]


def test_formulas_without_a_value_are_told(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        fill(sheet, [["id", "nom"], ["1", ""], ["2", ""]])
        sheet.write_formula(1, 1, '="a"&"b"', value="ab")
        sheet.write_formula(2, 1, '="a"&"b"', value="")
    found, issues = values(file)
    assert found == [["1", "ab"], ["2", ""]]
    assert issues == [RowIssue("formula-without-value", 3, "nom")]


def test_hidden_sheets_are_never_read_unseen(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        for name, rows in (("Brouillon", 9), ("Lieux", 2), ("Autres", 3)):
            sheet = book.add_worksheet(name)
            fill(sheet, [["id"], *[[f"{name} {n}"] for n in range(rows)]])
            if name == "Brouillon":
                sheet.hide()
        book.get_worksheet_by_name("Lieux").activate()
    found, issues = values(file)
    assert found == [["Lieux 0"], ["Lieux 1"]]
    assert issues == [RowIssue("sheets-not-read", detail={"sheet": "Lieux", "others": "Autres"})]
    found, issues = values(file, Layout("xlsx", sheet="Brouillon"))
    assert len(found) == 9
    assert issues == [RowIssue("sheet-hidden", detail={"sheet": "Brouillon"})]


def test_only_hidden_sheets(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        fill(book.add_worksheet("A"), [["id"], ["1"]])
    with zipfile.ZipFile(file) as written:
        parts = {name: written.read(name) for name in written.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'name="A"', b'name="A" state="hidden"')
    with zipfile.ZipFile(file, "w") as out:
        for name, part in parts.items():
            out.writestr(name, part)
    with pytest.raises(ReadError, match="all sheets are hidden: A"):
        list(read(file, XLSX))


ODS_SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"><office:body><office:spreadsheet>
{sheets}</office:spreadsheet></office:body></office:document-content>"""


def ods(path: Path, **sheets: list[str]) -> None:
    """An ODS file of sheets, each a list of rows in its XML."""
    xml = "".join(
        f'<table:table table:name="{name}">' + "".join(rows) + "</table:table>" for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        book.writestr("content.xml", ODS_SHEET.format(sheets=xml))


def ods_row(*cells: str, repeated: int = 1) -> str:
    times = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return f"<table:table-row{times}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str = "", more: str = "", link: str = "") -> str:
    inner = f'<text:a xlink:href="{link}">{text}</text:a>' if link else text
    return f'<table:table-cell office:value-type="string" {more}><text:p>{inner}</text:p></table:table-cell>'


COVERED = "<table:covered-table-cell/>"


def test_merged_cells_and_links_of_an_ods_are_those_of_the_sheet_that_is_read(file: Path) -> None:
    head = ods_row(ods_cell("Région"), ods_cell("Nom"), ods_cell("Site"))
    address = "https://example.org/a"
    ods(
        file,
        Lieux=[
            head,
            ods_row(ods_cell("X", 'table:number-rows-spanned="3"'), ods_cell("a"), ods_cell("voir", link=address)),
            ods_row(COVERED, ods_cell("b"), ods_cell("")),
            ods_row(COVERED, ods_cell("c"), ods_cell("")),
            ods_row(ods_cell("Y"), ods_cell("d"), "<table:table-cell table:formula='of:=A1'/>"),
            ods_row("<table:table-cell table:number-columns-repeated='1024'/>", repeated=1_000_000),
        ],
        Autre=[
            head,
            ods_row(ods_cell("Z", 'table:number-rows-spanned="2"'), ods_cell("e")),
            ods_row(COVERED, ods_cell("f")),
        ],
    )
    found, issues = values(file, Layout("ods", sheet="Lieux"))
    assert [row[:2] for row in found] == [["X", "a"], ["X", "b"], ["X", "c"], ["Y", "d"]]
    assert [issue for issue in issues if issue.code == "cell-merged"] == [
        RowIssue("cell-merged", n, detail={"first": "2"}) for n in (3, 4)
    ]
    assert RowIssue("links-not-read", None, "Site", {"count": "1"}) in issues
    assert RowIssue("formula-without-value", 5, "Site") in issues
    _names, _above, rows = table.open_table(File(file), Layout("ods", sheet="Lieux"), url_columns={"Site"})
    assert [row[2:] for row in rows] == [[address], [""], [""], [""]]


def test_a_note_beside_the_table_is_a_column_by_its_place(file: Path) -> None:
    with xlsxwriter.Workbook(str(file)) as book:
        fill(book.add_worksheet(), [["id", "nom"], ["1", "a"], ["2", "b", "", "à revoir"]])
    assert header(file, XLSX) == ["id", "nom", "(4)"]
    assert values(file)[0] == [["1", "a", ""], ["2", "b", "à revoir"]]
