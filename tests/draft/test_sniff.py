"""What a file is, from its bytes."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from clirld.draft import sniff
from clirld.draft.sniff import layout_of
from clirld.draft.sniff_text import delimiter_of, encoding_of, header_of
from clirld.errors import ReadError
from clirld.read.layout import Layout

REAL = {
    "tiers_lieux_cget_2019/CGET_TiersLieux_2019.csv": ("csv", "utf-8", ",", 1512, 30),
    "ess_numerique/x_enriched.csv": ("csv", "utf-8", ",", 2000, 66),
    "rna_sample/rna_sample_waldec.csv": ("csv", "utf-8", ";", 3, 41),
    "anct_zonages/densite.csv": ("csv", "utf-8-sig", ",", 2000, 3),
}


def write(folder: Path, content: str | bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


FRENCH = "id;nom\n1;Ressourcerie créée à l'été, près de la forêt où l'on sème\n2;Où ça ? À Nîmes\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"id;nom\n1;Le lieu\n", "utf-8"),
        (FRENCH.encode(), "utf-8"),
        (FRENCH.encode("utf-8-sig"), "utf-8-sig"),
        (FRENCH.encode("utf-16"), "utf-16"),
        (FRENCH.encode("latin-1"), "latin-1"),
        (FRENCH.replace("l'", "l’").encode("cp1252"), "cp1252"),
        ((FRENCH + "3;Le cœur à 5 €\n").encode("cp1252"), "cp1252"),
        (FRENCH.encode("mac_roman"), "mac_roman"),
        (FRENCH.encode("cp850"), "cp850"),
    ],
)
def test_encoding(content: bytes, encoding: str) -> None:
    assert encoding_of(content) == encoding


def test_utf8_cut_within_a_character_is_still_utf8() -> None:
    assert encoding_of("é".encode()[:1], whole=False) == "utf-8"
    assert encoding_of(b"x\xe9", whole=True) == "latin-1"


def test_latin1_is_only_said_of_what_was_seen_whole() -> None:
    assert encoding_of(FRENCH.encode("latin-1") + b" ", whole=False) == "cp1252"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter(delimiter: str) -> None:
    rows = [["id", "nom", "ville"], ["1", "Le lieu", "Dole"], ["2", "L'atelier", "Lons"]]
    assert delimiter_of([delimiter.join(row) + "\n" for row in rows]) == delimiter


def test_delimiter_is_not_taken_from_inside_the_texts() -> None:
    assert delimiter_of(["id;nom\n", '1;"a, b, c"\n', "2;a, b\n", "3;a, b; c\n"]) == ";"
    assert delimiter_of(["nom\n", "Dole\n"]) == ","


def test_header_under_a_preamble() -> None:
    rows = [["Liste des lieux", "", ""], ["Mise à jour 2025", "", ""], [], ["Code", "Nom", "Ville"], ["1", "a", ""]]
    assert header_of(rows) == 4
    assert header_of(rows[3:]) == 1
    assert header_of([]) == 1


def test_of_two_headers_the_one_in_codes() -> None:
    assert header_of([["nom", "ville"], ["EXEMPLE", "LYON"], ["AUTRE", "PARIS"]]) == 1
    assert header_of([["Code géographique", "Libellé"], ["CODGEO", "LIBGEO"], ["01001", "L'Abergement"]]) == 2


def test_profile(tmp_path: Path) -> None:
    found = sniff.sniff(write(tmp_path, "id;ville\n1;Dole\n2;\n3;Dole\n"))
    identifier, ville = found.columns
    assert (found.rows, found.complete) == (3, True)
    assert identifier.unique
    assert (ville.filled, ville.counts, ville.unique) == (2, {"Dole": 2}, False)
    assert ville.fill_rate == pytest.approx(2 / 3)


def test_only_the_first_rows_are_looked_at(tmp_path: Path) -> None:
    found = sniff.sniff(write(tmp_path, "id\n" + "".join(f"a{n}\n" for n in range(3000))))
    assert (found.rows, found.complete) == (sniff.MAX_ROWS, False)


def objects(count: int) -> list[dict[str, object]]:
    return [{"id": n, "tags": [{"a": m} for m in range(9)]} for n in range(count)]


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (objects(3), "item"),
        ({"total": 3, "links": ["a", "b"], "results": objects(3)}, "results.item"),
        ({"a": {"b": objects(2)}, "other": objects(1)}, "a.b.item"),
        ({"features": [{"geometry": {"coordinates": [[n, n] for n in range(50)]}}] * 2}, "features.item"),
        ({"data": [["a", "Le lieu", 47.1, 5.1, [1, 2]]] * 3}, "data.item"),
    ],
)
def test_json_records_are_the_largest_outer_array(tmp_path: Path, data: object, items: str) -> None:
    assert layout_of(write(tmp_path, json.dumps(data)))[0].items == items


def test_positions_of_arrays_get_names_and_double_escapes_are_seen(tmp_path: Path) -> None:
    layout = layout_of(write(tmp_path, json.dumps([["a", "caf\\u00e9"], ["b", "x"]])))[0]
    assert layout.fields == ("field_1", "field_2")
    assert layout.escaped_twice
    assert not layout_of(write(tmp_path, json.dumps([{"a": "café"}])))[0].escaped_twice


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"var elements = [{}];", "JavaScript"),
        (b"PK\x03\x04 and no more", "not a ZIP archive"),
        (b"a;b\0c\n", "not text"),
        (b'{"a": 1}', "no array of records"),
        (b'{"a": 1}\n{"a": }\n', "not JSON"),
        (b'{"a": 1}\n{"a": 2}\n{"a": }\n', "not JSON"),
        (b'{"a": 1}\n{"a": 2}\n' + b'{"a": ' * 100_000, "not JSON"),
        (b"# A page of text\n\nIt has no columns at all.\n", "text, not a table"),
        (b"a;b\n", "no rows"),
    ],
)
def test_what_cannot_be_read_says_what_it_is(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message) as problem:
        sniff.sniff(write(tmp_path, content))
    assert problem.value.do


@pytest.mark.parametrize(
    ("content", "layout", "columns"),
    [
        ('{"a": 1}\n{"a": 2, "b": 3}\n', Layout("jsonl"), ["a", "b"]),
        ('{"data": [{"a": 1}, {"a": 2}]}\n{"data": [{"a": 3}]}\n', Layout("json", items="data.item"), ["a"]),
        ('{"entities": {"x": {"a": 1}, "y": {"a": 2}}}', Layout("json", items="entities.*"), ["_key", "a"]),
        ('{"x": {"a": 1}, "y": {"a": 2}}', Layout("json", items="*"), ["_key", "a"]),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}, "geometry": 0}]}',
            Layout("geojson", items="features.item"),
            ["type", "properties.a", "geometry"],
        ),
        (
            '@prefix ex: <https://example.org/> .\nex:a ex:name "A" .\n',
            Layout("rdf", syntax="turtle", prefixes={"ex": "https://example.org/"}),
            ["_subject", "ex:name"],
        ),
        ('<https://example.org/a> <https://example.org/b> "c" .\n', Layout("rdf", syntax="turtle"), None),
    ],
)
def test_layouts(tmp_path: Path, content: str, layout: Layout, columns: list[str] | None) -> None:
    found = sniff.sniff(write(tmp_path, content))
    assert found.layout == layout
    assert columns is None or [column.name for column in found.columns] == columns


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"total": 57, "lieux": [{"a": 1}, {"a": 2}]}', ("total", 57)),
        ('{"meta": {"total_count": 3}, "lieux": [{"a": 1, "count": 9}, {"a": 2}]}', ("meta.total_count", 3)),
        ('{"total": 2, "lieux": [{"a": 1}, {"a": 2, "total": 9}]}', None),
        ('[{"a": 1, "total": 9}, {"a": 2}]', None),
    ],
)
def test_a_page_of_an_api_promises_more_than_it_has(
    tmp_path: Path, content: str, found: tuple[str, int] | None
) -> None:
    assert sniff.sniff(write(tmp_path, content)).stated_total == found


def test_parquet_and_members_of_archives(tmp_path: Path) -> None:
    pl.DataFrame({"a": ["x"]}).write_parquet(tmp_path / "p")
    assert sniff.sniff(tmp_path / "p").layout == Layout("parquet")
    path = tmp_path / "file.zip"
    table = "a;b\n1;2\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", table * 2)
        archive.writestr("lisez-moi.txt", "rien")
    found = sniff.sniff(path)
    assert found.layout == Layout("csv", delimiter=";", member="one.csv")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("two.csv", table)
    assert sniff.sniff(path).layout.member == "*.csv"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("three.csv", "other\n1\n")
    assert sniff.sniff(path).layout.member == "one.csv"


@pytest.mark.real
@pytest.mark.parametrize("file", REAL)
def test_real_csv(shared: Path, file: str) -> None:
    found = sniff.sniff(shared / "registries" / file)
    layout = found.layout
    facts = (layout.format, layout.encoding, layout.delimiter, found.rows, len(found.columns))
    assert facts == REAL[file]


@pytest.mark.real
def test_real_spreadsheets_and_json(shared: Path) -> None:
    folder = shared / "registries"
    epci = layout_of(folder / "decoupage_administratif/epcicom.xlsx")[0]
    assert (epci.format, epci.sheet, epci.header) == ("xlsx", "Epcicom2025", 1)
    ept = layout_of(folder / "decoupage_administratif/ept.xlsx")[0]
    assert (ept.sheet, ept.header) == ("Composition_communale", 6)
    full = layout_of(folder / "gogocarto_pwa/elements-gogofull.json")[0]
    assert (full.format, full.items, full.fields, full.escaped_twice) == ("json", "data.item", (), True)
    assert len(layout_of(folder / "gogocarto_pwa/elements-gogocompact.json")[0].fields) == 5
    assert layout_of(folder / "anct_programmes/france_services_2021.geojson")[0].items == "features.item"


# What was not taken is said ----------------------------------------------------------------------


def notes(path: Path) -> str:
    return " | ".join(note.fr for note in sniff.sniff(path).notes)


def test_hidden_sheets_are_never_the_guess(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows, columns in (
            ("Lieux", 3, "ab"),
            ("Brouillon", 90, "abc"),
            ("Lisez-moi", 1, "x"),
            ("2024", 2, "ab"),
        ):
            sheet = book.add_worksheet(name)
            for number, row in enumerate([list(columns), *[[f"{name}{n}", *columns[1:]] for n in range(rows)]]):
                sheet.write_row(number, 0, row)
            if name == "Brouillon":
                sheet.hide()
    found = sniff.sniff(path)
    assert (found.layout.sheet, found.rows) == ("Lieux", 3)
    assert "autres feuilles, non lues : Lisez-moi, 2024 (=)" in notes(path)
    assert "feuilles masquées, non lues : Brouillon" in notes(path)


CSV_A, CSV_B, CSV_OTHER = "id;nom\n1;a\n", "nom;id\nb;2\n", "x;y;z\n1;2;3\n"


@pytest.mark.parametrize(
    ("members", "member", "rows", "said"),
    [
        ({"a.csv": CSV_A, "b.csv": CSV_B, "__MACOSX/._a.csv": "x" * 99}, "*.csv", 2, "lus ensemble : a.csv, b.csv"),
        ({"a.csv": CSV_A * 2, "b.csv": CSV_A, "c.csv": CSV_OTHER}, "a.csv", 3, "mêmes colonnes, mais non lus : b.csv"),
        ({"a.csv": CSV_A, "lisez-moi.pdf": "%PDF" * 99}, "a.csv", 1, "non lus : lisez-moi.pdf"),
        ({"a[1].csv": CSV_A}, "a[[]1].csv", 1, ""),
    ],
)
def test_members_of_an_archive(tmp_path: Path, members: dict[str, str], member: str, rows: int, said: str) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    found = sniff.sniff(path)
    assert (found.layout.member, found.rows) == (member, rows)
    assert said in notes(path)
    assert "MACOSX" not in notes(path)


def test_rows_above_the_header_and_rows_that_cannot_be_read(tmp_path: Path) -> None:
    body = "".join(f"{n};Lieu {n};{n}\n" for n in range(8))
    path = write(tmp_path, f'Liste;;\nau 1er janvier;;\nid;nom;cp\n{body}8;trop;de;cellules\n9;"Un "lieu"";1\n')
    found = sniff.sniff(path)
    assert (found.layout.header, found.rows, found.rows_read, found.rows_outside) == (3, 9, 12, 2)
    assert "au-dessus des titres de colonnes, non lues : 2" in notes(path)
    assert "lignes illisibles (nombre de cellules, ou guillemet) : 1" in notes(path)
    assert "ligne 13 : des guillemets" in notes(path)


def test_a_row_with_a_delimiter_too_many_is_no_header() -> None:
    assert header_of([["id", "nom", "cp"], *[["1", "a", "b"]] * 4, ["1", "a", "b", "c"]]) == 1


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(tmp_path: Path, encoding: str) -> None:
    found = sniff.sniff(write(tmp_path, FRENCH.encode(encoding)))
    assert (found.layout.encoding, found.rows) == (encoding, 2)


def test_a_contour_is_longer_than_cells_usually_are(tmp_path: Path) -> None:
    outline = f"POLYGON(({', '.join(['4.5 46.5'] * 20_000)}))"
    profile = sniff.sniff(write(tmp_path, f'nom;contour\nInventée;"{outline}"\nAutre;\n'.encode()))
    assert [column.name for column in profile.columns] == ["nom", "contour"]


def test_compressed_and_with_a_nul(tmp_path: Path) -> None:
    text = "id;nom\n" + "".join(f"{n};Lieu {n}\n" for n in range(30)) + "30;Li\0eu\n"
    assert sniff.sniff(write(tmp_path, gzip.compress(text.encode()))).rows == 31


WORDS = st.lists(
    st.sampled_from(["été", "à", "forêt", "où", "Médiathèque", "Noël", "çà", "l'Île", "âgé"]), min_size=3, unique=True
)


@given(words=WORDS, encoding=st.sampled_from(["cp1252", "cp850", "mac_roman"]))
def test_french_letters_tell_the_encoding(words: list[str], encoding: str) -> None:
    text = f"id;nom\n1;{' '.join(words)}\n"
    found = encoding_of(text.encode(encoding))
    assert text.encode(encoding).decode(found) == text
