"""What a code or a name meant on a day, on the made-up and cut-short sample of the territories."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.errors import DataError
from clirld.harvest.outcome import last_good
from clirld.project import Project
from clirld.settings import Settings
from clirld.territory.history import History, Target
from clirld.territory.resolve import resolve
from clirld.territory.stored import Stored, load


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
    assert (found.version.code, found.part) == ("75056", "75111")


def test_a_zero_that_was_lost(history: History) -> None:
    assert resolve(history, "8203")[0].version.code == "08203"


@pytest.mark.parametrize(
    ("asked", "day", "said"),
    [
        ("99999", None, "no commune has had the code 99999"),
        ("2B777", None, "no commune has had the code 2B777"),
        ("2B033", "1970-01-01", "2B033 Bastia is a commune only since 1976-01-01: it was none on 1970-01-01"),
        ("33063", "1800-01-01", "nothing is known of communes before 1943"),
        ("200069193", None, "no code of a commune"),
        ("Bordeauxx", None, "no commune has had the name Bordeauxx"),
        ("", None, "no commune has had the name"),
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
