"""CSV whose quotes, header or bytes are not what they should be: no row is lost without a word."""

from __future__ import annotations

import csv
import gzip
import io
from itertools import product
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.errors import ReadError
from clirld.read import csv as read_csv
from clirld.read.reader import Layout, header, read
from clirld.read.rows import RaggedRow, RowIssue, SourceRow

SEMICOLON = Layout("csv", delimiter=";")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "content"


def cells(path: Path, layout: Layout = SEMICOLON) -> list[list[str] | str]:
    """The cells of rows, and why others gave none."""
    return [
        row.why if isinstance(row, RaggedRow) else [str(cell) for cell in row.values.values()]
        for row in read(path, layout)
    ]


def test_a_file_without_a_header_has_the_columns_of_the_layout(file: Path) -> None:
    file.write_text('a1;"Lieu\nun"\n\na2;Lieu deux\na3;trop;de cellules\n', encoding="utf-8")
    layout = Layout("csv", delimiter=";", header=0, columns=("id", "nom"))
    assert header(file, layout) == ["id", "nom"]
    assert [(row.row, getattr(row, "values", None)) for row in read(file, layout)] == [
        (1, {"id": "a1", "nom": "Lieu\nun"}),
        (3, {"id": "a2", "nom": "Lieu deux"}),
        (4, None),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id;nom;cp\na1;Lieu;39300\na2;;Lieu;\na3;Lieu;39300;\n", [3, 4]),
        ("id;nom;cp\na1;Lieu;39300;\na2;Lieu;39100;\n", []),
        ("id;nom;cp;\na1;Lieu;39300;\na2;Lieu;39100\na3;Lieu;39100;;\n", [4]),
        ("id;nom;cp\na1;Lieu;39300\n;;;\na3;Lieu;39100\n", []),
        ('id;nom;cp\na1;"Lieu\nun";39300\na2;"Lieu\ndeux";39100;\n', [3]),
    ],
)
def test_a_cell_too_many_at_the_end_is_told_where_other_rows_have_none(file: Path, text: str, told: list[int]) -> None:
    file.write_text(text, encoding="utf-8")
    issues: list[RowIssue] = []
    read_rows = list(read(file, SEMICOLON, report=issues.append))
    assert all(isinstance(row, SourceRow) for row in read_rows)
    assert [one.row for one in issues if one.code == "row-surplus"] == told


SWALLOWED = """\
id;nom;cp
a1;Lieu un;39300
a2;"Ferme du Haut;39300
a3;Atelier trois;75056
a4;{quoted};69123
a5;Café du Bas";13055
a6;Lieu six;20250
"""


@pytest.mark.parametrize("quoted", ["Fabrique", '""', '"Fabrique"', '"Le pré; la mare"', 'L""ici'])
def test_rows_between_two_stray_quotes_are_read_and_theirs_are_told(file: Path, quoted: str) -> None:
    file.write_text(SWALLOWED.format(quoted=quoted), encoding="utf-8")
    found = cells(file)
    assert len(found) == 6
    assert found[0] == ["a1", "Lieu un", "39300"]
    assert found[1] == "quote"
    assert found[2] == ["a3", "Atelier trois", "75056"]
    assert found[5] == ["a6", "Lieu six", "20250"]
    assert not any("Ferme" in cell for row in found if isinstance(row, list) for cell in row)


@pytest.mark.parametrize(
    ("delimiter", "body", "expected"),
    [
        # A text of several lines stays one cell, whatever it holds.
        (";", 'a;"Un texte\nde deux lignes";1\n', [["a", "Un texte\nde deux lignes", "1"]]),
        (
            ";",
            'a;"Un &eacute;t&eacute;\nici; l&agrave;";1\n',
            [["a", "Un &eacute;t&eacute;\nici; l&agrave;", "1"]],
        ),
        (",", 'a,"12 rue Haute\n39100 Dole, Jura",1\n', [["a", "12 rue Haute\n39100 Dole, Jura", "1"]]),
        (";", '"a";"b;c;d\ne;f;g";"1"\n', [["a", "b;c;d\ne;f;g", "1"]]),  # where all cells are quoted
        # Quotes that are not doubled.
        (";", 'a;"Le "Lieu" commun";1\n', [["a", 'Le "Lieu" commun', "1"]]),
        (";", 'a;"Dit "Bellevue"";1\n', [["a", 'Dit "Bellevue"', "1"]]),
        (";", 'a;"Un "mot"\nde deux lignes";1\nb;c;2\n', [["a", 'Un "mot"\nde deux lignes', "1"], ["b", "c", "2"]]),
        (";", 'a;"espace" ;1\n', [["a", "espace", "1"]]),
        (";", 'a;écran 19";1\n', [["a", 'écran 19"', "1"]]),
        # A backslash before a quote.
        (";", r'"a";"Le \"Lieu\" commun";"1"' + "\n", [["a", 'Le "Lieu" commun', "1"]]),
        (";", r'"a";"Dit \"le lieu\"; et plus";"1"' + "\n", [["a", 'Dit "le lieu"; et plus', "1"]]),
        (";", r'"a";"Dit \"lieu\"";1' + '\n"b";"c";2\n', [["a", 'Dit "lieu"', "1"], ["b", "c", "2"]]),
        (";", r'a;"C:\";1' + "\n", [["a", "C:\\", "1"]]),
        # What cannot be read is told, a line at a time.
        (";", 'a;"b" c;d" e;1\nf;g;2\n', ["quote", ["f", "g", "2"]]),
    ],
)
def test_quotes(file: Path, delimiter: str, body: str, expected: list[list[str] | str]) -> None:
    file.write_text(delimiter.join(["x", "y", "z"]) + "\n" + body, encoding="utf-8")
    assert cells(file, Layout("csv", delimiter=delimiter)) == expected


