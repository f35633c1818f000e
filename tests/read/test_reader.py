"""read: every row of a file as text, or an error that says where and what to do."""

from __future__ import annotations

import csv
import datetime
import json
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from clirld.errors import ReadError
from clirld.read.json import unescape
from clirld.read.reader import Layout, header, read
from clirld.read.rows import RaggedRow, RowIssue, SourceRow

CSV, XLSX, JSON = Layout("csv"), Layout("xlsx"), Layout("json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "content"


def rows(path: Path, layout: Layout) -> list[tuple[int, dict[str, object]]]:
    return [(row.row, dict(row.values)) for row in read(path, layout) if isinstance(row, SourceRow)]


# CSV ---------------------------------------------------------------------------------------------


def test_rows_are_numbered_as_a_spreadsheet_does(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbfid, name \n1,"two\nlines"\n\n,\n3,"a ""quote"", and"\n')
    assert header(file, CSV) == ["id", "name"]
    assert rows(file, CSV) == [(2, {"id": "1", "name": "two\nlines"}), (5, {"id": "3", "name": 'a "quote", and'})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_line_end_is_one(file: Path, end: str, last: bool) -> None:
    file.write_bytes(end.join(["a;b", "1;2", "3;4"]).encode() + (end.encode() if last else b""))
    assert rows(file, Layout("csv", delimiter=";")) == [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]


def test_a_header_further_down(file: Path) -> None:
    file.write_text("Liste des lieux,\n\na,b\n1,2\n")
    assert list(read(file, Layout("csv", header=3))) == [
        RaggedRow(1, 2, 0, "above-header"),  # it belongs to the account of the file's rows
        SourceRow(4, {"a": "1", "b": "2"}),
    ]
    with pytest.raises(ReadError, match="there is no row 9 for the header: the file has 4"):
        header(file, Layout("csv", header=9))


def test_a_table_may_end_at_a_blank_row(file: Path) -> None:
    file.write_text("a,b\n,\n1,2\n , \n3,4\n\n5\n")
    first = [SourceRow(3, {"a": "1", "b": "2"})]
    assert list(read(file, Layout("csv", until="blank-row"))) == [
        *first,  # a blank row under the header ends nothing
        *(RaggedRow(n, 2, 2, "below-table") for n in (4, 5)),
        RaggedRow(7, 1, 2, "below-table"),
    ]
    assert [row.row for row in read(file, CSV)] == [3, 4, 5, 7]


def test_rows_of_another_width_are_told_apart(file: Path) -> None:
    file.write_text("a,b\n1\n1,2\n1,2,3\n1,2,,\n,,3\n,,\n")
    row = {"a": "1", "b": "2"}
    assert list(read(file, CSV)) == [
        RaggedRow(2, 1, 2),
        SourceRow(3, row),
        RaggedRow(4, 3, 2),
        SourceRow(5, row),  # nothing but delimiters at the end: nothing is lost
        RaggedRow(6, 3, 2),
    ]


def test_nul_in_a_cell_comes_through(file: Path) -> None:
    file.write_bytes(b"a,b\n1\x00,2\n")
    assert rows(file, CSV) == [(2, {"a": "1\0", "b": "2"})]


def test_long_cells_come_through(file: Path) -> None:
    file.write_text("a,b\n" + "x" * 1_000_000 + ",2\n")
    assert len(str(rows(file, CSV)[0][1]["a"])) == 1_000_000


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "latin-1", "utf-8", "utf-8-sig", "UTF8"])
def test_encodings(file: Path, encoding: str) -> None:
    file.write_bytes("nom\nété\n".encode(encoding))
    assert rows(file, Layout("csv", encoding=encoding)) == [(2, {"nom": "été"})]


@pytest.mark.parametrize("before", [0, 100_000])
def test_a_wrong_encoding_says_where(file: Path, before: int) -> None:
    good = b"nom\n" + "été\n".encode() * before
    file.write_bytes(good + b"caf\xe9\n")
    with pytest.raises(ReadError, match=rf"byte {len(good) + 3} \(0xE9\) cannot be read as utf-8") as error:
        list(read(file, CSV))
    assert error.value.where == f"{file}:{before + 2}"
    assert "cp1252" in error.value.do


@pytest.mark.parametrize(
    ("body", "layout", "message"),
    [
        (b"", CSV, "no row 1 for the header: the file has 0"),
        (b",,c,\n", CSV, r"columns without a name: 1, 2 \(of 4\)"),
        ("a,b\n1,2\n".encode("utf-16-le"), CSV, "probably UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), CSV, "probably UTF-16"),
        (b"a,b\n1,2\n", Layout("csv", encoding="klingon"), "no encoding that Python knows"),
        (b"\xef\xbb\xbfa,b\n", Layout("csv", encoding="latin-1"), "mark of UTF-8"),
        (b"a,b\n", Layout("csv", delimiter=";;"), "cannot be used"),
        (b'a,b\n1,2\n3,"4\n5,6\n', CSV, "row 3: a quote opened in this row is never closed"),
        (b'a,b\n3,"' + b"x,\n" * 6_000_000, CSV, "row 2: a quote opened in this row is never closed"),
    ],
)
def test_a_file_that_is_not_what_was_said(file: Path, body: bytes, layout: Layout, message: str) -> None:
    file.write_bytes(body)
    with pytest.raises(ReadError, match=message) as error:
        list(read(file, layout))
    assert error.value.where.startswith(str(file))
    assert len(error.value.do) > 20


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8)


@given(table=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6))
def test_what_csv_writes_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, table: list[list[str]]) -> None:
    file = tmp_path_factory.mktemp("csv") / "content"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *table])
    assert [list(row.values.values()) for row in read(file, CSV) if isinstance(row, SourceRow)] == [
        row for row in table if any(row)
    ]


