"""`clirld source new`: a card that loads once its marked lines are filled, and not before."""

from __future__ import annotations

import csv
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from clirld.card import source
from clirld.card.source import Source
from clirld.draft.new_source import TO_FILL, identifier_of, write_skeleton
from clirld.draft.sniff import sniff
from clirld.errors import CardError, FetchError, ReadError, UsageError
from clirld.read.reader import header, read
from clirld.read.rows import OUTSIDE_TABLE, SourceRow
from clirld.records.make import write_records
from clirld.records.plan import ReferenceData
from clirld.records.territory import EMPTY
from clirld.snapshot.store import Snapshot
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary
from tests.servers import http_settings, serving

HTTP = http_settings(contact="https://example.org/", retries=0)
CSV = "\n".join(
    [
        "id;Nom du lieu;genre;CP;courriel;remarque: à lire;#",
        "1;Le lieu;Fablab;39100;lieu@example.org;ouvert;a",
        "2;L'atelier;Coworking;39000;;fermé;b",
        "3;La fabrique;Fablab;;fabrique@example.org;ouvert;c",
        "4;La grange;Fablab;39300;;ouvert;d\n",
    ]
)


@pytest.fixture(scope="module")
def tables(project: Path) -> Tables:
    return canonical.load(project / "ontology" / "tables.yaml")


@pytest.fixture(scope="module")
def vocabulary(project: Path) -> Vocabulary:
    return Vocabulary.load(project / "ontology")


class Maker:
    """Makes skeletons in a folder of its own, and loads them."""

    def __init__(self, folder: Path, tables: Tables, vocabulary: Vocabulary) -> None:
        self.folder, self.tables, self.vocabulary = folder, tables, vocabulary

    def new(self, place: str | Path, identifier: str | None = None) -> Path:
        return write_skeleton(
            str(place),
            project_sources=self.folder,
            tables=self.tables,
            vocabulary=self.vocabulary,
            identifier=identifier,
            http=HTTP,
        ).card

    def load(self, card: Path) -> Source:
        return source.load(card.parent, self.tables, self.vocabulary)

    def filled(self, place: str | Path) -> Source:
        """The skeleton, loaded after a steward has filled the marked lines and nothing else."""
        card = self.new(place)
        card.write_text(fill(card.read_text(encoding="utf-8")), encoding="utf-8")
        return self.load(card)


@pytest.fixture
def maker(tmp_path: Path, tables: Tables, vocabulary: Vocabulary) -> Maker:
    return Maker(tmp_path / "sources", tables, vocabulary)


ANSWERS = {
    "url": "https://example.org/file",
    "landing_page": "https://example.org/",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "frequency": "annual",
    "kind": "third-place",
    "by": "page",
}


def marked(text: str) -> list[str]:
    """Names of the fields of the marked lines."""
    return re.findall(rf"^ *(\w+): +# {TO_FILL}", text, re.MULTILINE)


def fill(text: str) -> str:
    return re.sub(
        rf"^( *)(\w+):( +# {TO_FILL})",
        lambda found: f"{found[1]}{found[2]}: {ANSWERS.get(found[2], 'words')}{found[3]}",
        text,
        flags=re.MULTILINE,
    )


@pytest.fixture
def lieux(tmp_path: Path) -> Path:
    path = tmp_path / "Lieux du Jura.csv"
    path.write_bytes(CSV.encode("cp1252"))
    return path


def test_loads_when_filled_and_not_before(maker: Maker, lieux: Path) -> None:
    card = maker.new(lieux)
    assert card == maker.folder / "lieux-du-jura" / "source.yaml"
    text = card.read_text(encoding="utf-8")
    lines = text.splitlines()
    names = marked(text)
    assert names == ["fr", "en", "fr", "en", "name", "url", "landing_page", "license", "frequency", "url"]
    places = [n for n, line in enumerate(lines) if re.match(rf" *\w+: +# {TO_FILL}", line)]
    for left_out in places:  # each of them, alone, keeps the card from loading
        tried = [fill(line) if n != left_out else line for n, line in enumerate(lines)]
        card.write_text("\n".join(tried), encoding="utf-8")
        with pytest.raises(CardError) as problem:
            maker.load(card)
        assert problem.value.where.startswith(str(card))
    card.write_text(fill(text), encoding="utf-8")
    assert maker.load(card).id == "lieux-du-jura"