def test_escape_is_for_quotes_backslashes_and_delimiters_only(file: Path) -> None:
    file.write_text('id;nom\n1;"Fin \\\\"\n2;"C:\\new \\"x\\""\n3;a\\;b\n', encoding="utf-8")
    layout = Layout("csv", delimiter=";", escape="\\")
    assert cells(file, layout) == [["1", "Fin \\"], ["2", 'C:\\new "x"'], ["3", "a;b"]]


def test_what_was_mended_is_told(file: Path) -> None:
    file.write_text('x;y\na;"b "c" d"\ne;"f\ng"\n', encoding="utf-8")
    issues: list[RowIssue] = []
    assert len(list(read(file, SEMICOLON, None, issues.append))) == 2
    assert issues == [
        RowIssue("row-quotes-mended", 2),
        RowIssue("rows-over-lines", detail={"rows": "1", "lines": "2"}),
    ]


def test_columns_of_one_name_and_of_none(file: Path) -> None:
    file.write_text("nom;nom;;nom (2);;\na;b;c;d;;\ne;f;g;h;i;\n", encoding="utf-8")
    assert header(file, SEMICOLON) == ["nom", "nom (3)", "(3)", "nom (2)", "(5)"]
    assert cells(file) == [["a", "b", "c", "d", ""], ["e", "f", "g", "h", "i"]]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_the_encoding_that_is_said_for_utf16_without_mark_reads_it(file: Path, encoding: str) -> None:
    file.write_bytes("id;nom\n1;été\n".encode(encoding))
    with pytest.raises(ReadError) as problem:
        list(read(file, SEMICOLON))
    assert problem.value.do == f"put encoding: {encoding} in source.yaml"
    assert cells(file, Layout("csv", delimiter=";", encoding=encoding)) == [["1", "été"]]


@pytest.mark.parametrize(
    ("encoding", "read_as", "better"),
    [("cp850", "cp1252", "cp850"), ("mac_roman", "latin-1", "mac_roman"), ("utf-8", "cp1252", "utf-8")],
)
def test_letters_that_french_does_not_have_are_told(file: Path, encoding: str, read_as: str, better: str) -> None:
    file.write_bytes("id;nom\n1;Médiathèque à côté\n".encode(encoding))
    issues: list[RowIssue] = []
    list(read(file, Layout("csv", delimiter=";", encoding=read_as), None, issues.append))
    assert issues == [RowIssue("encoding-doubtful", detail={"encoding": read_as, "better": better})]
    list(read(file, Layout("csv", delimiter=";", encoding=encoding), None, issues.append))
    assert len(issues) == 1


def test_a_compressed_file_is_read(file: Path) -> None:
    whole = gzip.compress(b"id;nom\n1;a\n")
    file.write_bytes(whole)
    assert cells(file) == [["1", "a"]]
    file.write_bytes(whole[:-9])
    with pytest.raises(ReadError, match="damaged"):
        list(read(file, SEMICOLON))
    file.write_bytes(gzip.compress(b"id;nom\n" + b"0" * 100_000_000))
    with pytest.raises(ReadError, match="it would be more than"):
        list(read(file, SEMICOLON))