def peak(file: Path, layout: Layout) -> int:
    tracemalloc.start()
    for _ in read(file, layout):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("layout", [CSV, JSON])
def test_memory_is_flat(file: Path, layout: Layout) -> None:
    peaks = []
    for count in (10_000, 110_000):
        if layout is CSV:
            file.write_text("a,b\n" + "Le Zinc,Nantes\n" * count)
        else:
            file.write_text(json.dumps([{"a": "Le Zinc"}] * count))
        peaks.append(peak(file, layout))
    # A row that is kept takes more than a hundred bytes. What threads of other tests allocate meanwhile counts too.
    assert peaks[1] - peaks[0] < 10 * 100_000


# XLSX --------------------------------------------------------------------------------------------


def spreadsheet(path: Path, cells: list[list[object]], first_row: int = 0) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day, minute = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yy hh:mm"})
        book.add_worksheet("Lisez-moi")
        sheet = book.add_worksheet("Données")
        for number, row in enumerate(cells, start=first_row):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime.datetime):
                    sheet.write_datetime(number, column, cell, minute)
                elif isinstance(cell, datetime.date):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)


DATA = Layout("xlsx", sheet="Données")


def test_every_cell_of_a_spreadsheet_is_text(file: Path) -> None:
    values = [
        200029999,
        2.3520999999999996,
        " x ",
        True,
        datetime.date(2020, 1, 2),
        datetime.datetime(2020, 1, 2, 3, 4),
        None,
        44000.0,
    ]
    spreadsheet(file, [["n", "f", "t", "b", "d", "dt\nlong", "e", "cp"], values])
    assert header(file, DATA) == ["n", "f", "t", "b", "d", "dt long", "e", "cp"]
    text = ["200029999", "2.3521", " x ", "true", "2020-01-02", "2020-01-02T03:04:00", "", "44000"]
    assert [list(values.values()) for _, values in rows(file, DATA)] == [text]


def test_rows_of_a_spreadsheet_keep_their_numbers(file: Path) -> None:
    spreadsheet(file, [["a", "b"], [1, 2], [], [3, None]], first_row=4)
    layout = Layout("xlsx", sheet="Données", header=5)
    assert rows(file, layout) == [(6, {"a": "1", "b": "2"}), (8, {"a": "3", "b": ""})]


def test_a_sheet_that_is_not_there(file: Path) -> None:
    spreadsheet(file, [["a"]])
    with pytest.raises(ReadError, match="no sheet “Feuil1”; there are: Lisez-moi, Données"):
        list(read(file, Layout("xlsx", sheet="Feuil1")))
    with pytest.raises(ReadError, match="no row 1 for the header"):  # the first sheet, which is empty
        list(read(file, XLSX))