def test_every_column_is_in_the_card(maker: Maker, lieux: Path) -> None:
    loaded = maker.filled(lieux)
    [rows] = loaded.card.records
    assert list(rows.columns) == header(lieux, loaded.card.distributions["default"].layout)
    assert [target.to for target in rows.targets("Nom du lieu")] == ["name"]
    assert [target.to for target in rows.targets("CP")] == ["postcode"]
    assert rows.columns["courriel"] is rows.columns["#"] is None
    assert loaded.card.lookups == {"kind": {"Fablab": "fablab", "Coworking": None}}
    assert loaded.card.assertions.rows == {"default": (3, 5)}
    layout = loaded.card.distributions["default"].layout
    assert (layout.delimiter, layout.encoding) == (";", "latin-1")


def test_no_personal_value_is_copied_into_the_card(maker: Maker, lieux: Path) -> None:
    text = maker.new(lieux).read_text(encoding="utf-8")
    assert "@example.org" not in text
    assert "Le lieu" not in text
    assert "personnel" in text
    assert "« 39100 »" in text


def test_no_person_is_in_the_card_or_the_sample(maker: Maker, tmp_path: Path) -> None:
    """All names are invented."""
    path = tmp_path / "lieux.csv"
    rows = [
        "id;nom;genre;porteuse;remarque",
        "1;Le lieu;Fablab;Jeanne Exemple;voir Mme Inventée, 06 12 34 56 78",
        "2;L'atelier;Fablab;Camille Témoin;ouvert",
        "3;La grange;Fablab;FICTIVE Anne;contact (at) exemple.fr",
        "4;EXEMPLE Jeanne;Fablab;;fermé",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    card = maker.new(path)
    sample = (card.parent / "sample.csv").read_text(encoding="utf-8")
    for text in (card.read_text(encoding="utf-8"), sample):
        for name in ("Jeanne", "Exemple", "EXEMPLE", "Camille", "Anne", "Inventée", "06 12", "(at)"):
            assert name not in text
    assert "porteuse: ~" in card.read_text(encoding="utf-8")
    assert "voir […], […]" in sample


FIRST, LAST = ("Jeanne", "Jean", "Camille", "Lucie", "Yann"), ("Exemple", "Fictif", "Témoin", "Modèle")
FULL = [f"{FIRST[n % 5]} {LAST[n % 4]}" for n in range(20)]
PERSONS = {
    "PORTEUR": FULL,
    "proposer": FULL,
    "Référent·e": [name.split()[1] for name in FULL],
    "Prénom": [name.split()[0] for name in FULL],
    "NOM": [name.split()[1].upper() for name in FULL],
    "prenomPorteur": [name.split()[0] for name in FULL],
    "nomPorteur": [name.split()[1] for name in FULL],
    "NOMRESPONSABLE": [name.split()[1] for name in FULL],
    "created_by": [name.split()[1] for name in FULL],
    "qui": [name.lower() for name in FULL],
    "gestionnaire": [LAST[n % 4] if n % 4 == 0 else f"Association exemple {n}" for n in range(20)],
    "animation": [FULL[n] if n % 4 == 0 else f"Association exemple {n}" for n in range(20)],
    "remarque": [f"Projet de {name} depuis 2020, 06 12 34 56 78" for name in FULL],
}
"""Columns with persons, all invented: by their names, by what is in them, and some among organizations."""


def _lieux_with_persons(folder: Path, form: str) -> Path:
    rows = [
        {"id": f"L{n}", "Nom du lieu": f"La Grange {n}", "Type": ("Fablab", "Autre")[n % 2]}
        | {name: values[n] for name, values in PERSONS.items()}
        for n in range(20)
    ]
    path = folder / f"lieux.{form}"
    if form == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("Lieux")
            for n, row in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
                sheet.write_row(n, 0, row)
    elif form == "json":
        team = [
            {"membres": [{"role": "a"}, {"nom": name, "prenom": name}], "équipe": [{"name": name}]} for name in FULL
        ]
        nested = [
            {**row, **more, "meta": {"author": {"name": name}}}
            for row, more, name in zip(rows, team, FULL, strict=True)
        ]
        path.write_text(json.dumps({"lieux": nested}), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_no_person_of_any_column_is_in_what_is_written(maker: Maker, tmp_path: Path, form: str) -> None:
    loaded = maker.filled(_lieux_with_persons(tmp_path, form))
    assert loaded.card.retention == 0
    text = (loaded.folder / "source.yaml").read_text(encoding="utf-8")
    personal = [
        line for line in text.splitlines() if "personnel, jamais publié" in line or "personnel / personal" in line
    ]
    assert all(": ~ " in line for line in personal)
    named = [name for name in PERSONS if any(line.strip().startswith((f"{name}:", f'"{name}":')) for line in personal)]
    assert named == [name for name in PERSONS if name not in ("gestionnaire", "animation", "remarque")]
    assert "À VÉRIFIER / TO CHECK : des personnes parmi les valeurs" in text
    sample = loaded.sample("default")
    assert sample is not None
    shown = [
        row.values for row in read(sample, loaded.card.distributions["default"].layout) if isinstance(row, SourceRow)
    ]
    for written in (text, json.dumps(shown, ensure_ascii=False)):
        for name in (*FIRST, *LAST, "06 12"):
            assert name.casefold() not in written.casefold().replace("association exemple", "")
    assert {row["Nom du lieu"] for row in shown} == {f"La Grange {n}" for n in range(20)}
    assert sum("Association" in str(row["animation"]) for row in shown) == 15


HEADERLESS = """\
L'Atelier,3 rue Basse,39300,Champagnole,,jeanne@exemple.fr,Jeanne Exemple,0612345678
Le Lieu,12 route de Dole (chez Camille Témoin),39100,Dole,https://lieu.example.org/,camille@exemple.fr,Camille Témoin,
La Grange,,39300,Champagnole,,,Anne Fictive,06 98 76 54 32
"""


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_without_a_header_gets_neutral_names_and_no_person(maker: Maker, tmp_path: Path, ending: str) -> None:
    """All names are invented."""
    path = tmp_path / f"lieux.{ending}"
    path.write_text(HEADERLESS, encoding="utf-8")
    if ending == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for n, row in enumerate(csv.reader(HEADERLESS.splitlines())):
                sheet.write_row(n, 0, row)
    card = maker.new(path)
    text = fill(card.read_text(encoding="utf-8")).replace("column_1: ~", "column_1: [record.identifier, name]")
    card.write_text(text, encoding="utf-8")
    loaded = maker.load(card)
    layout = loaded.card.distributions["default"].layout
    assert layout.columns == tuple(f"column_{n}" for n in range(1, 9))
    assert list(loaded.card.records[0].columns) == list(layout.columns)
    assert loaded.card.retention == 0
    sample = loaded.sample("default")
    assert sample is not None
    [first, *others] = [row.values for row in read(sample, layout) if isinstance(row, SourceRow)]
    assert first["column_1"] == "L'Atelier"
    assert len(others) == 2
    shown = " ".join(str(value) for row in (first, *others) for value in row.values())
    for name in ("Jeanne", "jeanne", "Exemple", "Camille", "Témoin", "Anne", "Fictive", "06"):
        assert name not in text
        assert name not in shown


def test_a_header_that_names_somebody_is_refused_without_the_name(maker: Maker, tmp_path: Path) -> None:
    path = tmp_path / "lieux.csv"
    path.write_text("id;nom;suivi par Jeanne Exemple\n1;Le lieu;oui\n2;La grange;non\n", encoding="utf-8")
    with pytest.raises(ReadError, match="column 3 holds") as caught:
        maker.new(path)
    assert "Jeanne" not in f"{caught.value}"


def test_no_raw_file_is_kept_only_where_columns_are_personal(maker: Maker, lieux: Path, tmp_path: Path) -> None:
    assert maker.filled(lieux).card.retention == 0
    path = tmp_path / "communes.csv"
    path.write_text("id;nom;cp\n1;Le lieu;39300\n2;La grange;39100\n", encoding="utf-8")
    assert maker.filled(path).card.retention is None


def test_names_and_values_of_any_kind_stay_yaml(maker: Maker, tmp_path: Path) -> None:
    path = tmp_path / "lieux.csv"
    names = ["id", "yes", "a: b", "# c", '"q"', "é\u0085x", "[d]", "12", "~", "😀", "a\\b", "- e", "*f", "null"]
    values = ["1", "Oui: non", "# x", '"', "\x7f", "~", "{", "\\", "'", "- ", "&a", "%", "@", "true"]
    text = "\n".join("\t".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in (names, values))
    path.write_text(f"{text}\n", encoding="utf-8")
    [rows] = maker.filled(path).card.records
    assert list(rows.columns) == [" ".join(name.split()) for name in names]


def test_an_existing_source_is_never_overwritten(maker: Maker, lieux: Path) -> None:
    card = maker.new(lieux)
    before = card.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="there is a source"):
        maker.new(lieux)
    assert card.read_text(encoding="utf-8") == before
    assert maker.new(lieux, "another").parent.name == "another"


@pytest.mark.parametrize(
    ("place", "id_"),
    [
        ("/x/CGET_TiersLieux_2019.csv", "cget-tierslieux-2019"),
        ("https://example.org/Liste%20des%20pôles.xlsx?x=1", "liste-des-poles"),
        ("https://example.org/lieux.geojson", "lieux"),
    ],
)
def test_id_from_the_name_of_the_file(place: str, id_: str) -> None:
    assert identifier_of(place) == id_


@pytest.mark.parametrize(
    "place",
    [
        "https://www.data.gouv.fr/datasets/r/a7bc99ca-0432-4b46-8fcc-e76a35c9efaf",
        "https://example.org/export.csv",
        "https://example.org/",
        "/x/2019.csv",
    ],
)
def test_a_name_that_says_nothing_asks_for_an_id(place: str) -> None:
    with pytest.raises(UsageError) as problem:
        identifier_of(place)
    assert "--id" in problem.value.do


def test_places_that_cannot_be_used(maker: Maker, lieux: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        maker.new(tmp_path / "absent.csv")
    with pytest.raises(UsageError, match="cannot be an id"):
        maker.new(lieux, "Mes Lieux")
    for url in ("https://a:b@example.org/lieux.csv", "https://example.org/lieux.csv?token=abc"):
        with pytest.raises(UsageError, match="key or password") as problem:
            maker.new(url)
        assert "abc" not in str(problem.value)
    assert not maker.folder.exists()


@pytest.fixture
def site(lieux: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    lieux.rename(lieux.with_name("lieux.csv"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(lieux.parent))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_from_an_address(maker: Maker, site: str, tmp_path: Path) -> None:
    loaded = maker.filled(f"{site}/lieux.csv")
    assert loaded.card.distributions["default"].url == f"{site}/lieux.csv"
    assert [path.name for path in sorted((tmp_path / "sources").rglob("*.*"))] == ["sample.csv", "source.yaml"]
    with pytest.raises(FetchError):
        maker.new(f"{site}/absent.csv")
    assert not (maker.folder / "absent").exists()


ODD = [{"id": f"L{n}", "nom": f"Lieu {n}", "type": ("Fablab", "Tiers-lieu")[n % 2], "cp": "39100"} for n in range(20)]
TABLE = [list(ODD[0]), *(list(row.values()) for row in ODD)]
BODY = "".join(f"{';'.join(row)}\n" for row in TABLE)
CONTENTS: dict[str, str | list[list[list[str]]]] = {
    "csv": BODY,
    "titles.csv": "Liste des lieux;;;\n\nau 1er janvier;;;\n" + BODY,
    "blank.csv": BODY.replace("L5;", "\n;;;\n; ;;\nL5;"),
    "ragged.csv": BODY + 'L90;trop;de;trop;cellules\nL91;un\nL92;"ou"vert;Fablab;1\n',
    "second.csv": BODY + "\nAutres lieux;;;\nnom;ville;;\nLe lieu;Dole;;\n",
    "unnamed.csv": BODY.replace("\n", ";\n").replace("39100;", "39100;à revoir", 1),
    "xlsx": [TABLE],
    "unnamed.xlsx": [[*TABLE[:5], [*TABLE[5], "", "à revoir"], *TABLE[6:]]],
    "sheets.xlsx": [[["Lisez-moi"]], [["Liste"], [], *TABLE, [], ["Total", "20"]], [["id"], ["x"]]],
    "jsonl": "".join(f"{json.dumps(row)}\n\n" for row in ODD),
    "json": json.dumps({"lieux": [*ODD, None, "x"]}),
    "keyed.json": json.dumps({"lieux": {row["id"]: {"nom": row["nom"], "type": row["type"]} for row in ODD}}),
    "geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": row} for row in ODD],
        }
    ),
    "parquet": "",
    "zip": "",
}
"""Files of twenty rows, with what may stand around them; a list is of sheets."""


