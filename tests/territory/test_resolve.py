"""What a code or a name meant on a day, on the made-up and cut-short sample of the territories."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.errors import DataError
from clirld.harvest.outcome import last_good
from clirld.project import Project
from clirld.settings import Settings
from clirld.territory.codes import has_no_movements
from clirld.territory.history import History, Target
from clirld.territory.resolve import resolve
from clirld.territory.stored import Stored, load
from tests.territory.test_history import change


def stored(data: Path) -> Stored:
    harvest = last_good(Project.load(Settings.from_environment({}, data=data)), "territories")
    assert harvest
    return load(*(sorted((harvest.records / name).glob("*.parquet")) for name in ("territory", "territory_change")))


@pytest.fixture(scope="module")
def history(samples: Path) -> History:
    return stored(samples).history


def test_a_merged_commune(history: History) -> None:
    (found,) = resolve(history, "33110", "1960-01-01")
    assert (found.version.name, found.version.end, found.was_there) == ("Caudéran", "1965-02-22", True)
    assert found.today == [Target("33063", whole=True, alone=False)]
    (step,) = found.steps
    assert step.change.kind == "simple-merger"
    assert [one.code for one in step.after] == ["33063"]


def test_a_commune_shared_out(history: History) -> None:
    (found,) = resolve(history, "08227", None)
    assert [(target.code, target.whole) for target in found.today] == [("08203", False), ("08454", False)]


def test_the_day_after_its_end(history: History) -> None:
    (found,) = resolve(history, "33110", "2000-01-01")
    assert not found.was_there
    assert found.version.name == "Caudéran"


@pytest.mark.parametrize("name", ["Saint-Étienne-sur-Loire", "saint etienne sur loire", "St-Etienne sur Loire"])
def test_a_name_of_then(history: History, name: str) -> None:
    (found,) = resolve(history, name, "1969-12-01")
    assert (found.version.code, found.version.start, found.version.end) == ("42218", "1969-10-18", "1970-01-01")


def test_an_arrondissement_is_a_part_of_its_commune(history: History) -> None:
    (found,) = resolve(history, "75111", None)
    assert found.part
    assert (found.version.code, found.part.code, found.part.type) == ("75056", "75111", "ARM")


def test_a_zero_that_was_lost(history: History) -> None:
    assert resolve(history, "8203")[0].version.code == "08203"


@pytest.mark.parametrize(
    ("asked", "day", "said"),
    [
        ("99999", None, "no commune has had the code 99999"),
        ("2B777", None, "no commune has had the code 2B777"),
        ("2B033", "1970-01-01", "2B033 Bastia is a commune only since 1976-01-01: it was none on 1970-01-01"),
        ("33063", "1800-01-01", "nothing is known of communes before 1943"),
        ("33063", "2050-01-01", "communes are known until"),
        ("2a4", None, "no code of a commune"),
        ("39", None, "no code of a commune"),
        ("200069193", None, "no code of a commune"),
        ("Bordeauxx", None, "no commune has had the name Bordeauxx"),
        ("", None, "no code and no name is given"),
        ("Bastia", "1942-01-01", "nothing is known of communes before 1943"),
        ("Ÿ", None, "no commune has had the name"),
    ],
)
def test_what_never_was(history: History, asked: str, day: str | None, said: str) -> None:
    with pytest.raises(DataError, match=said) as told:
        resolve(history, asked, day)
    assert told.value.do


def test_advice_names_what_is_near(history: History) -> None:
    with pytest.raises(DataError) as told:
        resolve(history, "Bordeauxx")
    assert "Bordeaux" in told.value.do


def test_a_table_without_changes_is_of_an_earlier_program(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no changes of territories"):
        load([], [])


PARTS = History(
    [
        change("2000-02-27", "merger-association", "59355>59350", "59350>59350", "59355>COMA 59355"),
        change("2020-01-01", "name-change", "97105>97105"),
        change("2026-01-01", "creation", ">01001"),
    ],
    {"59350": "C59350", "01001": "C01001", "97105": "C97105", "98735": "Papeete", "20004": "C20004"},
    {"59355": "59350"},
)


@pytest.mark.parametrize("asked", ["59355", "C59355", "59 355"])
def test_an_associated_commune_is_part_of_another_one_on_that_day(asked: str) -> None:
    (found,) = resolve(PARTS, asked, "2012-01-01")
    assert found.part
    assert found.whole
    assert (found.part.code, found.part.type, found.part.start, found.whole.code) == (
        "59355", "COMA", "2000-02-27", "59350",
    )  # fmt: skip
    assert (found.was_there, [one.code for one in found.today], found.steps) == (True, ["59350"], [])


def test_without_a_day_it_is_the_commune_that_it_was_and_what_it_is_part_of() -> None:
    (found,) = resolve(PARTS, "59355")
    assert (found.version.code, found.version.end) == ("59355", "2000-02-27")
    assert found.whole
    assert found.whole.code == "59350"
    (then,) = resolve(PARTS, "59355", "1990-01-01")
    assert (then.version.code, then.part) == ("59355", None)


def test_overseas_nothing_is_known_where_no_movement_is() -> None:
    assert [code for code in ("98735", "97105", "59350") if has_no_movements(PARTS, code)] == ["98735"]


def test_advice_mends_a_code_that_is_too_short(history: History) -> None:
    with pytest.raises(DataError) as told:
        resolve(history, "2b33")
    assert told.value.do.startswith("did you mean 2B033 Bastia?")


def test_a_commune_of_nothing_has_no_origins_to_advise() -> None:
    for asked in ("01001", "C01001"):
        with pytest.raises(DataError, match="is a commune only since") as told:
            resolve(PARTS, asked, "2000-01-01")
        assert told.value.do == "give a day from 2026-01-01 on"