@pytest.mark.parametrize("body", [b"a,b\n", b"PK\x03\x04broken", b""])
def test_no_spreadsheet(file: Path, body: bytes) -> None:
    file.write_bytes(body)
    with pytest.raises(ReadError, match="not a spreadsheet"):
        header(file, XLSX)


# JSON --------------------------------------------------------------------------------------------


def test_objects_are_flattened_and_keep_their_digits(file: Path) -> None:
    file.write_text(
        '\ufeff[{"id": "1", "geo": {"lat": 44.20374, "long": 1e-7}, "n": 29600.0, "i": 12, "b": true, "nil": null,'
        ' "big": 12345678901234567890, "tags": ["a", 1, null, ["b", "c"], {"k": [1.50, "é"]}], "empty": {}, "no": []}]'
    )
    assert rows(file, JSON) == [
        (
            1,
            {
                "id": "1",
                "geo.lat": "44.20374",
                "geo.long": "1E-7",
                "n": "29600.0",
                "i": "12",
                "b": "true",
                "nil": "",
                "big": "12345678901234567890",
                "tags": ["a", "1", "b", "c", '{"k":[1.50,"é"]}'],
                "empty": "",
                "no": [],
            },
        )
    ]


def test_the_header_is_that_of_all_records(file: Path) -> None:
    file.write_text('[{"a": 1}, {"b": {"c": 2}, "a": 1}]')
    assert header(file, JSON) == ["a", "b.c"]
    assert header(file, Layout("json", fields=("x", "y?"))) == ["x", "y"]


def test_the_first_object_of_a_list_has_columns(file: Path) -> None:
    file.write_text(
        '[{"id": "1", "periods": [{"name": "new", "at": {"x": 1}}, {"name": "old"}]}, {"id": "2", "periods": []}]'
    )
    both = ['{"name":"new","at":{"x":1}}', '{"name":"old"}']
    assert rows(file, JSON) == [
        (1, {"id": "1", "periods": both, "periods.0.name": "new", "periods.0.at.x": "1"}),
        (2, {"id": "2", "periods": []}),
    ]


def test_arrays_take_the_names_of_their_positions(file: Path) -> None:
    file.write_text('{"data": [["10WL", "Le Zinc", 43.56198, [10496, 2]], ["x"], ["y", "z", 1, [], 5], null]}')
    layout = Layout("json", items="data.item", fields=("id", "name", "lat", "categories"))
    assert list(read(file, layout)) == [
        SourceRow(1, {"id": "10WL", "name": "Le Zinc", "lat": "43.56198", "categories": ["10496", "2"]}),
        RaggedRow(2, 1, 4),
        RaggedRow(3, 5, 4),
        RaggedRow(4, 0, 4),
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"Vous \u00eates l\u00e0", "Vous êtes là"),
        (r"http:\/\/x.fr\/a", "http://x.fr/a"),
        (r"\"un\"\ndeux\ttrois \\u00e9", '"un"\ndeux\ttrois \\u00e9'),
        (r"\ud83d\ude00 et \ud83d seul", "😀 et � seul"),
        (r"\u12 \x \u", r"\u12 \x \u"),
    ],
)
def test_escapes_of_escapes(file: Path, raw: str, text: str) -> None:
    file.write_text(json.dumps([{"a": raw, "b": [raw]}]))
    assert rows(file, Layout("json", escaped_twice=True)) == [(1, {"a": text, "b": [text]})]
    assert rows(file, JSON) == [(1, {"a": raw, "b": [raw]})]


@pytest.mark.parametrize(
    ("body", "items", "expected"),
    [
        ('{"data":[{"a":1},{"a":2}]}\n{"data":[{"a":3}]}', "data.item", [(1, "1"), (2, "2"), (3, "3")]),
        ('{"a":1}\n{"a":2}', "", [(1, "1"), (2, "2")]),
        ('{"e":{"k.1":{"a":1},"k2":{"a":2}}}', "e.*", [(1, "1"), (2, "2")]),
        ('{"e":[{"a":1}]}', "e.*", [(1, "1")]),
        ('{"e":{}}', "e.*", []),
        ('{"e":[{"a":2}]}\n{"e":{"k":{"a":1}}}', "e.*", [(1, "1"), (2, "2")]),
    ],
)
def test_documents_that_follow_each_other_and_objects_keyed_by_id(
    file: Path, body: str, items: str, expected: list[tuple[int, str]]
) -> None:
    file.write_text(body)
    assert [(number, values["a"]) for number, values in rows(file, Layout("json", items=items))] == expected