def _write(path: Path, content: str | list[list[list[str]]]) -> None:
    if isinstance(content, list):
        with xlsxwriter.Workbook(str(path)) as book:
            for rows in content:
                sheet = book.add_worksheet()
                for n, row in enumerate(rows):
                    sheet.write_row(n, 0, row)
    elif path.suffix == ".parquet":
        pl.DataFrame(ODD).write_parquet(path)
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", BODY)
            archive.writestr("b.csv", BODY.replace("L", "M"))
    else:
        path.write_text(content, encoding="utf-8")


@pytest.mark.parametrize("name", list(CONTENTS))
def test_the_rows_that_a_card_is_written_by_are_those_that_a_run_counts(
    maker: Maker, tmp_path: Path, tables: Tables, vocabulary: Vocabulary, name: str
) -> None:
    path = tmp_path / f"lieux.{name}"
    _write(path, CONTENTS[name])
    found = sniff(path)
    card = maker.new(path, "lieux")
    text = card.read_text(encoding="utf-8")
    card.write_text(fill(text), encoding="utf-8")
    snapshot = Snapshot("lieux", "default", path, "0", 1, None, "2026-11-24T10:00:00Z", "sample")
    account = write_records(maker.load(card), {"default": snapshot}, ReferenceData(tables, vocabulary, EMPTY), tmp_path)
    assert account.rows_in["default"] == found.rows_read
    assert account.rows_made.total() == (40 if name == "zip" else 20 if name != "ragged.csv" else 21)
    assert f"lignes lues / rows read: {found.rows_read}" in text
    outside = sum(row.reason in OUTSIDE_TABLE for row in account.excluded)
    assert outside == found.rows_outside
    assert (f"outside the table: {outside}" in text) == bool(outside)
    if name.startswith("unnamed"):
        unnamed = {"unnamed.csv": "(5)", "unnamed.xlsx": "(6)"}[name]
        assert f'"{unnamed}": ~' in text or f"{unnamed}: ~" in text
        assert "column-" not in (tmp_path / "issues.jsonl").read_text(encoding="utf-8")


