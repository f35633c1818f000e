"""Inputs that went wrong once (`../shared/cases`): each is harvested with its card, and held to its right value.

Places are those of the real territories, so that a commune anywhere in France is known.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from clirld.draft.card_text import FileMetadata, card_yaml
from clirld.draft.evidence import ColumnNames
from clirld.draft.propose import propose
from clirld.draft.sniff import SniffResult, sniff
from clirld.errors import ClirldError
from clirld.fetch.stage import Origin
from clirld.harvest import issue_groups, line
from clirld.harvest.outcome import Harvest
from clirld.issues import Issue
from clirld.project import Project
from clirld.settings import Settings
from clirld.values import contacts
from tests.once import linked_copy

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Case:
    """What became of a case: its harvest, or the error that it ended with."""

    folder: Path
    project: Project
    source: str
    harvest: Harvest | None
    error: ClirldError | None

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """Published rows of a canonical table, by the identifier of their record at the source."""
        assert self.harvest is not None, self.error
        parts = sorted((self.harvest.records / name).glob("*.parquet"))
        rows = pl.concat([pl.read_parquet(part) for part in parts]).to_dicts() if parts else []
        return {row["record"].removeprefix(f"{self.source}-"): row for row in rows}

    @property
    def graph(self) -> str:
        """The quads that are published."""
        assert self.harvest is not None, self.error
        return (self.harvest.validated / "graph.nq").read_text(encoding="utf-8")

    @property
    def account(self) -> dict[str, Any]:
        assert self.harvest is not None, self.error
        return self.harvest.account.summary()

    @property
    def issues(self) -> list[Issue]:
        return list(issue_groups.source_issues(self.project, self.source))

    def codes(self, row: int | None = None) -> set[str]:
        """Codes of the issues, of all rows or of one."""
        return {issue.code for issue in self.issues if row is None or issue.row == row}


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    return shared / "cases"


@pytest.fixture(scope="module")
def placed(real_territories: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has harvested the real territories, and no other source."""
    folder = tmp_path_factory.mktemp("cases")
    shipped = Settings.from_environment({})
    shutil.copytree(shipped.sources / "territories", folder / "sources" / "territories")
    data = linked_copy(real_territories, folder / "data")
    return Project.load(replace(shipped, data=data, sources=folder / "sources", workers=1))


def harvested(placed: Project, folder: Path, tmp_path: Path) -> Case:
    """Harvest the file of a case with the card that lies beside it."""
    card = YAML(typ="safe", pure=True).load((folder / "source.yaml").read_text(encoding="utf-8"))
    name, url = card["id"], card["distributions"]["default"]["url"]
    sources = placed.settings.sources
    (sources / name).mkdir(exist_ok=True)
    shutil.copyfile(folder / "source.yaml", sources / name / "source.yaml")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    file = folder / url.rpartition("/")[2]
    shutil.copyfile(file, mirror / file.name)
    (mirror / "mirror.yaml").write_text(json.dumps({name: {"default": file.name}}), encoding="utf-8")
    project = Project.load(placed.settings)
    try:
        harvest = line.harvest(project, project.select([name])[0], Origin(mirror=mirror))
    except ClirldError as error:
        return Case(folder, project, name, None, error)
    return Case(folder, project, name, harvest, None)


CHECKS: dict[str, Callable[[Case], None]] = {}
"""Folder → what must hold of it."""

FILES_ALONE: dict[str, Callable[[Path, Project], None]] = {}
"""Folder → what must hold where the fault is in what is proposed for a file, not in its harvest."""