def test_the_key_of_an_object_is_a_column(file: Path) -> None:
    file.write_text('{"e": {"k.1": {"a": 1}, "k2": {"a": {"b": 2}}}}')
    keyed = rows(file, Layout("json", items="e.*"))
    assert keyed == [(1, {"_key": "k.1", "a": "1"}), (2, {"_key": "k2", "a.b": "2"})]


def test_the_second_document_is_broken(file: Path) -> None:
    file.write_text('{"d": [{"a": 1}]}\n{"d": [{"a": }]}')
    with pytest.raises(ReadError, match="Expecting value") as error:
        list(read(file, Layout("json", items="d.item")))
    assert error.value.where == f"{file}:2"


def test_json_lines_have_the_numbers_of_their_lines(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf{"a": 1.50, "b": {"c": [1, 2]}}\n\n{"a": null}\n')
    assert rows(file, Layout("jsonl")) == [(1, {"a": "1.50", "b.c": ["1", "2"]}), (3, {"a": ""})]
    file.write_text('{"a": 1}\n{"a": \n')
    with pytest.raises(ReadError, match="not JSON") as error:
        list(read(file, Layout("jsonl")))
    assert error.value.where == f"{file}:2"


def test_geojson_has_the_place_of_points_only(file: Path) -> None:
    point = {"type": "Feature", "id": 7, "geometry": {"type": "Point", "coordinates": [-1.5, 47.25, 3]}}
    area = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 0]]]}}
    none = {"type": "Feature", "geometry": None, "properties": {"NOM": "x"}}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [point, area, none]}))
    place = {"geometry.longitude": "-1.5", "geometry.latitude": "47.25"}
    assert rows(file, Layout("geojson")) == [
        (1, {"type": "Feature", "id": "7", "geometry.type": "Point", **place}),
        (2, {"type": "Feature", "geometry.type": "Polygon"}),
        (3, {"type": "Feature", "geometry": "", "properties.NOM": "x"}),
    ]