def test_a_second_table_is_kept_out_and_a_blank_row_is_told(maker: Maker, tmp_path: Path) -> None:
    path = tmp_path / "lieux.csv"
    path.write_text(str(CONTENTS["second.csv"]), encoding="utf-8")
    text = maker.new(path).read_text(encoding="utf-8")
    assert "until: blank-row" in text
    assert "un autre tableau semble commencer sous la ligne vide 22" in text
    path.write_text(str(CONTENTS["blank.csv"]), encoding="utf-8")
    text = maker.new(path, "blank").read_text(encoding="utf-8")
    assert "\n    until:" not in text
    assert "row 7 is blank; where another table follows, add until: blank-row" in text


REAL = [
    "tiers_lieux_cget_2019/CGET_TiersLieux_2019.csv",
    "ess_numerique/x_enriched.csv",
    "gogocarto_pwa/elements-gogofull.json",
    "gogocarto_pwa/elements-gogocompact.json",
    "gogocarto_pwa/elements-pwa.json",
    "decoupage_administratif/epcicom.xlsx",
    "rna_sample/rna_sample_waldec.csv",
    "sirene_api_sample/insee_v3_siren_legal_persons_only.json",
]


@pytest.mark.real
@pytest.mark.parametrize("file", REAL)
def test_cards_of_real_registries_load_when_filled(maker: Maker, shared: Path, file: str) -> None:
    path = shared / "registries" / file
    loaded = maker.filled(path)
    [rows] = loaded.card.records
    names = header(path, loaded.card.distributions["default"].layout)
    missing = [name for name in names if not {name, name.partition(".")[0]} & set(rows.columns)]
    assert missing == []


