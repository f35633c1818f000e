"""From rows to canonical tables, by a card or by a function: nothing invented, nothing lost, everything told."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from clirld import issues
from clirld.card import source
from clirld.errors import CardError, RecordsError
from clirld.issues import Issue
from clirld.records import chunks, parquet_parts, stage
from clirld.records.accounts import Account, CountedRows
from clirld.records.make import ReferenceData, write_records
from clirld.records.territory import Territories
from clirld.settings import Settings
from clirld.snapshot.store import Snapshot, Via
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.terms import Vocabulary

SETTINGS = Settings.from_environment({})
TERRITORIES = [
    {"key": "region-27", "name": "Bourgogne-Franche-Comté", "kind": "region", "code": "27"},
    {"key": "departement-39", "name": "Jura", "kind": "departement", "code": "39", "part_of": ["region-27"]},
    {"key": "departement-01", "name": "Ain", "kind": "departement", "code": "01"},
    {"key": "commune-39198", "name": "Dole", "kind": "commune", "code": "39198", "part_of": ["departement-39"]},
    {"key": "commune-39530", "name": "Tavaux", "kind": "commune", "code": "39530", "part_of": ["departement-39"]},
    {"key": "commune-01004", "name": "Ambérieu", "kind": "commune", "code": "01004", "part_of": ["departement-01"]},
    {
        "key": "commune-39001", "name": "Vieux-Bourg", "kind": "former-commune", "code": "39001",
        "replaced_by": ["commune-39198"],
    },
]  # fmt: skip
HEAD = """\
id: places
title: {fr: Lieux, en: Places}
description: {fr: Des lieux, en: Some places}
publisher: {name: Publisher, url: https://example.org/}
landing_page: https://example.org/places
license: https://creativecommons.org/licenses/by/4.0/
frequency: never
distributions:
"""
CSV = HEAD + "  default: {url: https://example.org/a.csv, format: csv}\nrecords:\n  - from: default\n"
JSON = HEAD + "  default: {url: https://example.org/a.json, format: json}\nrecords:\n  - from: default\n"


@pytest.fixture(scope="module")
def reference() -> ReferenceData:
    tables = canonical.load(SETTINGS.ontology / "tables.yaml")
    return ReferenceData(tables, Vocabulary.load(SETTINGS.ontology), Territories.from_rows(TERRITORIES))


@dataclass(frozen=True, slots=True)
class Result:
    """What a run left on the disk."""

    out: Path
    account: Account

    def rows(self, table: str) -> list[dict[str, Any]]:
        found = sorted((self.out / table).glob("*.parquet"))
        return pl.read_parquet(found).to_dicts() if found else []

    def row(self, table: str) -> dict[str, Any]:
        (only,) = self.rows(table)
        return only

    @property
    def issues(self) -> list[Issue]:
        return list(issues.read(self.out / "issues.jsonl"))

    @property
    def told(self) -> list[tuple[str, int | None, str | None, str | None]]:
        return [(one.code, one.row, one.column, one.value) for one in self.issues]

    @property
    def excluded(self) -> list[tuple[int, str, str]]:
        return [(one.row, one.reason, one.identifier) for one in self.account.excluded]


class Runner:
    """Runs the records stage on a card and the text of its file, or files by distribution."""

    def __init__(self, folder: Path, reference: ReferenceData) -> None:
        self.folder, self.reference = folder, reference
        self.place = folder / "places"
        self.place.mkdir()

    def run(self, card: str, content: str | dict[str, str], *, function: str = "", via: Via = "sample") -> Result:
        (self.place / "source.yaml").write_text(card)
        if function:
            (self.place / "records.py").write_text(function)
        loaded = source.load(self.place, self.reference.tables, self.reference.vocabulary)
        snapshots = {}
        for name, text in (content if isinstance(content, dict) else {"default": content}).items():
            path = self.folder / f"{name}.content"
            path.write_text(text)
            snapshots[name] = Snapshot("places", name, path, "0", 1, None, "2026-11-24T10:00:00Z", via)
        out = self.folder / f"out-{len(list(self.folder.iterdir()))}"
        out.mkdir()
        account = write_records(loaded, snapshots, self.reference, out)
        account.check_balance()
        assert Account.load(out / "account.json") == account
        return Result(out, account)


@pytest.fixture
def runner(tmp_path: Path, reference: ReferenceData) -> Runner:
    return Runner(tmp_path, reference)


def card(columns: str, more: str = "", constants: str = "kind: ptce", head: str = CSV) -> str:
    lines = [f"      {column}" for column in ("ID: record.identifier", *columns.split(" / ")) if column]
    given = f"    constants: {{{constants}}}\n" if constants else ""
    return head + "    table: initiative\n    columns:\n" + "\n".join(lines) + f"\n{given}{more}"


def test_a_row_becomes_a_record_and_what_it_describes(runner: Runner) -> None:
    made = runner.run(card("N: name / PAGE: [record.page, homepage]"), "ID,N,PAGE\n7,Le lieu,https://example.org/7\n")
    record, initiative = made.row("record"), made.row("initiative")
    assert record == {
        "key": "places-7", "record": "places-7", "source": "places", "row": 2, "identifier": "7",
        "distribution": "default", "page": "https://example.org/7", "retrieved": "2026-11-24T10:00:00Z",
        "checked": None, "checked_on": None,
        "file": "places.default.0", "other_rows": None,
        "missing_since": None, "ended": None, "end_reason": None, "replaced_by": None,
    }  # fmt: skip
    assert (initiative["key"], initiative["record"], initiative["row"]) == ("places-7", "places-7", 2)
    assert (initiative["name"], initiative["kind"]) == ("Le lieu", ["ptce"])
    assert initiative["homepage"] == ["https://example.org/7"]
    assert "departement" not in initiative
    assert made.told == []
    assert made.account.summary()["published"] == 1


@pytest.mark.parametrize("head", [CSV, JSON])
def test_a_column_of_persons_that_is_published_is_told_once(runner: Runner, head: str) -> None:
    """All names are invented."""
    names = ["Jeanne Exemple", "Jean Fictif", "Camille Témoin"]
    content = "ID,N,P\n" + "".join(f"{n},Lieu {n},{names[n]}\n" for n in range(3))
    if head == JSON:
        content = json.dumps([{"ID": str(n), "N": f"Lieu {n}", "P": names[n]} for n in range(3)])
    made = runner.run(card("N: name / P: source_category", head=head), content)
    assert [one for one in made.told if one[0] != "value-maybe-person"] == [("column-maybe-personal", None, "P", None)]
    assert "noms de personnes" in made.issues[0].message("fr")
    assert "names of persons), and it is published: source_category" in made.issues[0].message("en")
    assert runner.run(card("N: name / P: ~", head=head), content).told == []
    made = runner.run(card("N: name / P: source_category", more="    not_persons: [P]\n", head=head), content)
    assert made.told == []


@pytest.mark.parametrize("chunk_rows", [1, 2, 3, 100])
def test_what_stands_below_the_end_of_a_table_is_accounted_for(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", chunk_rows)
    head = CSV.replace("format: csv", "format: csv, until: blank-row")
    made = runner.run(card("N: name", head=head), "ID,N\n1,A\n2,B\n\nContacts,x\n3,C\nD\n")
    assert [row["name"] for row in made.rows("initiative")] == ["A", "B"]
    assert made.excluded == [(5, "below-table", ""), (6, "below-table", ""), (7, "below-table", "")]
    assert (made.account.rows_in["default"], made.told) == (5, [])


def test_several_columns_make_one_text(runner: Runner) -> None:
    """All names are invented."""
    columns = 'N: name / P: {to: name, join: " – "} / S: street / V: {to: street, join: " "}'
    text = "ID,N,P,S,V\n1,Le lieu,Dole,12,rue Basse\n2,,Tavaux,,rue Haute\n3,La grange,,7,\n4,x,y,chez Mme,Exemple\n"
    made = runner.run(card(columns), text)
    assert [(row["name"], row["street"]) for row in made.rows("initiative")] == [
        ("Le lieu – Dole", "12 rue Basse"),
        ("Tavaux", "rue Haute"),
        ("La grange", "7"),
        ("x – y", None),  # whom both columns name together is found
    ]
    carrier = "N: name / O: organization.name / P: {to: organization.name, join: ' '} / S: organization.siren"
    made = runner.run(card(carrier, constants="kind: ptce"), "ID,N,O,P,S\n1,x,SCIC,Exemple,732829320\n")
    assert [row["name"] for row in made.rows("organization")] == ["SCIC Exemple"]


@pytest.mark.parametrize("to", ["homepage", "alternative_name", "postcode", "kind"])
def test_only_a_text_is_joined(runner: Runner, to: str) -> None:
    with pytest.raises(CardError, match=f"join is for one text, {to} is none"):
        runner.run(card(f"N: name / P: {{to: {to}, join: ' '}}"), "ID,N,P\n")


def test_a_registry_of_one_town_says_it_once(runner: Runner) -> None:
    made = runner.run(card("N: name", constants='kind: ptce, commune: "39198"'), "ID,N\n1,x\n")
    row = made.row("initiative")
    assert (row["commune"], row["seat"]) == ("39198", "commune-39198")
    assert made.told == []


def test_until_is_for_tables(runner: Runner) -> None:
    with pytest.raises(CardError, match="until is for a CSV file or a spreadsheet"):
        runner.run(card("N: name", head=JSON.replace("format: json", "format: json, until: blank-row")), "[]")


def test_a_private_address_places_and_is_neither_published_nor_told(runner: Runner) -> None:
    text = 'ID,N,A\n1,x,"5 rue Basse, 39100 Dole"\n2,y,"chez Mme Exemple, 7 rue Haute, 39100 Dole"\n'
    made = runner.run(card("N: name / A: private_address"), text)
    assert [row["commune"] for row in made.rows("initiative")] == ["39198", "39198"]
    assert [row["street"] for row in made.rows("initiative")] == [None, None]
    assert [(one.code, one.column) for one in made.issues if one.row == 3] == [
        ("street-names-person", "A"),
        ("commune-by-address", "A"),
    ]
    written = "".join(path.read_text() for path in made.out.glob("*.json*")) + str(made.rows("initiative"))
    assert not [word for word in ("rue", "Basse", "Haute", "Exemple") if word in written]
    with_street = runner.run(card("N: name / A: street"), text)
    assert [row["commune"] for row in with_street.rows("initiative")] == ["39198", "39198"]
    assert "Basse" in str(with_street.rows("initiative"))


def test_the_address_that_is_published_places_before_the_private_one(runner: Runner) -> None:
    text = 'ID,N,A,P\n1,x,"1 rue, 39500 Tavaux","5 rue, 39100 Dole"\n2,y,,"5 rue, 39100 Dole"\n'
    made = runner.run(card("N: name / A: street / P: private_address"), text)
    assert [row["commune"] for row in made.rows("initiative")] == ["39530", "39198"]


def test_constants_only_fill_gaps(runner: Runner) -> None:
    columns = "N: name / K: kind"
    made = runner.run(card(columns), "ID,N,K\n1,A,fablab\n2,B,\n3,C,no-concept\n")
    assert [row["kind"] for row in made.rows("initiative")] == [["fablab"], ["ptce"], ["ptce"]]
    assert made.told == [("concept-unknown", 4, "K", "no-concept")]


def test_a_constant_that_its_cleaner_refuses(runner: Runner) -> None:
    with pytest.raises(RecordsError, match="constant postcode: “Dole” does not fit"):
        runner.run(card("N: name", constants="kind: ptce, postcode: Dole"), "ID,N\n1,A\n")


def test_of_several_columns_for_one_value_the_first_that_has_one_counts(runner: Runner) -> None:
    made = runner.run(card("N: name / A: street / B: street"), "ID,N,A,B\n1,x,a,b\n2,x,,b\n3,x,-,b\n")
    assert [row["street"] for row in made.rows("initiative")] == ["a", "b", "b"]


def test_columns_for_a_list_are_joined_without_repeats(runner: Runner) -> None:
    columns = 'N: name / A: {to: source_category, split: ";"} / B: source_category'
    made = runner.run(card(columns), "ID,N,A,B\n1,x,b; a;b,a\n2,x,,\n")
    assert [row["source_category"] for row in made.rows("initiative")] == [["b", "a"], None]


def test_the_first_characters_of_a_siret_are_its_siren(runner: Runner) -> None:
    columns = "N: organization.name / S: [organization.siret, {to: organization.siren, first: 9}] / P: name"
    made = runner.run(card(columns), "ID,N,S,P\n1,x,552 100 554 00013,y\n2,x,,y\n")
    assert [(row["siren"], row["siret"]) for row in made.rows("organization")] == [
        ("552100554", "55210055400013"),
        (None, None),
    ]


def test_several_columns_for_the_identifier_make_one(runner: Runner) -> None:
    assert (
        runner.run(card("Y: record.identifier / N: name"), "ID,Y,N\n1,2019,x\n").row("record")["key"] == "places-1-2019"
    )


CARRIED = (
    "N: name / CARRIER: organization.name / SIREN: organization.siren / RNA: organization.rna / "
    'WHAT: {to: recognition.recognition, split: ";"} / YEAR: recognition.year'
)
CARRIER = "kind: ptce, participation.role: carrier"


def test_other_entities_are_made_where_their_columns_are_there(runner: Runner) -> None:
    header = "ID,N,CARRIER,SIREN,RNA,WHAT,YEAR\n"
    text = header + "1,A,Le porteur,,,ptce-laureate,2021\n2,B,,,,ptce-laureate,2021\n3,C,,552100554,,,\n"
    made = runner.run(card(CARRIED, constants=CARRIER), text)
    assert [(row["key"], row["name"]) for row in made.rows("organization")] == [("places-1", "Le porteur")]
    participation = made.row("participation")
    assert (participation["key"], participation["initiative"]) == ("places-1-carrier", "places-1")
    assert (participation["member"], participation["role"]) == ("places-1", "carrier")
    recognised = [(row["key"], row["initiative"], row["organization"]) for row in made.rows("recognition")]
    assert recognised == [(f"places-{n}-ptce-laureate", f"places-{n}", None) for n in (1, 2)]
    assert [row["key"] for row in made.rows("initiative")] == ["places-1", "places-2", "places-3"]
    assert [(one.code, one.row, one.detail) for one in made.issues] == [
        ("entity-incomplete", 4, {"table": "organization", "missing": "name"})
    ]


GRANT = "kind: ptce, grant.kind: subsidy, grant.currency: EUR"


@pytest.mark.parametrize(
    ("role", "funder"),
    [("project-holder", None), ("private-funder", "places-1"), ("unspecified", None), ("", "places-1")],
)
def test_who_has_another_role_in_the_row_is_not_its_funder(runner: Runner, role: str, funder: str | None) -> None:
    columns = "N: name / WHO: organization.name / ROLE: participation.role / SUM: grant.amount"
    made = runner.run(card(columns, constants=GRANT), f"ID,N,WHO,ROLE,SUM\n1,A,Le porteur,{role},10\n")
    assert [row["funder"] for row in made.rows("grant")] == ([funder] if funder else [])
    incomplete = [one for one in made.issues if one.code == "entity-incomplete"]
    assert [one.detail for one in incomplete] == ([] if funder else [{"table": "grant", "missing": "funder"}])
    assert all("grant.funder" in one.advice(language) for one in incomplete for language in ("fr", "en"))


def test_a_funder_of_the_card_stands_beside_the_one_who_received(runner: Runner) -> None:
    constants = f"{GRANT}, participation.role: project-holder, grant.funder: siren-552100554"
    columns = "N: name / WHO: organization.name / SUM: grant.amount"
    made = runner.run(card(columns, constants=constants), "ID,N,WHO,SUM\n1,A,Le porteur,10\n")
    assert (made.row("grant")["funder"], made.row("participation")["member"]) == ("siren-552100554", "places-1")


def test_a_card_that_leaves_only_the_laureate_as_funder_does_not_load(runner: Runner) -> None:
    constants = f"{GRANT}, participation.role: carrier"
    text = card("N: name / WHO: organization.name / SUM: grant.amount", constants=constants)
    with pytest.raises(CardError, match=r"nothing gives grant\.funder: the organization of a row is carrier"):
        runner.run(text, "ID,N,WHO,SUM\n1,A,Le porteur,10\n")


@pytest.mark.parametrize(
    ("siren", "rna", "key"),
    [
        ("552100554", "W391000001", "siren-552100554"),
        ("552 100 554", "", "siren-552100554"),
        ("", "W391000001", "rna-W391000001"),
        ("123456789", "W391000001", "rna-W391000001"),
        ("", "", "places-1"),
    ],
)
def test_an_official_number_names_an_organization(runner: Runner, siren: str, rna: str, key: str) -> None:
    text = f"ID,N,CARRIER,SIREN,RNA,WHAT,YEAR\n1,A,Le porteur,{siren},{rna},,\n"
    made = runner.run(card(CARRIED, constants=CARRIER), text)
    assert made.row("organization")["key"] == key
    assert made.row("participation")["member"] == key


@pytest.mark.parametrize(
    "name", ["Jeanne Exemple", "jeanne exemple", "EXEMPLE Jeanne", "Jeanne et Yann Exemple", "Yann"]
)
@pytest.mark.parametrize("number", ["552100554", ""])
def test_an_organization_by_the_name_of_a_person_needs_an_official_number(
    runner: Runner, name: str, number: str
) -> None:
    """All names are invented."""
    text = f"ID,N,CARRIER,SIREN,RNA,WHAT,YEAR\n1,A,{name},{number},,,\n"
    made = runner.run(card(CARRIED, constants=CARRIER), text)
    assert len(made.rows("initiative")) == 1
    if number:
        assert made.row("organization")["name"] == name
        return
    assert made.rows("organization") == made.rows("participation") == []
    assert ("organization-maybe-person", 2, "CARRIER", None) in made.told
    assert "entity-incomplete" not in {one.code for one in made.issues}
    for path in made.out.rglob("*"):
        assert path.is_dir() or name.encode() not in path.read_bytes()


def test_in_a_registry_of_organizations_such_a_row_is_held_and_not_named(runner: Runner) -> None:
    text = "ID,N,S\n1,Jeanne Exemple,\n2,Jeanne Exemple,552100554\n3,La Grange,\n"
    by_card = card("N: name / S: siren", constants="").replace("initiative", "organization")
    made = runner.run(by_card, text)
    assert [row["record"] for row in made.rows("organization")] == ["places-2", "places-3"]
    assert made.account.summary()["reasons"]["held"] == {"PersonalData": 1}
    assert ("record-maybe-person", None, None, None) in made.told


@pytest.mark.parametrize(
    "name", ["Jeanne Exemple", "EXEMPLE JEANNE", "jeanne exemple", "EI Exemple Jeanne", "Jeanne et Yann"]
)
def test_an_initiative_that_may_be_called_after_somebody_is_held(runner: Runner, name: str) -> None:
    """Among others that are not; a column that names places only is listed as such. All names are invented."""
    others = ["La Grange", "Le Panier de Jeanne", "Simone Veil", "L'atelier de Jeanne", "Bulle Jeanne Nancy"]
    text = "ID,N\n" + "".join(f"{n},{one}\n" for n, one in enumerate([name, *others], 1))
    made = runner.run(card("N: name"), text)
    assert [row["record"] for row in made.rows("initiative")] == [f"places-{n}" for n in range(2, 7)]
    assert made.account.summary()["reasons"]["held"] == {"PersonalData": 1}
    for path in made.out.rglob("*"):
        assert path.is_dir() or name.encode() not in path.read_bytes()
    made = runner.run(card("N: name", more="    not_persons: [N]\n"), text)
    assert len(made.rows("initiative")) == 6


def test_a_row_whose_cells_are_shifted_is_not_published(runner: Runner) -> None:
    """A comma without quotes in the street; a program has cut the row to the number of cells that it should have."""
    rows = [
        "1,Un lieu,3 rue Basse,39100,DOLE,https://a.example.org",
        "2,Deux,15, Rue Inventée,39100,DOLE",
        "3,Trois,39100,DOLE,https://c.example.org,",  # one cell too few: a postcode where the street should stand
        "4,Quatre,3 rue Basse,CEDEX,DOLE,",
        "5,Cinq,3,,39100,",
    ]
    made = runner.run(
        card("N: name / S: street / P: postcode / L: locality / H: homepage"), "\n".join(["ID,N,S,P,L,H", *rows])
    )
    assert [row["record"] for row in made.rows("initiative")] == ["places-1", "places-4", "places-5"]
    assert [one[:3] for one in made.told if one[0] == "row-shifted"] == [
        ("row-shifted", 3, None),
        ("row-shifted", 4, None),
    ]
    assert made.account.summary()["reasons"]["dropped"] == {"shifted": 2}
    assert [(row["street"], row["locality"]) for row in made.rows("initiative")][2] == ("3", None)
    assert {one[2] for one in made.told if one[:2] == ("value-unclean", 6)} == {"L"}


def test_a_web_address_is_no_name(runner: Runner) -> None:
    made = runner.run(card("N: name / A: alternative_name"), "ID,N,A\n1,x,https://a.example.org\n")
    assert made.row("initiative")["alternative_name"] is None
    assert ("value-unclean", 2, "A", "https://a.example.org") in made.told


def test_a_text_that_is_nothing_but_a_name_is_left_empty(runner: Runner) -> None:
    """Cells of a row that are shifted put a contact where a description stands. All names are invented."""
    text = "ID,N,D\n1,x,Jeanne Exemple\n2,y,Une ferme où Jeanne Exemple cultive\n3,z,La ferme\n"
    made = runner.run(card("N: name / D: description"), text)
    assert [row["description"] for row in made.rows("initiative")] == [
        None,
        "Une ferme où Jeanne Exemple cultive",
        "La ferme",
    ]
    assert ("value-maybe-person", 2, "D", None) in made.told
    made = runner.run(card("N: name / D: description", more="    not_persons: [D]\n"), text)
    assert made.rows("initiative")[0]["description"] == "Jeanne Exemple"


@pytest.mark.parametrize(
    "name",
    [
        "La Jeanne",
        "Ville de Nancy",
        "Nancy",
        "Chez Jeanne",
        "Association Jeanne Exemple",
        "Atelier Yann",
        "Sainte Anne",
    ],
)
def test_an_organization_that_has_a_name_of_its_own_needs_no_number(runner: Runner, name: str) -> None:
    text = f"ID,N,CARRIER,SIREN,RNA,WHAT,YEAR\n1,A,{name},,,,\n"
    assert runner.run(card(CARRIED, constants=CARRIER), text).row("organization")["name"] == name


def test_of_several_names_of_an_organization_those_of_persons_are_left_out(runner: Runner) -> None:
    columns = "N: name / A: organization.name / B: organization.alternative_name / C: organization.alternative_name"
    made = runner.run(card(columns), "ID,N,A,B,C\n1,x,La Grange,Jeanne Exemple,Le Grenier\n")
    row = made.row("organization")
    assert (row["name"], row["alternative_name"]) == ("La Grange", ["Le Grenier"])


def test_several_values_make_a_row_each_where_the_table_is_not_the_rows_own(
    runner: Runner, reference: ReferenceData
) -> None:
    one, two = list(reference.vocabulary.concepts["recognition"])[:2]
    text = f"ID,N,CARRIER,SIREN,RNA,WHAT,YEAR\n1,A,,,,{one};{two};{one},2021\n"
    made = runner.run(card(CARRIED, constants=CARRIER), text)
    assert [(row["recognition"], row["year"]) for row in made.rows("recognition")] == [(one, "2021"), (two, "2021")]


def test_two_names_for_one_organization_are_not_two_rows_of_the_same_key(runner: Runner) -> None:
    made = runner.run(card("N: name / A: organization.name / B: organization.name"), "ID,N,A,B\n1,x,First,Second\n")
    assert made.row("organization")["name"] == "First"


def test_identifiers_that_do_not_fit_in_an_iri_stay_different(runner: Runner) -> None:
    text = "ID,N\na b,x\na/b,x\né,x\n-a,x\na-b.c_d,x\n"
    rows = runner.run(card("N: name"), text).rows("record")
    keys = [row["key"].removeprefix("places-") for row in rows]
    assert len(set(keys)) == 5
    assert [len(key) for key in keys[:4]] == [16] * 4
    assert all(set(key) <= set("0123456789abcdef") for key in keys[:4])
    assert keys[4] == "a-b.c_d"
    assert [row["identifier"] for row in rows] == ["a b", "a/b", "é", "-a", "a-b.c_d"]


def test_why_rows_are_left_out(runner: Runner) -> None:
    text = (
        "ID,N,STATE\n1,A,open\n1,B,open\n,C,open\n2,,open\n3,D,closed\n4,E,\n5,F,open\n6,G\n7,H,open,x\n8,\nnull,I,open\n"
        "1,J,closed\n5,,open\n"
    )
    # 5.0 is how a spreadsheet may write 5.
    more = "    keep: {STATE: [open]}\n    withhold: {'5.0': natural-person}\n"
    made = runner.run(card("N: name / STATE: ~", more), text)
    assert [row["name"] for row in made.rows("initiative")] == ["A"]
    assert made.excluded == [
        (3, "duplicate-identifier", "1"),
        (4, "missing-identifier", ""),
        (5, "missing-name", "2"),
        (9, "ragged", ""),
        (10, "ragged", ""),
        (11, "ragged", ""),
        (12, "missing-identifier", ""),
    ]
    assert made.account.counted == {
        CountedRows("default", "not-kept-state"): 3, CountedRows("default", "natural-person"): 2,
    }  # fmt: skip
    assert [(code, row) for code, row, _column, _value in made.told] == [
        ("row-dropped", 3), ("row-dropped", 4), ("row-dropped", 5), ("row-ragged", 9), ("row-ragged", 10),
        ("row-ragged", 11), ("row-dropped", 12), ("record-withheld", None),
    ]  # fmt: skip
    assert "F" not in (made.out / "issues.jsonl").read_text()
    summary = made.account.summary()
    assert (summary["rows_in"], summary["published"], summary["dropped"]) == (13, 1, 12)


def by_name_and_street(more: str = "") -> str:
    text = card("N: [record.identifier, name] / A: [record.identifier, street]", more)
    return text.replace("      ID: record.identifier\n", "")


PERSONAL = "Le lieu-3 rue Basse (chez Jeanne Exemple)"
HASH = "813ad5541f152aa9"


def test_an_identifier_that_names_somebody_is_told_and_kept_as_its_hash_only(runner: Runner) -> None:
    """All names are invented."""
    row = "Le lieu,3 rue Basse (chez Jeanne Exemple)\n"
    text = f"N,A\n{row}{row}Le lieu,3 rue Basse\n"
    made = runner.run(by_name_and_street(), text)
    assert [row["identifier"] for row in made.rows("record")] == [HASH, "Le lieu-3 rue Basse"]
    assert made.rows("record")[0]["key"] == f"places-{HASH}"
    assert made.excluded == [(3, "duplicate-identifier", HASH)]
    assert [row["street"] for row in made.rows("initiative")] == ["3 rue Basse", "3 rue Basse"]
    for path in made.out.rglob("*"):
        assert path.is_dir() or b"Jeanne" not in path.read_bytes()


@pytest.mark.parametrize("entry", [PERSONAL, HASH, f"places-{HASH}"])
def test_a_card_withholds_a_record_by_its_identifier_or_its_key(runner: Runner, entry: str) -> None:
    more = f'    withhold: {{"{entry}": natural-person}}\n'
    text = "N,A\nLe lieu,3 rue Basse (chez Jeanne Exemple)\nLe lieu,3 rue Basse\n"
    made = runner.run(by_name_and_street(more), text)
    assert [row["identifier"] for row in made.rows("record")] == ["Le lieu-3 rue Basse"]
    assert made.account.counted == {CountedRows("default", "natural-person"): 1}


def test_an_entry_of_withhold_that_matches_no_row_is_an_error_that_does_not_name_it(runner: Runner) -> None:
    more = '    withhold: {"1": test-edit, "Jeanne Exemple": natural-person}\n'
    made = runner.run(card("N: name", more), "ID,N\n1,x\n2,y\n", via="http")
    assert [(one.code, one.severity, one.detail) for one in made.issues] == [
        ("record-withheld", "info", {"count": "1"}),
        ("withhold-unmatched", "error", {"number": "2"}),
    ]
    assert b"Jeanne" not in (made.out / "issues.jsonl").read_bytes()
    made = runner.run(card("N: name", more), "ID,N\n1,x\n2,y\n", via="sample")
    assert [one.code for one in made.issues] == ["record-withheld"]


def test_a_row_that_was_dropped_does_not_take_its_identifier(runner: Runner) -> None:
    made = runner.run(card("N: name"), "ID,N\n1,\n1,B\n")
    assert made.row("initiative")["name"] == "B"
    assert made.excluded == [(2, "missing-name", "1")]


def test_a_value_that_a_lookup_does_not_know_is_told_with_its_place(runner: Runner) -> None:
    more = "lookups:\n  types: {Atelier: fablab, Autre: ~}\n"
    text = "ID,N,T\n1,A,Atelier\n2,B,Cantine\n3,C,Autre\n4,D, Atelier \n5,E,atelier\n"
    made = runner.run(card("N: name / T: {to: kind, lookup: types}", more), text)
    assert [row["kind"] for row in made.rows("initiative")] == [["fablab"], ["ptce"], ["ptce"], ["fablab"], ["ptce"]]
    assert made.told == [("lookup-miss", 3, "T", "Cantine"), ("lookup-miss", 6, "T", "atelier")]
    assert made.issues[0].distribution == "default"


def test_a_required_value_without_a_constant_drops_its_row(runner: Runner) -> None:
    more = "lookups:\n  types: {Atelier: fablab}\n"
    made = runner.run(card("N: name / T: {to: kind, lookup: types}", more, constants=""), "ID,N,T\n1,A,Cantine\n")
    assert made.rows("initiative") == made.rows("record") == []
    assert made.excluded == [(2, "missing-kind", "1")]
    assert [code for code, *_place in made.told] == ["lookup-miss", "row-dropped"]


@pytest.mark.parametrize(
    ("code", "name", "postcode", "departement", "commune", "seat", "told"),
    [
        ("39198", "", "", "", "39198", "commune-39198", []),
        ("1004", "", "", "", None, None, [("zero-doubtful", "INSEE", "1004")]),  # nothing else says so
        ("1004", "Ambérieu", "", "", "01004", "commune-01004", [("zero-restored", "INSEE", "1004")]),
        ("1004", "", "", "01", "01004", "commune-01004", [("zero-restored", "INSEE", "1004")]),
        ("1004", "Dole", "39100", "", "39198", "commune-39198",
         [("zero-doubtful", "INSEE", "1004"), ("commune-by-name", "CITY", "Dole")]),
        ("39001", "", "", "", "39198", "commune-39198", [("commune-merged", "INSEE", "39001")]),
        ("", "DOLE", "39100", "", "39198", "commune-39198", [("commune-by-name", "CITY", "DOLE")]),
        ("39999", "Dole", "39100", "", "39198", "commune-39198", [("commune-by-name", "CITY", "Dole")]),
        ("0", "Tavaux", "", "39", "39530", "commune-39530", [("commune-by-name", "CITY", "Tavaux")]),
        ("", "Nulle-Part", "", "39", None, "departement-39", [("commune-unknown", "CITY", "Nulle-Part")]),
        ("39999", "", "", "39", None, "departement-39", [("commune-unknown", "INSEE", "39999")]),
        ("", "", "", "39", None, "departement-39", []),
        ("39999", "", "", "", None, None, [("commune-unknown", "INSEE", "39999")]),
        ("", "", "39100", "", None, None, [("place-unknown", "CP", None)]),
        ("", "", "", "", None, None, []),
        ("x", "!", "?", "?", None, None,
         [("value-unclean", "INSEE", "…"), ("commune-unknown", "CITY", "!")]),
        ("?", "néant", "NC", "#N/A", None, None, []),
    ],
)  # fmt: skip
def test_where_an_initiative_sits(
    runner: Runner,
    code: str,
    name: str,
    postcode: str,
    departement: str,
    commune: str | None,
    seat: str | None,
    told: list[tuple[str, str, str]],
) -> None:
    columns = "N: name / INSEE: commune / CITY: locality / CP: postcode / DEP: departement"
    made = runner.run(card(columns), f"ID,N,INSEE,CITY,CP,DEP\n1,x,{code},{name},{postcode},{departement}\n")
    row = made.row("initiative")
    assert (row["commune"], row["seat"]) == (commune, seat)
    assert [(kind, column, value) for kind, _row, column, value in made.told] == told


def test_places_without_any_territories(runner: Runner, reference: ReferenceData) -> None:
    bare = Runner(runner.folder / "places", ReferenceData(reference.tables, reference.vocabulary, Territories()))
    made = bare.run(card("N: name / INSEE: commune / CITY: locality"), "ID,N,INSEE,CITY\n1,x,39198,Dole\n")
    assert made.row("initiative")["seat"] is None
    assert [code for code, *_place in made.told] == ["commune-unknown"]


def test_an_issue_on_another_column_does_not_name_that_of_the_commune(runner: Runner) -> None:
    columns = "N: name / INSEE: organization.commune / CITY: organization.locality"
    made = runner.run(card(columns), "ID,N,INSEE,CITY\n1,x,39001,Dole\n")
    assert [(code, column) for code, _row, column, _value in made.told] == [
        ("commune-merged", "INSEE"), ("entity-incomplete", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("latitude", "longitude", "point"),
    [
        ("47.09", "5.49", "POINT(5.49 47.09)"),
        ("47,09", " 5.49 ", "POINT(5.49 47.09)"),
        ("0", "0", None),
        ("0.000", "-0.0", None),
        ("0", "5.49", "POINT(5.49 0)"),
        ("51.48", "0", "POINT(0 51.48)"),
        ("47.09", "", None),
        ("", "5.49", None),
        ("91", "5.49", None),
    ],
)
def test_a_point_is_longitude_then_latitude(runner: Runner, latitude: str, longitude: str, point: str | None) -> None:
    made = runner.run(card("N: name / A: latitude / B: longitude"), f'ID,N,A,B\n1,x,"{latitude}","{longitude}"\n')
    row = made.row("initiative")
    assert (row["point"], row["geometry"]) == (point, point and "places-1")


def test_an_address_is_made_of_what_is_there(runner: Runner) -> None:
    made = runner.run(card("N: name / S: street / C: locality"), "ID,N,S,C\n1,x,1 rue,\n2,y,,\n3,z,,Dole\n")
    assert [row["address"] for row in made.rows("initiative")] == ["places-1", None, "places-3"]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("homepage", "Jeanne Durand", "…"),
        ("homepage", "jeanne@example.org", "…"),
        ("homepage", "www.example.org", "www.example.org"),
        ("postcode", "jeanne@example.org", "…"),
        ("postcode", "3910", "3910"),
        ("{to: kind, lookup: types}", "jeanne@example.org", "…"),
        ("{to: kind, by: label}", "jeanne@example.org", "…"),
        ("{to: acts_in, level: commune}", "jeanne@example.org", "…"),
    ],
)
def test_an_issue_does_not_publish_who_someone_is(runner: Runner, column: str, value: str, shown: str) -> None:
    made = runner.run(card(f"N: name / X: {column}", "lookups:\n  types: {}\n"), f"ID,N,X\n1,x,{value}\n")
    assert [one.value for one in made.issues] == [shown]
    assert shown == value or value not in (made.out / "issues.jsonl").read_text()


@pytest.mark.parametrize("text", ["{notation}", "{notation}.0", "{label}"])
def test_a_concept_by_its_code_or_its_label(runner: Runner, reference: ReferenceData, text: str) -> None:
    slug, concept = next(
        (slug, one) for slug, one in reference.vocabulary.concepts["legal-form"].items() if one.notation
    )
    given = text.format(notation=concept.notation, label=concept.labels["fr"].upper())
    by = "label" if text == "{label}" else "notation"
    columns = f"N: name / O: organization.name / F: {{to: organization.legal_form, by: {by}}}"
    made = runner.run(card(columns), f'ID,N,O,F\n1,x,y,"{given}"\n')
    assert made.row("organization")["legal_form"] == slug
    assert made.told == []


def test_a_territory_of_action_by_level(runner: Runner) -> None:
    columns = "N: name / R: {to: acts_in, level: region} / D: {to: acts_in, level: departement}"
    made = runner.run(card(columns), "ID,N,R,D\n1,x,bourgogne franche comté,39\n2,y,Jura,\n")
    assert [row["acts_in"] for row in made.rows("initiative")] == [["region-27", "departement-39"], None]
    assert made.told == [("territory-unknown", 3, "R", "Jura")]


# Columns of the file and of the card ------------------------------------------------------------


def test_a_new_column_is_told(runner: Runner) -> None:
    made = runner.run(card("N: name"), "ID,N,NEW\n1,x,y\n")
    assert made.told == [("column-new", None, "NEW", None)]
    assert made.rows("initiative")


def test_a_cell_under_no_name_is_a_new_column_and_its_row_is_made(runner: Runner) -> None:
    text = "ID,N,\n1,x,\n2,y,à revoir\n"
    made = runner.run(card("N: name"), text)
    assert [row["name"] for row in made.rows("initiative")] == ["x", "y"]
    assert made.told == [("column-new", None, "(3)", None)]
    assert runner.run(card("N: name / (3): ~"), text).told == []
    described = runner.run(card("N: name / (3): description"), text)
    assert [row["description"] for row in described.rows("initiative")] == [None, "à revoir"]


def test_a_column_that_is_called_after_somebody_is_told_without_the_name(runner: Runner) -> None:
    made = runner.run(card("N: name"), "ID,N,jeanne@exemple.fr\n1,x,y\n")
    assert made.told == [("column-new", None, "[…]", None)]
    with pytest.raises(RecordsError) as caught:
        runner.run(card("N: name / Mme Exemple: street"), "ID,N,Mme Exemples\n1,x,y\n")
    assert "Exemple" not in f"{caught.value} {caught.value.do}"


def test_a_mapped_column_that_is_gone_stops_and_proposes_the_like(runner: Runner) -> None:
    with pytest.raises(RecordsError, match="column “NOM_TL” is gone from distribution default") as caught:
        runner.run(card("NOM_TL: name"), "ID,NOM_DU_TL,X\n1,x,y\n")
    assert "renamed to “NOM_DU_TL”?" in caught.value.do
    assert str(runner.place / "source.yaml") in caught.value.do


def test_a_column_ignored_on_purpose_may_be_gone(runner: Runner) -> None:
    assert runner.run(card("N: name / MAIL: ~"), "ID,N\n1,x\n").told == []


def test_json_nested_lists_and_ignored_subtrees(runner: Runner) -> None:
    items = [
        {"ID": "1", "n": {"name": "A"}, "tags": ["a", "b", "a"], "who": {"mail": "x@example.org", "deep": {"er": 1}}},
        {"ID": "2", "n": {"name": "B"}, "who": {"mail": "y@example.org"}, "new": {"key": "z"}},
    ]
    columns = "n.name: name / tags: source_category / who: ~"
    made = runner.run(card(columns, head=JSON), json.dumps(items))
    assert [row["source_category"] for row in made.rows("initiative")] == [["a", "b"], None]
    assert [row["row"] for row in made.rows("initiative")] == [1, 2]
    assert made.told == [("column-new", None, "new.key", None)]
    assert "example.org" not in (made.out / "issues.jsonl").read_text()


def test_json_without_a_mapped_key(runner: Runner) -> None:
    with pytest.raises(RecordsError, match=r"column “n\.title” is gone"):
        runner.run(card("n.title: name", head=JSON), json.dumps([{"ID": "1", "n": {"titel": "A"}}]))


# Parts ------------------------------------------------------------------------------------------


def test_rows_stay_in_order_over_parts_and_memory_holds_one_part(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_parts, "PART_ROWS", 3)
    text = "ID,N,W\n" + "".join(f"{n},name {n},{'https://a.fr' if n % 2 else ''}\n" for n in range(10))
    made = runner.run(card("N: name / W: homepage", "assertions:\n  filled: {initiative.homepage: 0.5}\n"), text)
    names = [path.name for path in sorted((made.out / "initiative").iterdir())]
    assert names == [f"part-{n:05}.parquet" for n in range(4)]
    assert [pl.read_parquet(made.out / "initiative" / name).height for name in names] == [3, 3, 3, 1]
    assert [row["name"] for row in made.rows("initiative")] == [f"name {n}" for n in range(10)]


# By a function ----------------------------------------------------------------------------------

USED = (
    HEAD
    + """\
  a: {url: https://example.org/a.csv, format: csv}
  b: {url: https://example.org/b.csv, format: csv}
records:
  - {from: a, columns: {code: used, name: used}}
  - {from: b, columns: {code: used}}
"""
)
FILES = {"a": "code,name\n1,Dole\n2,Tavaux\n", "b": "code\n1\n"}
BEGIN = "from clirld.read.rows import Dropped, Made, Noticed, RowIssue\n\ndef records(rows):\n"
WHOLE = """\
    a = {r.values["code"]: r for r in rows["a"]}
    for r in rows["b"]:
        one = a.pop(r.values["code"])
        values = {"key": "commune-" + r.values["code"], "name": one.values["name"], "kind": "commune", "code": "1"}
        yield Made("territory", "commune-1", values, [("a", one.row), ("b", r.row)])
    for r in a.values():
        yield Dropped("a", r.row, "not-in-b")
"""


def test_a_function_makes_rows_of_several_files(runner: Runner) -> None:
    made = runner.run(USED, FILES, function=BEGIN + WHOLE)
    territory = made.row("territory")
    assert (territory["key"], territory["name"], territory["row"]) == ("commune-1", "Dole", 2)
    assert made.row("record")["distribution"] == "a"
    assert made.account.summary()["distributions"]["a"]["reasons"]["dropped"] == {"not-in-b": 1}
    assert made.account.summary()["published"] == 2


def test_a_function_may_tell_what_it_notices(runner: Runner) -> None:
    noticed = """\
    yield Noticed("a", RowIssue("lookup-miss", 3, "name", {"lookup": "names"}))
    yield Noticed("b", RowIssue("column-gone"))
"""
    made = runner.run(USED, FILES, function=BEGIN + noticed + WHOLE)
    told = [(one.code, one.distribution, one.row, one.column, one.detail) for one in made.issues]
    assert ("lookup-miss", "a", 3, "name", {"lookup": "names"}) in told
    assert ("column-gone", "b", None, None, {}) in told
    assert made.account.summary()["published"] == 2  # and nothing else changes


CHECKED = '    yield Made("territory", "i", {"key": "k"}, [("a", 2)],'
ONE = '    for r in rows["b"]: yield Dropped("b", r.row, "x")\n    r = next(iter(rows["a"]))\n'


def test_a_function_may_import_the_modules_beside_it(runner: Runner) -> None:
    function = "from .reasons import why\n" + BEGIN + WHOLE.replace('"not-in-b"', 'why("b")')
    loaded = set(sys.modules)
    for word in ("not-in-", "goneby-"):  # as long, and within a second
        (runner.place / "reasons.py").write_text(f"def why(file): return '{word}' + file\n")
        made = runner.run(USED, FILES, function=function)
        assert made.account.summary()["distributions"]["a"]["reasons"]["dropped"] == {f"{word}b": 1}
        assert made.row("territory")["name"] == "Dole"
    assert [name for name in set(sys.modules) - loaded if "reasons" in name or name.startswith("source_")] == []
    assert list(runner.place.rglob("*.pyc")) == []


@pytest.mark.parametrize(
    ("beside", "error", "where"),
    [
        ("def why(file): return 1 / 0\n", RecordsError, "reasons.py:1"),
        ("why = no_such_name\n", CardError, "records.py"),
        (None, CardError, "records.py"),
    ],
)
def test_a_fault_beside_a_function_is_told_with_its_place(
    runner: Runner, beside: str | None, error: type[Exception], where: str
) -> None:
    if beside:
        (runner.place / "reasons.py").write_text(beside)
    with pytest.raises(error, match=re.escape(where)):
        runner.run(USED, FILES, function="from .reasons import why\n" + BEGIN + WHOLE.replace('"not-in-b"', 'why("b")'))


def test_a_change_beside_a_function_makes_its_records_anew(runner: Runner) -> None:
    runner.run(USED, FILES, function=BEGIN + WHOLE)
    loaded = source.load(runner.place, runner.reference.tables, runner.reference.vocabulary)
    (runner.place / "reasons.py").write_text("WHY = 1\n")
    before = stage.program_fingerprint(loaded, SETTINGS, None)
    (runner.place / "reasons.py").write_text("WHY = 2\n")
    assert stage.program_fingerprint(loaded, SETTINGS, None) != before


def made(values: str = "key='k', name='n', kind='commune', code='1'", table: str = "territory") -> str:
    return f'Made("{table}", "i", dict({values}), [("a", r.row)])'


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (f"{ONE}    yield {made()}\n    for r in rows['a']: pass\n", "1 rows of a were neither .*row 3"),
        (f"{ONE}    yield {made()}\n", "1 rows of a were neither .*row 3"),
        ("    return iter(())\n", "2 rows of a were neither made nor dropped"),
        ("    return None\n", "fails with TypeError"),
        ('    yield next(iter(rows["a"]))\n', "Made, Dropped or Noticed is wanted"),
        ('    for r in rows["a"]: yield r.values["nom"]\n', "records.py:4: fails with KeyError.'nom'"),
        ('    for r in rows["c"]: yield r\n', "fails with KeyError.'c'"),
        ('    yield Dropped("c", 2, "x")\n', "there is no such distribution"),
        ('    yield Noticed("c", RowIssue("lookup-miss"))\n', "there is no such distribution"),
        ('    yield Noticed("a", RowIssue("quite-new"))\n', "there is no such issue"),
        ('    yield Dropped("a", 2, "No reason")\n', "words joined by hyphens"),
        ('    for n in (1, 2, 3):\n        yield Dropped("a", 2, "x")\n', "rows in, but|neither made nor dropped"),
        (f"{ONE}    yield {made(table='territories')}\n", "there is no such table"),
        (f"{ONE}    yield {made(table='record')}\n", "there is no such table"),
        (f"{ONE}    yield {made('nom=1')}\n", "nom is not a column to fill"),
        (f"{ONE}    yield {made('point=1', 'initiative')}\n", "point is not a col"),
        (f"{ONE}    yield {made('')}\n", "key is missing"),
        ('    yield Made("territory", "i", {"key": "k"}, [])\n', "identifier and rows must be given"),
        ('    yield Made("territory", "", {"key": "k"}, [("a", 2)])\n', "identifier and rows must be given"),
        ('    yield Made("territory", "i", {"key": "k"}, [("c", 2)])\n', "there is no such distribution"),
        (f"{CHECKED} checked='supported')\n", "checked and checked_on go together"),
        (f"{CHECKED} checked='sure', checked_on='2026-11-28')\n", "sure is not a concept of page-check"),
        (f"{CHECKED} checked='supported', checked_on='2026')\n", "checked_on is not a day"),
    ],
)  # fmt: skip
def test_a_function_that_does_not_keep_to_the_rules(runner: Runner, body: str, what: str) -> None:
    with pytest.raises(RecordsError, match=what) as caught:
        runner.run(USED, FILES, function=BEGIN + body)
    assert caught.value.do


@pytest.mark.parametrize(
    ("text", "what"),
    [("def records(rows:\n", "cannot be loaded.*SyntaxError"), ("import nothing_such\n", "cannot be loaded"),
     ("rows = 1\n", "has no function records")],
)  # fmt: skip
def test_a_function_that_cannot_be_loaded(runner: Runner, text: str, what: str) -> None:
    with pytest.raises(CardError, match=what):
        runner.run(USED, FILES, function=text)


def test_all_rows_of_what_a_function_could_not_make_are_dropped_once(runner: Runner) -> None:
    body = """\
    places = [("a", r.row) for r in rows["a"]] + [("b", r.row) for r in rows["b"]]
    yield Made("territory", "i", {"key": "k", "kind": "commune", "code": "1"}, places)
    yield Made("territory", "j", {"key": "j", "kind": "commune", "code": "2"}, places)
    """
    result = runner.run(USED, FILES, function=BEGIN + body)
    assert [(one.distribution, one.row, one.reason) for one in result.account.excluded] == [
        ("a", 2, "missing-name"), ("a", 3, "missing-name"), ("b", 2, "missing-name"),
    ]  # fmt: skip
    assert result.account.summary()["published"] == 0


def test_a_row_that_made_something_is_not_dropped_for_what_it_did_not_make(runner: Runner) -> None:
    body = """\
    for r in rows["b"]: yield Dropped("b", r.row, "x")
    for r in rows["a"]:
        for n in "pq":
            yield Made("territory", n, {"key": n, "name": "n", "kind": "commune", "code": "1"}, [("a", r.row)])
    """
    result = runner.run(USED, FILES, function=BEGIN + body)
    assert [row["key"] for row in result.rows("territory")] == ["p", "q"]
    assert [(one.distribution, one.row, one.reason) for one in result.account.excluded] == [
        ("a", 3, "duplicate-identifier"),
    ]  # fmt: skip
    assert result.account.counted == {CountedRows("b", "x"): 1}


def test_a_row_is_made_that_first_fails_at_another_thing(runner: Runner) -> None:
    body = """\
    for r in rows["b"]: yield Dropped("b", r.row, "x")
    for r in rows["a"]:
        for n in ("", "n"):
            values = {"key": f"k{r.row}{n}", "name": n, "kind": "commune", "code": "1"}
            yield Made("territory", f"k{r.row}{n}", values, [("a", r.row)])
    """
    result = runner.run(USED, FILES, function=BEGIN + body)
    assert [row["key"] for row in result.rows("territory")] == ["k2n", "k3n"]
    assert (result.account.excluded, result.account.counted) == ([], {CountedRows("b", "x"): 1})
    assert result.account.summary()["published"] == 2


def test_a_key_of_a_function_is_written_as_the_references_to_it(runner: Runner) -> None:
    body = """\
    for r in rows["b"]: yield Dropped("b", r.row, "x")
    for r in rows["a"]:
        values = {"key": "é " + r.values["code"], "part_of": "é 1", "name": "n", "kind": "commune", "code": "1"}
        yield Made("territory", r.values["code"], values, [("a", r.row)])
    """
    rows = runner.run(USED, FILES, function=BEGIN + body).rows("territory")
    assert rows[0]["part_of"] == [rows[0]["key"]] == ["%C3%A9%201"]