def right(name: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    def add(check: Callable[[Case], None]) -> Callable[[Case], None]:
        CHECKS[name] = check
        return check

    return add


def proposed(name: str) -> Callable[[Callable[[Path, Project], None]], Callable[[Path, Project], None]]:
    def add(check: Callable[[Path, Project], None]) -> Callable[[Path, Project], None]:
        FILES_ALONE[name] = check
        return check

    return add


# Harvested with their card -----------------------------------------------------------------------


@right("10-same-siren-rows-merged")
def _one_value_of_a_unit(case: Case) -> None:
    organizations = case.table("organization")
    unit = [organizations[name] for name in ("r1", "r2", "r3")]
    assert {row["key"] for row in unit} == {"siren-552100554"}
    assert {(row["name"], row["rna"], row["commune"]) for row in unit} == {
        (organizations["r1"]["name"], organizations["r1"]["rna"], "39300")
    }
    assert unit[0]["name"] == "Exemple siège"
    names = [line for line in set(case.graph.splitlines()) if "siren-552100554>" in line and "#legalName>" in line]
    assert len(names) == 1
    assert "value-conflict" in case.codes(3) & case.codes(4)
    assert "value-conflict" not in case.codes(2) | case.codes(5)


@right("03-phones-mails-published")
def no_phone_number_and_no_mail_is_told(case: Case) -> None:
    """Every row has one: all are held, so that a harvest of nothing may be an error too."""
    if case.harvest is not None:
        assert case.account["published"] == 0
        # Of 26 lines two are what is left of a record that a line break cuts.
        assert case.account["reasons"]["held"] == {"PersonalData": 24}
        assert "rdf-schema#label" not in case.graph
    told = "\n".join(json.dumps(issue.as_data(), ensure_ascii=False) for issue in case.issues)
    assert [line for line in told.splitlines() if contacts.find(line)] == []
    # A text that is told at all is told with what led to somebody masked.
    assert all(contacts.MASK in line for line in told.splitlines() if "joignable" in line)


@right("04-phone-in-homepage")
def no_address_leads_to_a_person(case: Case) -> None:
    homepages = {record: row["homepage"] for record, row in case.table("initiative").items()}
    # An e-mail, a number, WhatsApp, an account, a profile; the rows about two addresses in a cell are another's.
    for record in ("u11", "u12", "u13", "u14", "u15", "u16", "u17", "u30", "u31", "u47", "u48"):
        assert not homepages.get(record), record
    assert not contacts.find(case.graph)
    # Among them the eleven, each with an issue that does not tell the number.
    assert not any("612345678" in issue.message() for issue in case.issues if issue.code == "value-unclean")


@right("02-siret-first9-lost-zero")
def _numbers_are_cleaned_before_they_are_cut(case: Case) -> None:
    sirens = {identifier: row["siren"] for identifier, row in case.table("organization").items()}
    assert sirens == {
        "f1": "050000074",
        "f2": "050000074",
        "f3": "552100554",
        "f4": "552100554",
        "f5": None,
        "f6": "552100554",
    }
    assert "zero-restored" in case.codes(row=2)
    assert "value-unclean" in case.codes(row=6)
    assert "siren-500000740" not in case.graph


@right("07-siret-rounded-by-excel")
def _no_number_comes_out_of_a_rounded_one(case: Case) -> None:
    rows = case.table("organization")
    numbers = {identifier: row["siret"] for identifier, row in rows.items() if row["siret"]}
    assert numbers == {
        "e3": "05000007400018",
        "e4": "35600000000048",
        "e5": "35600000049837",
        "e6": "55210055400013",
        "e7": "55210055400013",
        "e8": "05000007400018",
        "e9": "05000007400018",
        "e13": "55210055400013",
        "e14": "55210055400013",
        "e15": "55210055400013",
    }
    assert "zero-restored" in case.codes(row=4)
    unclean = {issue.row for issue in case.issues if issue.code == "value-unclean"}
    assert unclean == {2, 3, 11, 12, 13}  # rounded, rounded, a SIREN, two of them, a VAT number


@right("11-excel-errors-as-names")
def _what_says_that_there_is_no_name_is_none(case: Case) -> None:
    names = {identifier: row["name"] for identifier, row in case.table("initiative").items()}
    nothing = {"n9", "n10", "n11", "n12", "n13", "n17", "n18", "n35", "n36", "n37", "n38", "n39"}
    assert not nothing & names.keys()
    doubtful = {issue.value for issue in case.issues if issue.code == "value-doubtful" and issue.column == "nom"}
    assert {"Total", "Maison de lâ€™Ã©tÃ©", "CafÃ© associatif", "Caf\ufffd associatif"} <= doubtful


@right("12-zero-dates-text")
def _a_spreadsheets_zero_is_no_date(case: Case) -> None:
    founded = {
        identifier: str(row["founded"]) for identifier, row in case.table("organization").items() if row["founded"]
    }
    certain = dict.fromkeys(("d0", "d1", "d22", "d32", "d34", "d35", "d38"), "2019-03-04") | {"d44": "2019-05-12"}
    doubtful = {"d16": "1970-01-01", "d17": "1904-01-01", "d18": "1904-01-01", "d21": "2019-03-04", "d39": "2099-01-01"}
    assert founded == certain | doubtful
    rows = {issue.row for issue in case.issues if issue.code == "value-doubtful"}
    assert rows == {int(identifier[1:]) + 2 for identifier in doubtful}


@right("01-csv-quote-swallow")
def _(case: Case) -> None:
    assert case.table("initiative").keys() == {"a1", "a3", "a4", "a6", "a7"}
    assert case.account["rows_in"] == case.account["published"] + case.account["dropped"] == 7
    assert case.codes(3) >= {"row-quote"} <= case.codes(6)


@right("14-backslash-quotes")
def _(case: Case) -> None:
    found = case.table("initiative")
    assert len(found) == 11
    assert (found["b1"]["name"], found["b2"]["name"]) == ('Le "Lieu" commun', 'Dit "le lieu"; et plus')
    assert "row-quotes-mended" in case.codes(10)


@right("18-geojson-multipoint")
def _(case: Case) -> None:
    points = {name: row["point"] for name, row in case.table("initiative").items()}
    assert points["f3"] == points["f4"] == "POINT(5.55 46.67)"
    assert points["f5"] is points["f8"] is points["f9"] is points["f10"] is None
    rows = {issue.row for issue in case.issues if issue.code == "geometry-not-read"}
    assert rows == {9, 10, 11}  # f8, f9, f10; f5 says itself that it has no geometry


@right("08-foreign-postcode")
def _(case: Case) -> None:
    rows = case.table("initiative")
    assert {name: (rows[name]["commune"], rows[name]["postcode"]) for name in rows} == {
        "x1": (None, None), "x2": (None, None), "x3": (None, None), "x4": (None, None),
        "x5": ("39300", "39000"),
        "x6": (None, None), "x7": (None, None), "x8": (None, None),
    }  # fmt: skip
    assert all("zero-doubtful" in case.codes(row) for row in (2, 3, 4, 5, 7, 8, 9))
    assert "commune/01109" not in case.graph


@right("20-points-swapped-or-far")
def _(case: Case) -> None:
    rows = case.table("initiative")
    points = {name: row["point"] for name, row in rows.items() if row["point"]}
    paris = "POINT(2.3522 48.8566)"
    assert points == {
        **dict.fromkeys(("c0", "c1", "c3", "c4", "c13", "c14", "c18", "c22"), paris),  # c4 with °, c14 with N and E
        "c5": "POINT(2.351944 48.856667)",  # in degrees, minutes and seconds
        "c2": points["c2"],
        "c11": "POINT(55.4481 -20.8789)",  # in its commune, whose code is 97411
    }
    assert points["c2"].startswith("POINT(2.35")
    assert all(rows[f"c{n}"]["latitude"] is None for n in (7, 8, 9, 10, 16, 17, 19, 20, 21))
    assert "point-corrected" in case.codes(3) & case.codes(4)  # c1, c2
    assert all("point-far" in case.codes(row) for row in (12, 18, 19, 22, 23))  # c10, c16, c17, c20, c21
    assert all("point-doubtful" in case.codes(row) for row in (9, 10, 11, 21))  # c7, c8, c9, c19


# What is proposed for a file ---------------------------------------------------------------------


def drafted(file: Path, project: Project) -> tuple[SniffResult, str]:
    """A file as `source new` sees it, and the card that it writes."""
    sniffed = sniff(file)
    proposal = propose(sniffed, project.tables, project.vocabulary, ColumnNames.load(project.tables))
    metadata = FileMetadata(str(file))
    return sniffed, card_yaml("case", metadata, sniffed, proposal, project.tables, project.vocabulary)


@proposed("06-hidden-sheet")
def _(folder: Path, project: Project) -> None:
    sniffed, card = drafted(folder / "x-hidden.xlsx", project)
    assert (sniffed.layout.sheet, sniffed.rows) == ("Lieux", 6)
    assert "feuilles masquées, non lues : Brouillon" in card


@proposed("15-trailing-delimiter-and-duplicate-names")
def _(folder: Path, project: Project) -> None:
    for name, columns in (
        ("s-trailing", ["id", "nom", "code_insee"]),
        ("s-dupheader", ["id", "nom", "nom (2)", "code_insee"]),
    ):
        sniffed, _card = drafted(folder / f"{name}.csv", project)
        assert ([column.name for column in sniffed.columns], sniffed.rows) == (columns, 8)
        assert all(column.filled == 8 for column in sniffed.columns)


@proposed("16-cp850")
def _(folder: Path, project: Project) -> None:
    sniffed, card = drafted(folder / "s-cp850.csv", project)
    assert sniffed.layout.encoding == "cp850"
    assert sniffed.sample[0].values["nom"] == "Médiathèque à côté n°0 Noël été"
    assert "À VÉRIFIER" in next(line for line in card.splitlines() if "encoding:" in line)


# -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKS)
def test_a_case_gives_its_right_value(name: str, placed: Project, cases: Path, tmp_path: Path) -> None:
    CHECKS[name](harvested(placed, cases / name, tmp_path))


@pytest.mark.parametrize("name", FILES_ALONE)
def test_a_file_is_proposed_as_it_is(name: str, placed: Project, cases: Path) -> None:
    FILES_ALONE[name](cases / name, placed)


def test_every_case_is_checked(cases: Path) -> None:
    known = CHECKS.keys() | FILES_ALONE.keys()
    assert {path.name for path in cases.iterdir() if path.is_dir()} - known == set()