@pytest.mark.real
def test_a_file_without_names_of_initiatives_says_so(maker: Maker, shared: Path) -> None:
    card = maker.new(shared / "registries/anct_zonages/densite.csv")
    text = card.read_text(encoding="utf-8")
    assert f"# {TO_FILL} : une colonne doit aller à / one column must go to name" in text
    card.write_text(fill(text), encoding="utf-8")
    assert maker.load(card).card.distributions["default"].encoding == "utf-8-sig"


PAGE = json.dumps({"total": 57, "lieux": [{"id": f"L{n}", "nom": f"Le lieu {n}"} for n in range(20)]})


PAGED = ["by: page", "parameter: page", "size: 20", "size_parameter: par_page", "total: total"]


@pytest.mark.parametrize(("query", "lines"), [("page=1&par_page=20", PAGED), ("q=lieux", ["by:", "total: total"])])
def test_a_page_of_an_api_is_not_taken_for_the_whole(maker: Maker, query: str, lines: list[str]) -> None:
    with serving(lambda handler, _: handler.reply(200, PAGE.encode(), Content_Type="application/json")) as server:
        card = maker.new(f"{server.url.removesuffix('/data.csv')}/lieux?{query}")
    text = card.read_text(encoding="utf-8")
    part = text[text.index("    paged:") : text.index("    format:")]
    assert [line.split("#")[0].strip() for line in part.splitlines()[1:]] == lines
    assert "rows: {default: [51, 63]}" in text
    assert ("by" in marked(text)) == (lines[0] == "by:")
    card.write_text(fill(text), encoding="utf-8")
    paged = maker.load(card).card.distributions["default"].paged
    assert paged
    assert (paged.by, paged.total) == ("page", "total")


def test_a_siret_goes_to_the_siren_by_its_first_digits(maker: Maker, tmp_path: Path) -> None:
    sirets = ["73282932000017", "55210055400013", "54206547900017", "55208131700018", "44306184100013"]
    file = tmp_path / "orgs.csv"
    rows = "".join(f"Asso {n},{siret}\n" for n, siret in enumerate(sirets))
    file.write_text(f"raison_sociale,siret\n{rows}", encoding="utf-8")
    card = maker.new(file).read_text(encoding="utf-8")
    assert "siret: [record.identifier, siret, {to: siren, first: 9}]" in card


def test_an_address_of_two_columns_is_joined_in_a_card_that_loads(maker: Maker, tmp_path: Path) -> None:
    file = tmp_path / "lieux.csv"
    rows = "".join(f"k{n},Lieu {n},Maison,{n} rue Inventée,Fablab\n" for n in range(1, 5))
    file.write_text(f"id,nom,complement_adresse,adresse,type\n{rows}", encoding="utf-8")
    [made] = maker.filled(file).card.records
    assert [target.join for name in ("complement_adresse", "adresse") for target in made.targets(name)] == [None, ", "]
