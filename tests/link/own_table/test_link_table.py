"""Rows of a table of one's own are linked to what they are, with the reason, and all of them are accounted for."""

from __future__ import annotations

import csv
import json
import socket
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError, DataError, ReadError, UsageError
from clirld.link.own_table import compare, output
from clirld.link.own_table.link_table import LinkedTable, measured
from clirld.link.own_table.notebook import link

ROWS = [
    ["Nom", "Code postal", "Ville", "SIREN", "Année", "Note"],
    ["EXEMPLE LE QUAI", "44000", "NANTES", "", "2020", ""],
    ["Exemple, le Quai", "44000", "Nantes", "", "2021", ""],
    ["Exemple – Recyclerie du Port", "40200", "Mimizan", "", "2021", "-"],
    ["EXEMPLE SCOP 1", "44000", "Nantes", "000 003 004", "2021", "même numéro"],
    ["Exemple – La Fabrique du Jura", "59000", "Lille", "", "2021", ""],
    ["Zzyzx Wqrt", "69001", "Lyon", "", "2021", ""],
    ["", "75001", "Paris", "", "2021", "sans nom"],
]


def table(path: Path, rows: list[list[str]], delimiter: str = ";", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


@pytest.fixture(scope="module")
def release(samples: Path) -> Path:
    return (samples / "current").resolve()


@pytest.fixture(scope="module")
def linked(release: Path, tmp_path_factory: pytest.TempPathFactory) -> LinkedTable:
    return link(table(tmp_path_factory.mktemp("own") / "mine.csv", ROWS), release)


def by_row(linked: LinkedTable, column: str) -> list[Any]:
    return linked.rows[column].to_list()


def test_each_row_is_linked_or_not(linked: LinkedTable) -> None:
    assert by_row(linked, "clirld_initiative_verdict")[:3] == ["sure"] * 3  # one thing in two years, twice spelled
    links = by_row(linked, "clirld_initiative")
    assert links[0] == links[1] != links[2]
    assert links[3:] == [None] * 4
    assert by_row(linked, "clirld_organization_verdict")[3] == "sure"
    assert by_row(linked, "clirld_organization")[3] == "https://w3id.org/clirld/id/organization/siren-000003004"
    assert by_row(linked, "clirld_organization_kinds")[3] == "number"
    assert by_row(linked, "clirld_commune")[0] == "https://w3id.org/clirld/id/territory/commune-44109"
    assert by_row(linked, "Note") == [row[5] for row in ROWS[1:]]
    assert by_row(linked, "clirld_row") == list(range(2, 9))


def test_a_link_says_whose_it_is(linked: LinkedTable) -> None:
    first = linked.rows.row(0, named=True)
    assert first["clirld_initiative_source"] == "france-tiers-lieux"
    assert first["clirld_initiative_license"].startswith("https://")
    assert (first["clirld_initiative_kinds"], first["clirld_initiative_precision"]) == ("name place", 1.0)


def test_what_is_not_linked_has_the_nearest_and_why_not(linked: LinkedTable) -> None:
    found = linked.candidates.filter((pl.col("table") == "initiative") & (pl.col("verdict") != "sure"))
    words = output.words()["why_not"]
    assert set(words) == set(compare.WHY_NOT)
    assert all(found["why_not"].is_in(list(words)))
    elsewhere = found.filter(pl.col("row") == 6).row(0, named=True)
    assert (elsewhere["thing_name"], elsewhere["why_not"]) == ("Exemple – La Fabrique du Jura", "another-commune")
    lyon = linked.candidates.filter(pl.col("row") == 7)
    assert lyon.group_by("table").len()["len"].max() <= compare.NEAREST
    assert set(lyon["verdict"]) <= {"near"}


def test_two_things_of_one_place_are_not_both_one_thing(release: Path, tmp_path: Path) -> None:
    """Rows that fit one thing and are called otherwise are looked at by a person."""
    rows = [ROWS[0], ROWS[3], ["Exemple Recyclerie du Port de plaisance et du canal", "40200", "Mimizan", "", "", ""]]
    found = link(table(tmp_path / "mine.csv", rows), release)
    assert by_row(found, "clirld_initiative_verdict") == ["sure", "possible"]


def copied(release: Path, folder: Path, **changed: pl.Expr) -> Path:
    """The tables of a release, with `Exemple – Le Quai` told by another source too, but for what is changed."""
    (folder / "tables" / "one").mkdir(parents=True)
    for name in ("territory", "initiative", "organization"):
        frames = [pl.read_parquet(path) for path in sorted(release.glob(f"tables/*/{name}.parquet"))]
        frame = pl.concat(frames, how="diagonal")
        if name == "initiative":
            quai = frame.filter(pl.col("name") == "Exemple – Le Quai").head(1)
            frame = pl.concat([frame, quai.with_columns(key=pl.lit("another"), source=pl.lit("another"), **changed)])
        frame.write_parquet(folder / "tables" / "one" / f"{name}.parquet")
    return folder


def test_of_two_records_as_good_neither_is_sure_alone(release: Path, tmp_path: Path) -> None:
    """As the reconciliation service does, which matches neither."""
    twice = copied(release, tmp_path / "twice")
    found = link(table(tmp_path / "mine.csv", ROWS[:2]), twice)
    both = found.candidates.filter((pl.col("table") == "initiative") & (pl.col("score") == 150))
    assert both.select("verdict", "why_not").rows() == [("possible", "several")] * 2
    assert by_row(found, "clirld_initiative") == [None]
    # A person has said that they are one.
    one, other = (key.rpartition("/")[2] for key in both["thing"])
    (twice / "links").mkdir()
    columns = {
        "subject_id": f"initiative:{one}", "predicate_id": "skos:exactMatch", "object_id": f"initiative:{other}",
        "mapping_justification": "semapv:ManualMappingCuration", "author_id": "reviewer:ada",
        "mapping_date": "2026-11-30",
    }  # fmt: skip
    text = "\n".join("\t".join(cells) for cells in (columns, columns.values()))
    (twice / "links" / "same.sssom.tsv").write_text(f"{text}\n", encoding="utf-8")
    again = link(table(tmp_path / "mine.csv", ROWS[:2]), twice)
    assert by_row(again, "clirld_initiative_verdict") == ["sure"]


def test_a_commune_that_is_another_is_no_evidence_of_a_place(release: Path, tmp_path: Path) -> None:
    elsewhere = copied(release, tmp_path / "elsewhere", commune=pl.lit("44162"))
    found = link(table(tmp_path / "mine.csv", ROWS[:2]), elsewhere).candidates
    found = found.filter((pl.col("table") == "initiative") & (pl.col("name") == 100))
    assert found.select("verdict", "kinds", "commune", "departement", "why_not").rows() == [
        ("sure", "name place", True, True, None),
        ("possible", "name", False, True, "another-commune"),
    ]


def test_an_official_number_is_worth_more_than_a_name(release: Path, tmp_path: Path) -> None:
    rows = [["Nom", "Commune", "SIREN"], ["Exemple – Coopérative des Rives", "Nantes", "000003004"]]
    found = link(table(tmp_path / "mine.csv", rows), release).candidates.filter(pl.col("table") == "organization")
    assert found.select("thing", "verdict").rows()[0] == (
        "https://w3id.org/clirld/id/organization/siren-000003004", "sure",
    )  # fmt: skip
    assert set(found["verdict"][1:]) <= {"possible", "conflict"}


@pytest.mark.parametrize(
    ("write", "read_as"),
    [
        (lambda path: table(path / "a.csv", ROWS, ",", "cp1252"), "name"),
        (lambda path: pl.DataFrame(ROWS[1:], schema=ROWS[0], orient="row"), "name"),
        (lambda path: parquet(path / "a.parquet"), "name"),
        (lambda path: as_json(path / "a.json"), "name"),
    ],
)
def test_any_format_gives_the_same_links(
    release: Path, linked: LinkedTable, tmp_path: Path, write: Any, read_as: str
) -> None:
    found = link(write(tmp_path), release)
    assert found.account["read_as"]["Nom"] == read_as
    assert by_row(found, "clirld_initiative") == by_row(linked, "clirld_initiative")


def parquet(path: Path) -> Path:
    pl.DataFrame(ROWS[1:], schema=ROWS[0], orient="row").write_parquet(path)
    return path


def as_json(path: Path) -> Path:
    path.write_text(json.dumps([dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]), encoding="utf-8")
    return path


def test_a_frame_of_pandas_will_do(release: Path, linked: LinkedTable) -> None:
    class Frame:
        """What is asked of one."""

        def to_csv(self, path: Path, *, index: bool) -> None:
            assert not index
            table(path, ROWS, ",")

    assert by_row(link(Frame(), release), "clirld_initiative") == by_row(linked, "clirld_initiative")
    with pytest.raises(UsageError, match="no table"):
        link(3, release)


def test_nothing_is_asked_of_the_network(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    link(table(tmp_path / "mine.csv", ROWS), release)
    with pytest.raises(AssertionError):
        socket.create_connection(("127.0.0.1", 9))


def test_rows_that_cannot_be_read_stay_and_say_so(release: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    lines = ["Nom;Ville;Note", *["Exemple – Le Quai;Nantes;-"] * 8]
    lines[2:2] = ["un;deux", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = link(path, release)
    assert by_row(found, "clirld_initiative_verdict")[1] == "unread"
    assert found.account["unread"] == {"3": "width"}
    assert by_row(found, "clirld_row") == [2, 3, *range(5, 12)]
    assert found.rows.height == found.account["rows"] == 9


def test_a_table_of_places_alone(release: Path, tmp_path: Path) -> None:
    found = link(
        table(tmp_path / "a.csv", [["insee", "pop"], ["44109", "320"], ["1004", "14"], ["99999", "3"]]), release
    )
    assert by_row(found, "clirld_commune")[0] == "https://w3id.org/clirld/id/territory/commune-44109"
    assert by_row(found, "clirld_commune")[2] is None
    assert set(by_row(found, "clirld_initiative_verdict")) == {"none"}


def test_an_earlier_release_says_which_links_changed(samples: Path, release: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    (earlier / "tables" / "one").mkdir(parents=True)
    things = pl.concat(pl.read_parquet(path) for path in sorted(release.glob("tables/*/initiative.parquet")))
    is_quai = pl.col("name") == "Exemple – Le Quai"
    things = things.filter(pl.col("name") != "Exemple – Recyclerie du Port").with_columns(
        key=pl.when(is_quai).then(pl.lit("another")).otherwise("key")
    )
    things.write_parquet(earlier / "tables" / "one" / "initiative.parquet")
    territory = next(release.glob("tables/*/territory.parquet"))
    (earlier / "tables" / "one" / "territory.parquet").write_bytes(territory.read_bytes())
    found = link(table(tmp_path / "mine.csv", ROWS), release, since=earlier)
    assert by_row(found, "clirld_initiative_since") == ["other", "other", "new", None, None, None, None]
    back = link(table(tmp_path / "mine.csv", ROWS), earlier, since=release)
    assert by_row(back, "clirld_initiative_since") == ["other", "other", "gone", None, None, None, None]
    same = link(table(tmp_path / "mine.csv", ROWS), release, since=release)
    assert by_row(same, "clirld_initiative_since")[:3] == ["same"] * 3


@pytest.mark.parametrize(
    ("content", "columns", "error", "said"),
    [
        (b"", {}, ReadError, "empty"),
        (b"Nom;Ville\n", {}, ClirldError, "row"),
        (b"Nom;Ville\na;b\n", {"Nome": "name"}, UsageError, "no column"),
        (b"Nom;Ville\na;b\n", {"Nom": "nom"}, UsageError, "cannot be read as"),
        (b"x;y\n1;2\n3;4\n", {}, DataError, "no column seems"),
        (b"%PDF-1.4", {}, ReadError, "PDF"),
    ],
)
def test_what_cannot_be_linked(
    release: Path, tmp_path: Path, content: bytes, columns: dict[str, str], error: type[ClirldError], said: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=said):
        link(path, release, columns=columns)


def test_no_file_and_no_release(release: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        link(tmp_path / "none.csv", release)
    with pytest.raises(DataError, match="no release with tables"):
        link(table(tmp_path / "mine.csv", ROWS), tmp_path)
    given = ["link", str(tmp_path / "mine.csv"), "--data", str(tmp_path / "nothing")]
    with pytest.raises(DataError, match="no release yet") as caught:
        CliRunner().invoke(app.app, given, catch_exceptions=False)
    assert "--release DIR" in caught.value.do


def test_a_linked_table_is_linked_anew(samples: Path, release: Path, tmp_path: Path) -> None:
    rows = [["row", *ROWS[0]], *([str(n), *row] for n, row in enumerate(ROWS[1:]))]
    out = tmp_path / "linked.csv"
    output.write(link(table(tmp_path / "mine.csv", rows), release), out, "fr")
    again = link(out, release)
    assert again.rows.columns[:3] == ["clirld_row", "row", "Nom"]
    assert by_row(again, "clirld_initiative_verdict")[:3] == ["sure"] * 3
    assert len(set(again.rows.columns)) == len(again.rows.columns)


def test_numbers_of_establishments_alone_and_columns_of_ones_own(release: Path, tmp_path: Path) -> None:
    rows = [["siret", "clirld_note"], ["00000300400017", "gardée"], ["00000301200010", ""]]
    found = link(table(tmp_path / "mine.csv", rows), release)
    assert by_row(found, "clirld_organization")[0] == "https://w3id.org/clirld/id/organization/siren-000003004"
    assert by_row(found, "clirld_note") == ["gardée", ""]


def test_a_folder_and_a_cell_too_long_are_told(release: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="folder"):
        link(tmp_path, release)
    limit = csv.field_size_limit(1 << 17)
    try:
        with pytest.raises(ReadError, match="not a table"):
            link(table(tmp_path / "mine.csv", [["Nom", "Ville"], ["y" * 200_000, "Lyon"]]), release)
    finally:
        csv.field_size_limit(limit)


def test_a_person_says_what_columns_are(release: Path, tmp_path: Path) -> None:
    rows = [["a", "b", "c"], *([row[0], row[2], row[1]] for row in ROWS[1:4])]
    found = link(table(tmp_path / "mine.csv", rows), release, columns={"a": "name", "b": "locality", "c": "postcode"})
    assert by_row(found, "clirld_initiative_verdict") == ["sure"] * 3
    none = link(table(tmp_path / "mine.csv", ROWS), release, columns={"Ville": "", "Code postal": ""})
    assert none.rows["clirld_commune"].count() == 0


@settings(max_examples=15)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20), min_size=2, max_size=2
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_row_is_ever_lost(release: Path, tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = table(
        tmp_path_factory.mktemp("any") / "mine.csv", [["Nom", "Ville"], ["Exemple – Le Quai", "Nantes"], *rows]
    )
    try:
        found = link(path, release, columns={"Nom": "name", "Ville": "locality"})
    except ClirldError:
        return
    assert found.rows.height == sum(found.account["initiative"].values()) == found.account["rows"]
    assert found.rows["clirld_row"].is_unique().all()


def test_files_that_are_written(samples: Path, tmp_path: Path) -> None:
    file = table(tmp_path / "mine.csv", ROWS)
    out = tmp_path / "linked.csv"
    given = ["link", str(file), "--data", str(samples), "-o", str(out)]
    told = CliRunner().invoke(app.app, [*given, "--json"], catch_exceptions=False)
    assert told.exit_code == 0
    account = json.loads(told.stdout)
    assert set(account["files"].values()) == {str(path) for path in output.files_of(out).values()}
    with out.open(encoding="utf-8", newline="") as written:
        rows = list(csv.DictReader(written, delimiter=";"))
    assert [row["Nom"] for row in rows] == [row[0] for row in ROWS[1:]]
    metadata = json.loads(output.files_of(out)["metadata"].read_text(encoding="utf-8"))
    described = [[column["titles"] for column in one["tableSchema"]["columns"]] for one in metadata["tables"]]
    assert described[0] == list(rows[0])
    with output.files_of(out)["candidates"].open(encoding="utf-8", newline="") as written:
        assert described[1] == next(csv.reader(written))
    lines = output.files_of(out)["sssom"].read_text(encoding="utf-8").splitlines()
    head = yaml.safe_load("\n".join(line.removeprefix("# ") for line in lines if line.startswith("#")))
    mappings = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    assert {one["predicate_id"] for one in mappings} <= {"skos:exactMatch", "skos:closeMatch"}
    assert {one[name].partition(":")[0] for one in mappings for name in ("subject_id", "object_id")} <= set(
        head["curie_map"]
    )
    assert [one["subject_id"] for one in mappings if one["predicate_id"] == "skos:exactMatch"][:2] == ["row:2", "row:3"]
    before = {path: path.read_bytes() for path in output.files_of(out).values()}
    assert CliRunner().invoke(app.app, given, catch_exceptions=False).exit_code == 0
    assert before == {path: path.read_bytes() for path in before}


def test_verdicts_are_told_in_the_readers_language_and_a_row_without_a_link_has_none(
    release: Path, linked: LinkedTable, tmp_path: Path
) -> None:
    twice = link(table(tmp_path / "mine.csv", ROWS), copied(release, tmp_path / "twice"))
    said: dict[str, list[dict[str, str]]] = {}
    for language, found in (("fr", linked), ("en", linked), ("both", twice)):
        out = tmp_path / f"{language}.csv"
        output.write(found, out, "en" if language == "en" else "fr")
        with out.open(encoding="utf-8", newline="") as written:
            said[language] = list(csv.DictReader(written, delimiter=";"))
    assert [rows[0]["clirld_initiative_told"] for rows in (said["fr"], said["en"])] == ["sûr", "sure"]
    for row in said["fr"]:
        if row["clirld_initiative_verdict"] in ("near", "none"):
            assert row["clirld_initiative_told"].startswith("sans lien")
            parts = ("", "_name", "_score", "_kinds", "_precision", "_source", "_license")
            assert not any(row[f"clirld_initiative{part}"] for part in parts)
        else:
            assert not row["clirld_initiative_nearest"]
    elsewhere = said["fr"][4]
    assert elsewhere["clirld_initiative_told"] == "sans lien (elle est dans une autre commune)"
    assert "Exemple – La Fabrique du Jura" in elsewhere["clirld_initiative_nearest"].split(" | ")
    both = said["both"][0]["clirld_initiative_told"]
    assert both.startswith("à regarder (2 fiches conviennent autant, https://")
    assert both.count("/id/initiative/") == 2


def test_the_table_itself_is_never_replaced(samples: Path, tmp_path: Path) -> None:
    file = table(tmp_path / "mine.csv", ROWS)
    with pytest.raises(UsageError, match="replace"):
        CliRunner().invoke(
            app.app, ["link", str(file), "--data", str(samples), "-o", str(file)], catch_exceptions=False
        )
    out = tmp_path / "none" / "x.csv"
    with pytest.raises(DataError, match="cannot be written"):
        CliRunner().invoke(app.app, ["link", str(file), "--data", str(samples), "-o", str(out)], catch_exceptions=False)


def test_measured_precision_is_of_pairs() -> None:
    assert all(0 <= band["right"] <= band["pairs"] for band in measured())


# What outsiders' tables are like.


def test_without_a_row_of_titles(release: Path, tmp_path: Path) -> None:
    path = table(tmp_path / "mine.csv", ROWS[1:4])
    columns = {"column_1": "name", "column_2": "postcode", "column_3": "locality"}
    found = link(path, release, columns=columns, has_header=False)
    assert by_row(found, "clirld_initiative_verdict") == ["sure"] * 3
    assert found.account["header"] == 0
    with pytest.raises(DataError, match="no column seems") as caught:
        link(table(tmp_path / "other.csv", [["Alpha", "Beta"], ["x", "y"]]), release)
    assert "--no-header" in caught.value.do
    # A first row that is data is told, where it was taken for titles all the same.
    taken = link(
        table(tmp_path / "taken.csv", [["Alpha", "Nantes"], *([r[0], r[2]] for r in ROWS[1:4])]),
        release,
        columns={"Alpha": "name", "Nantes": "locality"},
    )
    assert taken.account["titles_like_data"] == ["Nantes"]
    assert link(table(tmp_path / "usual.csv", ROWS), release).account["titles_like_data"] == []


def test_a_list_of_names_of_several_words_is_a_table(release: Path, tmp_path: Path) -> None:
    found = link(table(tmp_path / "mine.csv", [["Nom de la structure"], *([row[0]] for row in ROWS[1:4])]), release)
    assert found.account["read_as"] == {"Nom de la structure": "name"}
    assert found.account["rows"] == 3


def test_names_among_codes_of_communes_and_lost_zeros_are_told(release: Path, tmp_path: Path) -> None:
    rows = [["Nom", "commune"], ["a", "44109"], ["b", "Nantes"], ["c", "1004"]]
    found = link(table(tmp_path / "mine.csv", rows), release)
    communes = by_row(found, "clirld_commune")
    assert communes[0] == communes[1] == "https://w3id.org/clirld/id/territory/commune-44109"
    assert found.account["read_as"]["commune"] == "commune, locality"
    told = {one["code"]: one for one in found.account["noticed"]}
    assert told["zero-doubtful"]["column"] == "commune"
    assert "1004" in told["zero-doubtful"]["message"]["fr"]


def test_digits_that_a_spreadsheet_lost_are_said_to_be_lost(release: Path, tmp_path: Path) -> None:
    rows = [["Nom", "SIRET"], ["a", "1,23E+13"], ["b", "00000300400017"], ["c", "00000301200010"]]
    found = link(table(tmp_path / "mine.csv", rows), release)
    assert any("arrondi" in one["message"]["fr"] for one in found.account["noticed"])


@pytest.mark.parametrize("wide", [2, 3, 4])
def test_a_row_with_cells_too_many_is_no_header(release: Path, tmp_path: Path, wide: int) -> None:
    path = tmp_path / "mine.csv"
    lines = ["Nom;Ville", "Exemple – Le Quai;Nantes", "b;Lyon", "c;Lille"]
    lines.insert(wide - 1, "d;Nantes;44000;de trop;encore")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = link(path, release)
    assert list(found.account["unread"]) == [str(wide)]
    assert found.account["rows"] == 4


@given(st.sampled_from(["a", "a@", "a-", "http://a.b/", "12 rue ", "1 ", "é (a) , ", "d'", "cedex "]))
@settings(max_examples=5)
def test_a_long_cell_costs_no_time_and_is_told(
    release: Path, tmp_path_factory: pytest.TempPathFactory, part: str
) -> None:
    """1 MB in a cell: it stays in the table, and nothing is compared with it."""
    long = part * (100_000 // len(part))
    path = table(
        tmp_path_factory.mktemp("long") / "mine.csv",
        [["Nom", "Adresse", "Ville"], [long, long, long], ["Exemple – Le Quai", long, "Nantes"]],
    )
    found = link(path, release)
    assert by_row(found, "Nom")[0] == long
    assert {one["code"] for one in found.account["noticed"]} >= {"value-too-long"}
    assert by_row(found, "clirld_initiative_verdict")[1] == "sure"


def test_what_cannot_be_decoded_says_what_to_do_without_a_card(release: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes("Nom;Ville\nCafé de l’Étang;Lyon\n".encode("cp1252") + b"\x81\x8d\x8f;Paris\n")
    with pytest.raises(ReadError, match="cannot be read as cp1252") as caught:
        link(path, release)
    assert "source.yaml" not in caught.value.do
