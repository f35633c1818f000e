"""Communes within their size class: classes, neighbours, and why one has none; nothing of it depends on the order."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.compare import communes, derive, features, figures, neighbours, pairs
from clirld.compare.noticed import Noticed
from clirld.compare.observations import Values

COMPARED = features.load(features.OF_COMMUNES)
_COUNTS = ("births_2022", "deaths_2022", "unemployed_2021", "jobs_1999", "manufacturing_jobs_1999", "jobs_2016",
           "manufacturing_jobs_2016", "retail_jobs_2016", "farming_jobs_2016", "administration_jobs_2016",
           "education_health_jobs_2016", "local_services_jobs_2016", "leisure_jobs_2016",
           "metropolitan_executives_2016")  # fmt: skip


def commune(number: int, inhabitants: int, code: str = "", **values: object) -> Mapping[str, str]:
    """A commune with invented figures, the same for the same number."""
    chance = random.Random(number)
    made: dict[str, object] = {name: chance.randint(1, 300) for name in _COUNTS}
    made |= {"population_2015": inhabitants + chance.randint(-9, 9), "population_2023": inhabitants, "centre": 1}
    made |= {"area": chance.randint(5, 50), "active_2021": 400, "median_income_2014": 20000}
    made |= {"median_income_2019": chance.randint(19000, 25000), "attraction_area": "001", "attraction_area_role": 20}
    made |= {"attraction_area_size": chance.randint(1, 4), "latitude": 45 + number / 100, "longitude": 3.0}
    named = {"territory": f"commune-{code or f'{1000 + number:05}'}", "epci": "epci-1"}
    made |= {"population_2021": inhabitants} | values
    return named | {name: str(value) for name, value in made.items() if value != ""}


GROUPING = commune(999, 80_000) | {
    "territory": "epci-1", "epci": "", "income_growth": "9.5", "vacant_share_2021": "7.25"
}  # fmt: skip
CENTRE = commune(900, 60_000, attraction_area_role=11, attraction_area_size=4)
SMALL = [commune(n, 300 + n) for n in range(14)]
LARGER = [commune(100 + n, 3000 + n) for n in range(4)]
BARE = commune(200, 350, jobs_1999="", jobs_2016=0, median_income_2014="", median_income_2019="", active_2021="")
UNKNOWN = commune(201, 0, population_2021="")
OVERSEAS = commune(202, 0, "97601", population_2021="")
ABROAD = commune(203, 360, attraction_area="LUX", attraction_area_name="Exemple (partie française)", jobs_2016=20)
ROWS = [CENTRE, *SMALL, *LARGER, BARE, UNKNOWN, OVERSEAS, ABROAD]


def told(rows: list[Mapping[str, str]]) -> dict[str, Values]:
    return {
        str(one.values["territory"]): one.values
        for one in communes.derive([GROUPING, *rows])
        if one.table == "commune_comparison"
    }


@pytest.fixture(scope="module")
def found() -> dict[str, Values]:
    return told(ROWS)


def test_each_commune_is_told_of_once_after_the_rule(found: dict[str, Values]) -> None:
    first, *others = communes.derive([GROUPING, *ROWS])
    assert first.table == "derivation_rule"
    assert first.values["key"] == COMPARED.key
    assert len(others) == len(found) == len(ROWS)
    assert {one.territory for one in others} == {"epci-1"}


def test_neighbours_are_of_the_same_class(found: dict[str, Values]) -> None:
    small = {one["territory"] for one in [*SMALL, ABROAD]}
    for one in small:
        assert found[one]["size_class"] == "200-499"
        assert set(found[one]["neighbours"]) <= small - {one}
        assert len(found[one]["neighbours"]) == COMPARED.neighbours
        assert found[one]["compared_with"] == str(len(small) - 1)
        for column, between in (("distances", " "), ("differs_most", " "), ("alike", ";"), ("different", ";")):
            assert len(str(found[one][column]).split(between)) == COMPARED.neighbours
        distances = [float(text) for text in str(found[one]["distances"]).split()]
        assert distances == sorted(distances)


def test_where_there_are_fewer_than_ten_it_is_said(found: dict[str, Values]) -> None:
    one = found[LARGER[0]["territory"]]
    assert len(one["neighbours"]) == len(LARGER) - 1
    assert derive.FEW in one["doubts"]
    assert "seuls 3 territoires" in communes.doubts_in_words([derive.FEW], "", [], 3, "fr")


@pytest.mark.parametrize(
    ("row", "kind", "size_class"),
    [
        (BARE, derive.MISSING_GROUPS, "200-499"),
        (UNKNOWN, derive.NO_INHABITANTS, None),
        (OVERSEAS, derive.OVERSEAS, None),
        (CENTRE, derive.ALONE, "50000-99999"),
    ],
    ids=["figures", "inhabitants", "overseas", "alone"],
)
def test_why_a_commune_has_no_neighbours(
    found: dict[str, Values], row: Mapping[str, str], kind: str, size_class: str | None
) -> None:
    values = found[row["territory"]]
    assert values["not_comparable"] == kind
    assert values.get("size_class") == size_class
    for language, said in (("fr", "Non comparable"), ("en", "Not comparable")):
        assert said in communes.doubts_in_words([], kind, values.get("missing_groups", []), 0, language)
    assert not values.keys() & {"neighbours", "stable_weights", "stable_without", "doubts"}
    assert (kind == derive.MISSING_GROUPS) <= bool(values["missing_groups"])
    assert not any(row["territory"] in one.get("neighbours", ()) for one in found.values())


def test_a_city_abroad_and_few_jobs_make_the_answer_doubtful(found: dict[str, Values]) -> None:
    kinds = found[ABROAD["territory"]]["doubts"]
    assert {communes.ABROAD, communes.SAMPLED} <= set(kinds)
    said = communes.doubts_in_words(kinds, "", [], 10, "en")
    assert "foreign city" in said
    assert "fewer than 200 jobs" in said
    assert communes.ABROAD not in found[SMALL[0]["territory"]]["doubts"]


def test_that_most_are_of_the_same_grouping_is_said(found: dict[str, Values]) -> None:
    assert communes.NEXT_DOOR in found[SMALL[0]["territory"]]["doubts"]
    assert "même intercommunalité" in communes.doubts_in_words([communes.NEXT_DOOR], "", [], 10, "fr")
    other = [GROUPING | {"territory": f"epci-{n}"} for n in range(len(SMALL))]
    scattered = told([*other, *(one | {"epci": f"epci-{n}"} for n, one in enumerate(SMALL))])
    assert all(one["neighbours"] and communes.NEXT_DOOR not in one["doubts"] for one in scattered.values())


def test_each_commune_without_neighbours_is_told_and_why() -> None:
    noticed: list[Noticed] = []
    list(communes.derive([GROUPING, *ROWS], noticed.append))
    alone = {one.territory: one.detail for one in noticed if one.code == "territory-not-comparable"}
    assert set(alone) == {one["territory"] for one in (BARE, UNKNOWN, OVERSEAS, CENTRE)}
    assert all("Non comparable" in one["why"] and "Not comparable" in one["why_en"] for one in alone.values())


@pytest.mark.parametrize(("without", "is_told"), [(6, False), (7, True), (13, True), (0, False)])
def test_a_figure_that_half_of_the_communes_lack_is_told(without: int, is_told: bool) -> None:
    rows = [commune(n, 300 + n, area="") if n < without else one for n, one in enumerate(SMALL)]
    noticed: list[Noticed] = []
    list(communes.derive([GROUPING, *rows], noticed.append))
    density = [one.detail for one in noticed if one.code == "figure-sparse" and "densité" in one.detail["figure"]]
    expected = {"missing": str(without), "of": "14", "rule": COMPARED.key}
    assert [{name: one[name] for name in expected} for one in density] == [expected] * is_told


def test_the_order_of_the_rows_changes_nothing(found: dict[str, Values]) -> None:
    assert told(ROWS[::-1]) == found


@given(st.integers(0, 3_000_000))
def test_each_number_of_inhabitants_is_in_the_class_that_its_name_says(inhabitants: int) -> None:
    number = communes.size_class({"population_2021": float(inhabitants)}, COMPARED)
    least, _, most = communes.class_name(number, COMPARED).partition("-")
    assert int(least) <= inhabitants <= (int(most) if most else inhabitants)


def test_of_a_commune_its_own_figures_are_taken() -> None:
    row = commune(1, 400, attraction_area_size=3, centre=2, median_income_2019=22000, jobs_2016=0)
    (one,) = figures.communes([row])
    assert one.figures["attracted"] == 100
    assert one.figures["centre_level"] == 2
    assert one.figures["income_growth"] == pytest.approx(10)
    assert one.figures["jobs_2016"] == 0
    assert "farming_share" not in one.figures
    # That it has no jobs is known: fewer than any other.
    scores = features.matrix([one.figures, {"jobs_2016": 1.0}], COMPARED)[:, COMPARED.names.index("jobs_2016")]
    assert scores[0] < scores[1]


def test_a_commune_has_the_figures_of_its_grouping_and_is_its_own_where_it_is_in_none() -> None:
    inside, outside = commune(1, 400), commune(2, 410) | {"epci": ""}
    one, other = figures.communes([GROUPING, inside, outside])
    assert one.figures["grouping_population_2021"] == 80_000
    assert one.figures["population_2021"] == 400
    assert other.figures["grouping_population_2021"] == other.figures["population_2021"] == 410
    (alone,) = figures.communes([inside])  # nothing is filled in for a grouping that has no row
    assert not [name for name in alone.figures if name.startswith(figures.OF_GROUPING)]


def test_what_is_the_groupings_is_not_told_of_a_commune(found: dict[str, Values]) -> None:
    told_names = {name for one in found.values() for column in ("alike", "different")
                  for name in str(one.get(column, "")).replace(";", " ").split()}  # fmt: skip
    assert told_names
    assert not [name for name in told_names if name.startswith(figures.OF_GROUPING)]


def test_no_two_features_that_are_told_are_of_one_group() -> None:
    scores = np.random.default_rng(2).normal(size=(20, len(COMPARED.names)))
    scores[::3, ::2] = np.nan
    numbers = np.random.default_rng(3).normal(size=scores.shape).round(1)
    found = neighbours.find(scores, COMPARED)
    group = dict(zip(COMPARED.names, COMPARED.group_of, strict=True))
    for n, ranks in enumerate(pairs.told(scores, numbers, found.rows, COMPARED)):
        for rank, (alike, different) in enumerate(ranks):
            other = found.rows[n, rank]
            groups = [group[one] for one in alike + different]
            assert len(groups) == len(set(groups))
            if other >= 0:
                gaps = {one: abs(scores[n, at] - scores[other, at]) for at, one in enumerate(COMPARED.names)
                        if not one.startswith(figures.OF_GROUPING)}  # fmt: skip
                assert different[0] == max((one for one in gaps if not np.isnan(gaps[one])), key=lambda one: gaps[one])
                assert all(gaps[one] <= COMPARED.alike_scores for one in alike)