DIALECTS = [
    {"delimiter": delimiter, "quoting": quoting, "lineterminator": end, "escapechar": escape, "doublequote": not escape}
    for delimiter, quoting, end, escape in product(
        ",;\t|", (csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC, csv.QUOTE_NONE), ("\n", "\r\n"), (None, "\\")
    )
    if escape or quoting != csv.QUOTE_NONE
]
HARD = st.text('ab9"\\;,|\t\n é', max_size=8)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(table=st.lists(st.lists(HARD, min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, dialect: dict[str, object], table: list[list[str]]
) -> None:
    out = io.StringIO(newline="")
    if dialect["quoting"] == csv.QUOTE_NONE:
        table = [[cell.replace("\n", " ") for cell in row] for row in table]
    # A line break beside delimiters in quotes may be a quote that is never closed: rather two rows than one swallowed.
    delimiter = str(dialect["delimiter"])
    table = [[cell.replace(delimiter, "") for cell in row] if "\n" in "".join(row) else row for row in table]
    csv.writer(out, **dialect).writerows([["x", "y", "z"], *table])  # type: ignore[arg-type]
    file = tmp_path_factory.getbasetemp() / "dialect"
    file.write_text(out.getvalue(), encoding="utf-8", newline="")
    layout = Layout("csv", delimiter=delimiter, escape="\\" if dialect["escapechar"] else None)
    assert cells(file, layout) == [row for row in table if any(row)]


@given(
    lines=st.lists(st.lists(st.text('ab9 é"', max_size=5), min_size=3, max_size=3), min_size=1, max_size=8),
    noise=st.text("\0ab", max_size=2),
)
def test_no_line_is_lost(tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], noise: str) -> None:
    """Cells of one line, whatever their quotes: rows read and rows told are the lines there, or the file is refused."""
    file = tmp_path_factory.getbasetemp() / "lines"
    numbered = [[f"r{n}", *row[1:]] for n, row in enumerate(lines)]
    file.write_text("\n".join(";".join(row) for row in [["x", "y", "z"], *numbered]) + noise + "\n", encoding="utf-8")
    try:
        found = list(read(file, SEMICOLON))
    except ReadError:
        return  # a quote that is never closed
    names = [str(row.values["x"]) for row in found if isinstance(row, SourceRow)]
    assert len(found) >= len(lines)
    assert len(set(names)) == len(names)
    assert set(names) <= {row[0] for row in numbered}


@given(lines=st.lists(st.text('ab;"\\é ', max_size=8), max_size=12), escape=st.sampled_from([None, "\\"]))
def test_lines_read_together_give_what_they_give_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], escape: str | None
) -> None:
    file = tmp_path_factory.getbasetemp() / "together"
    file.write_text("\n".join(["x;y", *lines]), encoding="utf-8")
    layout = Layout("csv", delimiter=";", escape=escape)

    def rows_and_issues(at_once: int) -> tuple[list[object], list[RowIssue]] | str:
        issues: list[RowIssue] = []
        with mock.patch.object(read_csv, "_LINES_AHEAD", at_once):
            try:
                return list(read(file, layout, report=issues.append)), issues
            except ReadError as error:
                return error.what

    one_by_one = rows_and_issues(0)
    assert [rows_and_issues(at_once) for at_once in (1, 3, 100)] == [one_by_one] * 3


def test_cells_under_a_header_without_a_name_at_its_end_are_a_column(file: Path) -> None:
    rows = ["1;Exemple un;Redon;", "2;Exemple deux;Redon;à revoir", "3;Exemple trois;Redon"]
    file.write_text("\n".join(["id;nom;ville;;", *rows, ""]), encoding="utf-8")
    assert header(file, SEMICOLON) == ["id", "nom", "ville", "(4)"]
    assert cells(file) == [
        ["1", "Exemple un", "Redon", ""],
        ["2", "Exemple deux", "Redon", "à revoir"],
        ["3", "Exemple trois", "Redon", ""],
    ]


def test_names_of_columns_without_one_follow_their_place(file: Path) -> None:
    file.write_text("id;(5);;;;\n1;a;;;note;\n2;b;c;;;\n", encoding="utf-8")
    assert header(file, SEMICOLON) == ["id", "(5)", "(3)", "(6)"]
    assert cells(file) == [["1", "a", "", "note"], ["2", "b", "c", ""]]


def test_a_header_without_names_at_its_end_and_nothing_under_them_has_no_more_columns(file: Path) -> None:
    file.write_text("id;nom;;;\n1;Un;;;\n2;Deux\n", encoding="utf-8")
    assert header(file, SEMICOLON) == ["id", "nom"]


@pytest.mark.parametrize(
    ("row", "why"),
    [("3;Un; deux;Redon;", "width"), ("3;Un;a;b;c", "width"), ("3;Un", "width"), ('3;"Un" deux"trois;x;y', "quote")],
)
def test_rows_of_another_width_than_the_header_as_it_is_written_are_told(file: Path, row: str, why: str) -> None:
    file.write_text(f"id;nom;ville;\n1;Un;Redon;à revoir\n{row}\n", encoding="utf-8")
    found = list(read(file, SEMICOLON))
    assert [getattr(one, "why", None) for one in found] == [None, why]
    if why == "width":
        assert getattr(found[1], "expected_width", 0) == 4