def test_geometries_of_one_point_have_its_place_and_others_are_told(file: Path) -> None:
    point = {"type": "Point", "coordinates": [5.5, 46.7]}
    geometries = [
        {"type": "MultiPoint", "coordinates": [[5.5, 46.7]]},
        {"type": "GeometryCollection", "geometries": [point]},
        {"type": "MultiPoint", "coordinates": [[5.5, 46.7], [5.6, 46.8]]},
        {"type": "GeometryCollection", "geometries": [point, point]},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [None, None]},
        None,
    ]
    features = [{"type": "Feature", "id": n, "geometry": one} for n, one in enumerate(geometries)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    issues: list[RowIssue] = []
    found = list(read(file, Layout("geojson"), None, issues.append))
    places = [row.values.get("geometry.longitude") for row in found if isinstance(row, SourceRow)]
    assert places == ["5.5", "5.5", None, None, None, None, None]
    assert [issue.row for issue in issues] == [3, 4, 5, 6]
    list(read(file, Layout("geojson"), {"id"}, issues.append))  # nobody asks for the place
    assert len(issues) == 4


@pytest.mark.parametrize("layout", [JSON, Layout("jsonl"), Layout("json", items="*")])
def test_keys_given_twice_are_told(file: Path, layout: Layout) -> None:
    record = '{"a": 1, "a": 2, "b": {"c": 1, "c": 1, "d": 3, "d": 4}}'
    file.write_text({"json": f"[{record}]", "jsonl": record}[layout.format])
    issues: list[RowIssue] = []
    [row] = list(read(file, layout, None, issues.append))
    assert isinstance(row, SourceRow)
    assert row.values == {"a": "2", "b.c": "1", "b.d": "4"}
    assert issues == [RowIssue("key-repeated", 1, key, {"key": key}) for key in ("a", "b.d")]


def test_an_open_document_sheet_reads_as_a_spreadsheet(file: Path) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row>{}</table:table-row>"
    body = "".join(row.format("".join(map(cell.format, line))) for line in [("id", "nom"), ("01", "été")])
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<?xml version='1.0' encoding='UTF-8'?><office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="F">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        out.writestr("META-INF/manifest.xml", "<manifest/>")
        out.writestr("content.xml", content)
    assert rows(file, Layout("ods", sheet="F")) == [(2, {"id": "01", "nom": "été"})]


@given(raw=st.text(st.sampled_from('\\u"/nd83e0 é') | st.characters()))
def test_unescaping_never_fails(raw: str) -> None:
    unescape(raw.encode("utf-8", "replace").decode()).encode("utf-8")


@pytest.mark.parametrize(
    ("body", "layout", "message", "line"),
    [
        (b'[{"a": 1},\n{"a": }]', JSON, r"Expecting value \(column 7, byte 17\)", 2),
        ('[{"é": 1},\n{"a": 2}'.encode(), JSON, r"not JSON: .*byte 20", 2),
        (b'[{"a": "caf\xe9"}]', JSON, r"not UTF-8 \(byte 11\)", 1),
        (b"", JSON, "not JSON", 1),
        (b'[{"a":' + b'{"a":' * 5000 + b"1" + b"}" * 5001 + b"]", JSON, "200 deep", None),
    ],
)
def test_broken_json_says_where(file: Path, body: bytes, layout: Layout, message: str, line: int | None) -> None:
    file.write_bytes(body)
    with pytest.raises(ReadError, match=message) as error:
        list(read(file, layout))
    assert error.value.where == (f"{file}:{line}" if line else str(file))


@pytest.mark.parametrize(
    ("body", "layout", "message"),
    [
        ('{"licence": "x", "data": [{"a": 1}]}', Layout("json", items="items.item"), "an object with licence, data"),
        ('{"data": [{"a": 1}]}', JSON, "an object with data"),
        ('[{"a": 1}]', Layout("json", items="data.item"), "no object, but a list"),
        ("{}", JSON, "an object with no key"),
        ('[["a"]]', JSON, "the records are arrays"),
        ('[{"a": 1}]', Layout("json", fields=("a",)), "the records are objects"),
    ],
)
def test_records_that_are_not_where_they_should(file: Path, body: str, layout: Layout, message: str) -> None:
    file.write_text(body)
    with pytest.raises(ReadError, match=message) as error:
        list(read(file, layout))
    assert "source.yaml" in error.value.do


@pytest.mark.parametrize(("body", "items"), [("[]", "item"), ('{"data": []}', "data.item")])
def test_no_records_are_no_error(file: Path, body: str, items: str) -> None:
    file.write_text(body)
    assert list(read(file, Layout("json", items=items))) == []


# The real registries -----------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "layout", "count", "cell"),
    [
        ("tiers_lieux_cget_2019/CGET_TiersLieux_2019.csv", CSV, 1512, ("NOM_TL", "ADE Coworking")),
        ("ess_numerique/x_enriched.csv", CSV, 3664, ("siren", "062201199")),
        ("decoupage_administratif/epcicom.xlsx", XLSX, 34871, ("siren", "200029999")),
        (
            "gogocarto_pwa/elements-gogofull.json",
            Layout("json", items="data.item", escaped_twice=True),
            23,
            ("website", "http://app.cagette.net/group/558"),
        ),
        (
            "gogocarto_pwa/elements-gogocompact.json",
            Layout("json", items="data.item", fields=("id", "name", "latitude", "longitude", "categories")),
            75,
            ("latitude", "43.56198"),
        ),
    ],
)
def test_real_registries_are_read_whole(
    shared: Path, name: str, layout: Layout, count: int, cell: tuple[str, str]
) -> None:
    found = list(read(shared / "registries" / name, layout))
    assert len(found) == count
    assert isinstance(found[0], SourceRow)
    assert found[0].values[cell[0]] == cell[1]
    assert not [row for row in found if isinstance(row, RaggedRow)]


def test_positions_that_may_be_missing_at_the_end_of_an_array(tmp_path: Path) -> None:
    file = tmp_path / "compact.json"
    file.write_text('[["a", 1.5], ["b", 2.5, -1], ["c"], ["d", 3.5, 1, 0]]', encoding="utf-8")
    rows = list(read(file, Layout("json", fields=("id", "latitude", "status?"))))
    assert rows == [
        SourceRow(1, {"id": "a", "latitude": "1.5", "status": ""}),
        SourceRow(2, {"id": "b", "latitude": "2.5", "status": "-1"}),
        RaggedRow(3, 1, 3),
        RaggedRow(4, 4, 3),
    ]
