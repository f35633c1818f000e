"""Figures of communes and groupings: what became of communes, sums that are whole or not there, sample and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld import issues
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.read.rows import SourceRow
from clirld.records.function import load_function
from clirld.settings import Settings
from clirld.values.cleaners import CLEANERS

SETTINGS = Settings.from_environment({})
SOURCE: dict[str, Any] = getattr(load_function(SETTINGS.sources / "statistics" / "records.py"), "__globals__")  # noqa: B009


def event(date: str, before: str, after: str) -> SourceRow:
    values = {
        "COM_AV": before,
        "COM_AP": after,
        "DATE_EFF": date,
        "TYPECOM_AV": "COM",
        "TYPECOM_AP": "COM",
        "MOD": "32",
    }
    return SourceRow(2, dict(values))


# 01001 takes in 01002 in 2018; 01003 takes in 01004 in 2016 and gives it back in 2020; 01005 becomes 01006.
BOUNDARIES = SOURCE["Boundaries"](
    [
        event("2018-01-01", "01001", "01001"),
        event("2018-01-01", "01002", "01001"),
        event("2016-01-01", "01003", "01003"),
        event("2016-01-01", "01004", "01003"),
        event("2020-01-01", "01003", "01003"),
        event("2020-01-01", "01003", "01004"),
        event("2019-05-01", "01005", "01006"),
    ],
    {"01001", "01003", "01004", "01006", "01007"},
)


@pytest.mark.parametrize(
    ("code", "year", "today"),
    [
        ("01002", 2017, {"01001"}),
        ("01002", 2019, set()),
        ("01001", 2017, {"01001"}),
        ("01003", 2019, {"01003", "01004"}),
        ("01003", 2020, {"01003"}),
        ("01004", 2015, {"01003", "01004"}),
        ("01005", 2019, {"01006"}),
        ("01007", 2015, {"01007"}),
        ("01099", 2015, set()),
    ],
)
def test_what_a_commune_has_become(code: str, year: int, today: set[str]) -> None:
    assert BOUNDARIES.today(code, year) == today


@pytest.mark.parametrize(
    ("code", "year", "before"),
    [
        ("01001", 2017, {"01001", "01002"}),
        ("01001", 2018, {"01001"}),
        ("01003", 2019, {"01003"}),
        ("01004", 2019, {"01003"}),
        ("01004", 2020, {"01004"}),
        ("01006", 2019, {"01005"}),
        ("01006", 2020, {"01006"}),
    ],
)
def test_which_communes_one_of_today_was(code: str, year: int, before: set[str]) -> None:
    assert BOUNDARIES.before(code, year) == before


COMMUNES = {f"0{number}" for number in range(2001, 2401)}
# Of four hundred communes, ten come by mergers of two in 2016 (02001 takes in 03001, …), ten more in 2020.
MERGED = SOURCE["Boundaries"](
    [
        event(f"{year}-01-01", f"0{before}{number:03}", f"02{number:03}")
        for year, numbers in ((2016, range(1, 11)), (2020, range(11, 21)))
        for number in numbers
        for before in (2, 3)
    ],
    COMMUNES,
)


def file_of(year: int, **columns: int) -> list[SourceRow]:
    """A row for each commune of a year; columns have a number where the commune was there in their own year too."""
    return [
        SourceRow(
            n, {"code": code, **{name: "7" if code in MERGED.of_year(of) else "" for name, of in columns.items()}}
        )
        for n, code in enumerate(sorted(MERGED.of_year(year)), 2)
    ]


@pytest.mark.parametrize(
    ("stated", "made", "better", "strangers", "absent"),
    [
        (2014, 2020, "2020", 0, 20),  # stated too early: nothing is strange, and what merged since is not there
        (2018, 2020, "2020", 0, 10),
        (2020, 2014, "2015", 20, 0),  # stated too late: codes of communes that are no more
        (2020, 2018, "2019", 10, 0),
    ],
)
def test_a_vintage_that_the_codes_contradict_is_told(
    stated: int, made: int, better: str, strangers: int, absent: int
) -> None:
    (noticed,) = SOURCE["vintages"].contradicted("f", "code", stated, [("n",)], file_of(made, n=made), MERGED)
    detail = noticed.issue.detail
    assert noticed.issue.code == "vintage-contradicted"
    assert (detail["columns"], detail["year"]) == ("n", str(stated))
    assert (detail["better"], detail["strangers"], detail["absent"]) == (better, str(strangers), str(absent))


@pytest.mark.parametrize("stated", [2016, 2017, 2018, 2019])
def test_a_vintage_that_the_codes_fit_is_not_told(stated: int) -> None:
    assert not [*SOURCE["vintages"].contradicted("f", "code", stated, [("n",)], file_of(2018, n=2018), MERGED)]


def test_a_few_strange_codes_tell_nothing() -> None:
    rows = [*file_of(2020, n=2020), *(SourceRow(999, {"code": f"0300{n}", "n": "7"}) for n in range(1, 6))]
    assert not [*SOURCE["vintages"].contradicted("f", "code", 2020, [("n",)], rows, MERGED)]
    rows += [SourceRow(999, {"code": "03006", "n": "7"}), SourceRow(999, {"code": "99999", "n": "7"})]
    rows = [row for row in rows if row.values["code"] < "02300" or row.values["code"] > "03"]  # and not all are there
    (noticed,) = SOURCE["vintages"].contradicted("f", "code", 2020, [("n",)], rows, MERGED)
    assert noticed.issue.detail["strangers"] == "6"
    assert "99999" not in noticed.issue.detail["examples"]


def test_each_column_is_checked_for_itself() -> None:
    """As where a file has the communes of its last year, and older columns only those that were there."""
    rows = file_of(2014, old=2014, new=2020)
    (noticed,) = SOURCE["vintages"].contradicted("f", "code", 2020, [("old",), ("new",)], rows, MERGED)
    assert noticed.issue.detail["columns"] == noticed.issue.column == "old"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "dites des communes de 2020, et leurs codes vont mieux à 2019 : n ; 10 codes"),
        ("en", "said to be of the communes of 2020, and their codes fit 2019 better: n; 10 codes"),
    ],
)
def test_a_contradicted_vintage_is_an_issue_in_words(language: Any, said: str) -> None:
    (noticed,) = SOURCE["vintages"].contradicted("jobs-2016", "code", 2020, [("n",)], file_of(2018, n=2018), MERGED)
    found = noticed.issue
    issue = issues.Issue("statistics", "records", found.code, None, found.row, found.column, None, found.detail)
    assert said in issue.message(language).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_no_file_of_the_sample_contradicts_its_vintage(tmp_path: Path) -> None:
    figures(tmp_path, Origin(sample=True))
    assert [*tmp_path.glob("records/statistics/*/issues.jsonl")]
    told = [issue.code for path in tmp_path.glob("records/statistics/*/issues.jsonl") for issue in issues.read(path)]
    assert "vintage-contradicted" not in told


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6,096", 6096),
        ("1,136,000", 1_136_000),
        ("5 922", 5922),
        ("3,1", 3.1),
        ("21576,7", 21576.7),
        ("nd", None),
        ("", None),
        ("3.0", 3),
    ],
)
def test_numbers_as_the_files_write_them(text: str, number: float | None) -> None:
    assert SOURCE["number_in"](text) == number


@given(st.integers(0, 10**7))
def test_thousands_are_read_whichever_way_they_are_written(number: int) -> None:
    assert SOURCE["number_in"](f"{number:,}") == SOURCE["number_in"](f"{number:,}".replace(",", " ")) == number


def figures(data: Path, origin: Origin) -> Mapping[str, dict[str, Any]]:
    project = Project.load(replace(SETTINGS, data=data, workers=1))
    if not (data / "harvests" / "territories.json").exists():
        line.harvest(project, project.sources["territories"], origin)
    harvest = line.harvest(project, project.sources["statistics"], origin)
    assert (harvest.validated / "graph.nq").read_bytes() == b""  # tables of the release, and no statements
    frame = pl.read_parquet(sorted((harvest.records / "territory_figures").glob("*.parquet")))
    return {row["territory"]: row for row in frame.iter_rows(named=True)}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[str, Any]]:
    return figures(tmp_path_factory.mktemp("statistics"), Origin(sample=True))


@pytest.fixture(scope="module")
def real(real_statistics: Path) -> Mapping[str, dict[str, Any]]:
    frame = pl.read_parquet(sorted((real_statistics / "territory_figures").glob("*.parquet")))
    return {row["territory"]: row for row in frame.iter_rows(named=True)}


def test_a_commune_merged_since_is_added_up(sample: Mapping[str, dict[str, Any]]) -> None:
    saint_denis = SETTINGS.sources / "statistics" / "sample" / "comparator.csv"
    counts = pl.read_csv(saint_denis, infer_schema=False).filter(pl.col("insee_com").is_in(["93059", "93066"]))
    assert int(sample["commune-93066"]["population_2021"]) == counts["population_2021"].cast(pl.Int64).sum()


def test_what_was_shared_out_is_divided_by_nobody(sample: Mapping[str, dict[str, Any]]) -> None:
    """60054 gave 60694 back in 2024: its jobs, counted in the communes of 2019, are of both, and of their grouping."""
    assert sample["commune-60054"]["jobs_2016"] is None
    assert sample["commune-60694"]["jobs_2016"] is None
    assert sample["epci-246000582"]["jobs_2016"] is not None
    assert sample["commune-60694"]["population_2021"] is not None


def test_a_city_is_the_sum_of_its_arrondissements_if_all_are_there(sample: Mapping[str, dict[str, Any]]) -> None:
    assert int(sample["commune-69123"]["population_2021"]) > 0
    assert sample["commune-75056"]["population_2021"] is None  # two of twenty
    assert sample["epci-200054781"]["population_2021"] is None


@pytest.mark.parametrize(
    ("counts", "left_out"),
    [
        (
            {"2015": 1039, "2021": 8745, "2022": 8750, "2023": 8800},
            {"2015"},
        ),  # as 14061 in another file
        ({"2015": 8745, "2021": 1039, "2022": 1040, "2023": 1041}, {"2015"}),
        ({"2015": 900, "2021": 910, "2022": 2000, "2023": 2010}, {"2021"}),
        ({"2015": 900, "2021": 910, "2022": 915, "2023": 300}, {"2022"}),
        ({"2015": 900, "2021": 1700, "2022": 1750, "2023": 1800}, set()),  # not twice as many
        ({"2015": 100, "2021": 400, "2022": 410, "2023": 90}, set()),  # a small one may
        ({"2015": 0, "2021": 900}, set()),
        ({"2021": 900, "2023": 2000}, set()),  # nothing to hold it to
    ],
)
def test_a_jump_of_any_column_is_left_out_and_told(counts: dict[str, int], left_out: set[str]) -> None:
    leave_out = SOURCE["shares"].leave_out_jumps
    figures = {f"population_{year}": float(count) for year, count in counts.items()}
    territory = SOURCE["Territory"](figures=dict(figures))
    leave_out({"01001": territory})
    assert set(figures) - set(territory.figures) == {f"population_{year}" for year in left_out}
    for year in left_out:  # which is no number: the column has it as an issue, with both counts
        told = territory.classes[f"population_{year}"]
        assert f"{counts[year]}, " in told
        assert CLEANERS["integer"](told).value is None


def test_no_data_is_missing(sample: Mapping[str, dict[str, Any]]) -> None:
    assert sample["commune-97611"]["jobs_2016"] is None
    assert sample["commune-08203"]["vacant_share_2021"] is None


def test_noughts_of_a_whole_departement_are_no_figures(sample: Mapping[str, dict[str, Any]]) -> None:
    mamoudzou = sample["commune-97611"]  # the file counts births there, and nobody
    assert (mamoudzou["population_2021"], mamoudzou["active_2021"], mamoudzou["births_2022"]) == (None, None, "3012")


@pytest.mark.real
def test_no_territory_has_nobody_but_villages_of_the_meuse(real: Mapping[str, dict[str, Any]]) -> None:
    for figure in ("population_2015", "population_2021", "population_2022", "population_2023"):
        empty = {name for name, row in real.items() if row[figure] is not None and float(row[figure]) == 0}
        assert empty <= {f"commune-{code}" for code in ("55039", "55050", "55139", "55189", "55239", "55307")}, figure


@pytest.mark.real
def test_sums_of_the_files_are_exact(real: Mapping[str, dict[str, Any]]) -> None:
    members: dict[str, list[dict[str, Any]]] = {}
    for row in real.values():
        if row["epci"]:
            members.setdefault(row["epci"], []).append(row)
    checked = 0
    for figure in ("population_2015", "population_2021", "population_2023", "jobs_1999", "manufacturing_jobs_2016"):
        for key, rows in members.items():
            parts = [row[figure] for row in rows]
            if None not in parts:
                assert int(real[key][figure]) == sum(map(int, parts)), (key, figure)
                checked += 1
    assert checked > 5 * 1_200


@pytest.mark.real
def test_coverage_of_the_files(real: Mapping[str, dict[str, Any]]) -> None:
    groupings = [row for key, row in real.items() if key.startswith("epci-")]
    missing = {name: sum(row[name] is None for row in groupings) for name in groupings[0]}
    assert len(groupings) == 1_255
    assert missing["population_2021"] == 6  # one, and Mayotte
    assert missing["jobs_1999"] == missing["jobs_2016"] == 5  # Mayotte
    assert missing["median_income_2019"] == 65
    assert missing["vacant_share_2021"] == 165
    communes = [row for key, row in real.items() if key.startswith("commune-")]
    assert sum(int(row["jobs_2016"] or 0) for row in communes) == 26_336_844
    assert [row["territory"] for row in communes if not row["population_2015"] and row["population_2021"]] == [
        "commune-12063",
        "commune-51058",
        "commune-95675",
    ]
