"""Communes through time on the real movements, against the table of COGiter: others made it, and every difference has
its reason.

`../shared/suites/cogiter`: every code of a commune ever seen → the code of 1 January 2025 (39,161 rows), and the
population of 2015. Skipped, visibly, where it is not beside the project.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from bench.territory import ARRONDISSEMENT, reason
from clirld.read.rows import SourceRow
from clirld.territory.convert import Line, convert_rows, look
from clirld.territory.history import History
from clirld.territory.request import Request
from clirld.territory.resolve import resolve
from clirld.territory.shares import Planner
from clirld.territory.stored import Stored, from_rows
from clirld.territory.vintage import guess
from tests.sources.test_territories import MIRROR, Run

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def stored(project: Path, shared: Path) -> Stored:
    registry = shared / "registries" / "decoupage_administratif"
    made = Run(project / "pipelines" / "sources" / "territories", {n: registry / f for n, f in MIRROR.items()}).made
    rows = {name: [one.values for one in made if one.table == name] for name in ("territory", "territory_change")}
    return from_rows(rows["territory"], rows["territory_change"])


@pytest.fixture(scope="module")
def history(stored: Stored) -> History:
    return stored.history


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_difference_from_cogiter_has_its_reason(history: History, shared: Path) -> None:
    differences: dict[str, list[str]] = defaultdict(list)
    table = csv_rows(shared / "suites" / "cogiter" / "table_passage_com_historique_2025.csv")
    assert len(table) == 39_161
    for row in table:
        if why := reason(history, row["DEPCOM_HIST"], row["DEPCOM"]):
            differences[why].append(row["DEPCOM_HIST"])
    arrondissements = differences.pop(ARRONDISSEMENT)
    assert len(arrondissements) == 45
    assert differences == {
        "never a code: 20 became 2A on 1976-01-01, after its end": ["2A237", "2A294", "2A325"],
        "never a code: 20 became 2B on 1976-01-01, after its end": ["2B044", "2B076", "2B151"],
        "never a code: 78 became 91 on 1968-01-01, after its end": ["91221"],
        "never a code: 78 became 95 on 1968-01-01, after its end": ["95025", "95065"],
        "no movement of it since 1943": ["01220", "54448", "54454", "66131"],
        "1977-02-19 creation: 91692 has a part of it too": ["78122", "78471"],
        "1981-09-28 creation: 27701 has a part of it too": ["27443"],
        "1989-01-01 creation: 97361 has a part of it too": ["97355"],
        # They follow the code, and not Les Hauts-Talican, of which it is a delegated commune.
        "2024-01-01 re-establishment: 60694": ["60455"],
    }


def test_codes_that_cogiter_does_not_have(history: History, shared: Path) -> None:
    theirs = {
        row["DEPCOM_HIST"] for row in csv_rows(shared / "suites" / "cogiter" / "table_passage_com_historique_2025.csv")
    }
    ours = {code for code in history.codes() if not code.startswith(("975", "977", "978", "98"))}
    corsica = {"20044", "20076", "20151", "20237", "20294", "20325"}  # which they have under 2A and 2B
    shared_out = {"08227", "45117", "51385", "51606", "60606", "77362"}
    assert ours - theirs == corsica | shared_out | {"97123", "97127"}


@pytest.mark.parametrize(
    ("code", "day", "name", "targets"),
    [
        ("14624", "1972-06-01", "Saint-Martin-de-Fresnay", ["14654"]),
        ("14624", "1980-01-01", "L'Oudon", ["14654"]),
        ("14697", "1972-06-01", "Tôtes", ["14654"]),
        ("14697", "2000-01-01", "L'Oudon", ["14654"]),
        ("14472", "1972-06-01", "Notre-Dame-de-Fresnay", ["14654"]),
        ("14472", "2015-01-01", "L'Oudon", ["14654"]),
        ("55298", "1972-06-01", "Loisey", ["55298"]),
        ("55298", "2000-01-01", "Loisey-Culey", ["55138", "55298"]),
        ("55298", "2015-01-01", "Loisey", ["55298"]),
        ("55138", "1972-06-01", "Culey", ["55138"]),
        ("27701", "1982-01-01", "Vaudreuil-Ex-Ensemble Urbain", ["27701"]),
        ("27701", "1990-01-01", "Val-de-Reuil", ["27701"]),
        ("27528", "1980-01-01", "Le Vaudreuil", ["27528", "27701"]),
        ("08169", "1980-01-01", "Flaignes-les-Oliviers", ["08169"]),
        ("08169", "1990-01-01", "Flaignes-Havys", ["08169"]),
        ("55273", "1970-01-01", "Lamarche-en-Woëvre", ["55386"]),
        ("14666", "2010-01-01", "Sannerville", ["14666"]),
        ("14666", "2020-01-01", "Sannerville", ["14666"]),
        ("20044", "1970-01-01", "Brustico", ["2B063"]),
        ("20076", "1970-01-01", "Cassano", ["2B167"]),
        ("20151", "1970-01-01", "Lunghignano", ["2B167"]),
        ("20325", "1970-01-01", "Tivolaggio", ["2A249"]),
    ],
)
def test_named_cases(history: History, code: str, day: str, name: str, targets: list[str]) -> None:
    (found,) = resolve(history, code, day)
    assert (found.version.name, found.was_there) == (name, True)
    assert [target.code for target in found.today] == targets


@pytest.mark.parametrize(
    ("code", "day", "whole", "since"),
    [
        ("14697", "1980-01-01", "14624", "1973-01-01"),
        ("14666", "2018-01-01", "14712", "2017-01-01"),
        ("55273", "2000-01-01", "55386", "1973-01-01"),
        ("59355", "2012-01-01", "59350", "2000-02-27"),
    ],
)
def test_named_cases_that_were_parts_for_a_while(history: History, code: str, day: str, whole: str, since: str) -> None:
    (found,) = resolve(history, code, day)
    assert found.part
    assert found.whole
    assert (found.whole.code, found.part.start) == (whole, since)


def test_each_part_has_one_commune_from_its_first_day_on(history: History) -> None:
    """Of 3,582 times of associated and delegated communes; arrondissements lead to their commune of today."""
    times = [part for code in history.codes() for part in history.part_times(code)]
    assert len(times) > 3500
    assert [part for part in times if history.whole_of(part, part.start) is None] == []


def test_movements_and_communes_of_today_agree(history: History) -> None:
    """The last state of the movements is the list of communes: nothing has to be assumed."""
    assert {code for code in history.codes() if history.at(code, history.last_day)} == history.today.keys()
    assert all(version.ground for code in history.codes() for version in history.versions(code))


def test_populations_of_2015_are_brought_to_2026_without_losing_one(stored: Stored, shared: Path) -> None:
    rows = [SourceRow(n, dict(row)) for n, row in enumerate(csv_rows(shared / "suites" / "cogiter" / "pop2015.csv"), 2)]
    request = Request("DEPCOM", ("pop2015",))
    codes = look(rows, request)
    vintage = guess(stored.history, codes.first)
    assert (vintage.years, vintage.is_told, vintage.outside) == ((2017,), True, ())
    for census, undivided in ((None, 3), (stored.census, 0)):
        planner = Planner(stored.history, vintage.years, stored.history.last_day, census)
        lines: list[Line] = []
        found = convert_rows(rows, request, stored.history, planner, codes, stored.history.last_day, lines.append)
        balance = found.balances["pop2015"]
        assert [line.row for line in lines] == [row.row for row in rows]
        assert balance.is_whole
        assert balance.read == sum(int(float(str(row.values["pop2015"]))) for row in rows) * 10**9
        assert found.outcomes["undivided"] == undivided
        assert not {"not-then", "never", "not-a-code", "no-code", "undecided"} & found.outcomes.keys()
