"""What follows from the table of figures: figures of a grouping, words, rows; the same for the same rows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from clirld.compare import derive, figures, rules, words
from clirld.compare.noticed import Noticed
from clirld.settings import Settings

SAMPLE = Settings.from_environment({}).sources / "comparisons" / "sample" / "figures.csv"


def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row(key: str, **values: object) -> Mapping[str, str]:
    return {"territory": key} | {name: str(one) for name, one in values.items()}


MEMBERS = [
    row("epci-1", population_2021=3000, population_2015=3100, population_2023=2950, area=100, jobs_1999=1000,
        jobs_2016=900, unemployed_2021=150, active_2021=1000, latitude=45.0, longitude=3.0),
    row("commune-01001", epci="epci-1", population_2021=2000, population_2015=2200, population_2023=1900, centre=3,
        attraction_area="001", attraction_area_name="Exemple", attraction_area_size=1, attraction_area_role=11,
        jobs_1999=800, jobs_2016=600, latitude=45.0, longitude=3.0),
    row("commune-01002", epci="epci-1", population_2021=1000, centre=0, attraction_area="LUX",
        attraction_area_name="Exemple (partie française)", attraction_area_size=3, attraction_area_role=20),
    row("commune-02001", epci="", attraction_area="002", attraction_area_size=3, attraction_area_role=11,
        latitude=46.0, longitude=3.0),
]  # fmt: skip


def test_figures_of_a_grouping() -> None:
    (one,) = figures.territories(MEMBERS)
    assert one.key == "epci-1"
    found = one.figures
    assert found["density"] == 30
    assert found["unemployment"] == 15
    assert found["jobs_change"] == pytest.approx(-10)
    assert found["population_change"] == pytest.approx(100 * ((2950 / 3100) ** (1 / 8) - 1))
    assert found["town_distance"] == found["city_distance"] == pytest.approx(111.2, abs=0.2)  # a degree of latitude
    assert found["centre_abroad"] == pytest.approx(100 / 3)
    assert found["service_centres"] == pytest.approx(200 / 3)
    assert one.town == "commune-01001"
    assert found["town_jobs_change"] == pytest.approx(-25)
    assert "town_unemployment" not in found
    assert "manufacturing_lost" not in found
    assert "median_income_2019" not in found


def test_a_share_of_inhabitants_needs_those_of_all_communes() -> None:
    lost = [row(one["territory"], **{k: v for k, v in one.items() if k not in ("territory", "population_2021")})
            if one["territory"] == "commune-01002" else one for one in MEMBERS]  # fmt: skip
    (one,) = figures.territories(lost)
    assert "centre_abroad" not in one.figures


@pytest.mark.parametrize(
    ("figure", "value", "fr", "en"),
    [
        ("population_change", -0.456, "−0,46\N{NO-BREAK SPACE}%", "−0.46%"),
        ("jobs_change", -0.01, "0,0\N{NO-BREAK SPACE}%", "0.0%"),
        (
            "median_income_2019",
            20360.4,
            "20\N{NARROW NO-BREAK SPACE}360\N{NO-BREAK SPACE}€",
            "€20,360",
        ),
        (
            "manufacturing_jobs_1999",
            1234567.0,
            "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567",
            "1,234,567",
        ),
        ("density", 7.6, "8\N{NO-BREAK SPACE}hab./km²", "8\N{NO-BREAK SPACE}per km²"),
    ],
)
def test_numbers_as_people_write_them(figure: str, value: float, fr: str, en: str) -> None:
    assert words.number(figure, value, "fr") == fr
    assert words.number(figure, value, "en") == en


def test_the_same_rows_give_the_same_in_any_order() -> None:
    told = list(derive.derive(rows()))
    assert list(derive.derive(reversed(rows()))) == told


def test_every_grouping_is_told_of_first_by_its_comparison() -> None:
    told = list(derive.derive(rows()))
    first: dict[str, str] = {}
    for one in told:
        first.setdefault(one.territory, one.table)
    assert first.pop("") == "derivation_rule"
    assert set(first.values()) == {"comparison"}
    assert len(first) == len({one["epci"] for one in rows() if one["epci"]})


def test_each_finding_leads_to_its_rule_and_figures() -> None:
    told = list(derive.derive(rows()))
    keys = {one.values["key"] for one in told if one.table == "derivation_rule"}
    observed = {
        f"{one.values['territory']}-{one.values['year']}-{one.values['boundaries']}"
        for one in told
        if one.table == "territory_observation"
    }
    findings = [one.values for one in told if one.table == "situation_finding"]
    assert any(key.startswith("commune-") for one in findings for key in one["observations"])  # of a town
    assert {one["answer"] for one in findings} >= {"holds", "cannot-be-said"}
    for one in findings:
        assert one["rule"] in keys
        assert set(one["observations"]) <= observed
        assert one["observations"] or one["answer"] == "cannot-be-said"
        assert one["description"] != one["description_en"]
        assert one["answer"] != "does-not-hold" or one["near"] == "true"


def test_what_lacks_figures_is_not_comparable_and_is_nobodys_neighbour() -> None:
    told = list(derive.derive(rows()))
    lacking = {one.territory for one in told if one.table == "comparison" and "Non comparable" in one.values["doubt"]}
    assert lacking == {"epci-200060457", "epci-200054781"}  # no jobs; communes that are not all there
    neighbours = [one.values for one in told if one.table == "comparison_neighbour"]
    assert not lacking & {one[name] for one in neighbours for name in ("territory", "neighbour")}  # type: ignore[misc]
    assert set(Counter(one["territory"] for one in neighbours).values()) == {10}  # type: ignore[arg-type]


def test_each_grouping_without_neighbours_is_told_and_what_half_of_them_lack() -> None:
    noticed: list[Noticed] = []
    list(derive.derive(rows(), noticed.append))
    assert [one.territory for one in noticed if one.code == "territory-not-comparable"] == [
        "epci-200054781",
        "epci-200060457",
    ]
    noticed.clear()
    list(derive.derive([one | {"jobs_1999": ""} for one in rows()], noticed.append))
    lacking = {one.detail["figure_en"] for one in noticed if one.code == "figure-sparse"}
    assert "change of jobs from 1999 to 2016" in lacking


def test_a_city_abroad_makes_the_answer_doubtful() -> None:
    doubts = {one.territory: one.values["doubt_en"] for one in derive.derive(rows()) if one.table == "comparison"}
    assert "foreign city" in doubts["epci-200093201"]
    assert "foreign city" not in doubts["epci-244400404"]


def test_no_rows_say_no_more_than_the_rules() -> None:
    assert {one.table for one in derive.derive([])} == {"derivation_rule"}


def test_a_finding_near_a_threshold_says_which() -> None:
    rule = next(one for one in rules.load() if one.id == "isolated-rural")
    (one,) = figures.territories(MEMBERS)
    near = {"density": 31.0, "rural_share_2022": 100.0, "town_distance": 60.0, "city_distance": 60.0}
    weak = {"population_change": -1.0, "jobs_change": -10.0}
    found = rules.find(rule, replace(one, figures=near | weak).figures)
    assert found.answer == "does-not-hold"
    assert [condition.figure for condition in found.near] == ["density"]
    said = words.finding(found, near | weak, "fr")
    assert "31\N{NO-BREAK SPACE}hab./km² (au-dessus du seuil de 30\N{NO-BREAK SPACE}hab./km²)" in said


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.001, 0.0], ["+0,001\N{NO-BREAK SPACE}%", "0,000\N{NO-BREAK SPACE}%"]),
        ([-0.412, -0.409], ["−0,412\N{NO-BREAK SPACE}%", "−0,409\N{NO-BREAK SPACE}%"]),
        ([0.5, 0.5], ["+0,50\N{NO-BREAK SPACE}%", "+0,50\N{NO-BREAK SPACE}%"]),
        ([1.0, 2.0], ["+1,00\N{NO-BREAK SPACE}%", "+2,00\N{NO-BREAK SPACE}%"]),
    ],
)
def test_numbers_that_differ_look_different(values: list[float], told: list[str]) -> None:
    assert words.numbers("population_change", values, "fr") == told


def test_a_condition_says_on_which_side_of_the_threshold_the_figure_is() -> None:
    rule = next(one for one in rules.load() if one.id == "weakening")
    numbers = {
        "population_change": -0.001, "jobs_change": -10.0, "income_growth": 6.8, "unemployment": 12.1,
        "vacant_share_2021": 1.0, "median_income_2019": 20000.0,
    }  # fmt: skip
    said = words.finding(rules.find(rule, numbers), numbers, "en")
    assert "−0.001% (below the threshold of 0.000%)" in said
    assert "12.1% (at the threshold of 12.1%)" in said
