"""Of which years a table's codes may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.territory.history import History
from clirld.territory.vintage import Vintage, declared, guess
from tests.territory.test_history import change

HISTORY = History(
    [
        change("1973-01-01", "simple-merger", "01002>01001", "01001>01001"),
        change("1976-01-01", "departement-change", "20004>2A004"),
        change("1985-06-15", "re-establishment", "01001>01001", "01001>01002"),
        change("2013-01-01", "creation", "01001>01001", "01001>01009"),
        change("2016-01-01", "new-commune", "01004>01003", "01003>01003"),
        change("2017-01-01", "new-commune", "01006>01005", "01005>01005"),
        change("2026-01-01", "name-change", "01007>01007"),
    ],
    {code: f"C{code}" for code in ("01001", "01002", "01003", "01005", "01007", "01009", "2A004")},
)


@pytest.mark.parametrize(
    ("codes", "years", "is_told"),
    [
        (["01009", "01004"], (2013, 2014, 2015), True),
        (["01009", "01006"], (2013, 2014, 2015, 2016), True),
        (["01009"], tuple(range(2013, 2027)), True),
        (["01001", "01003", "01005"], tuple(range(1943, 2027)), False),  # nothing tells
        (["99999"], tuple(range(1943, 2027)), False),
        ([], tuple(range(1943, 2027)), False),
        (["01002"], (*range(1943, 1973), *range(1986, 2027)), True),
        (["20004", "01009"], tuple(range(2013, 2027)), True),  # Corsica's codes are written both ways
        (["20004"], tuple(range(1943, 2027)), False),
    ],
)
def test_the_years_are_those_in_which_all_codes_were_communes(
    codes: list[str], years: tuple[int, ...], is_told: bool
) -> None:
    found = guess(HISTORY, codes)
    assert (found.years, found.is_told, found.is_mixed) == (years, is_told, False)


def test_what_tells_it() -> None:
    assert guess(HISTORY, ["01009", "01004", "01001"]) == Vintage((2013, 2014, 2015), True, "01009", "01004")


def test_a_single_code_of_an_old_list_tells_no_year() -> None:
    """Else a table of 2012 would be of the seventies for one code that is mistyped."""
    history = History(
        [
            change("1970-06-01", "simple-merger", "01090>01001", "01001>01001"),
            change("2026-01-01", "name-change", "01007>01007"),
        ],
        {f"010{n:02}": "C" for n in range(1, 11)},
    )
    codes = [f"010{n:02}" for n in range(1, 11)]
    found = guess(history, [*codes, "01090"])
    assert (found.strays, found.is_told, found.outside) == ((("01090", 1943, 1970),), False, ())
    assert guess(history, codes).strays == ()
    few = guess(history, [*codes[:2], "01090"])  # of three codes, it is evidence
    assert (few.years[-1], few.is_told, few.strays) == (1970, True, ())


def test_of_two_times_that_as_many_codes_tell_the_later_one_is_taken_and_the_other_named() -> None:
    history = History(
        [
            change("1965-01-01", "simple-merger", "01090>01001", "01001>01001"),
            change("2013-01-01", "creation", ">01009"),
        ],
        {f"010{n:02}": "C" for n in range(1, 11)},
    )
    found = guess(history, [*(f"010{n:02}" for n in range(1, 11)), "01090"])
    assert (found.years[0], found.years[-1], found.is_told, found.outside) == (2013, 2013, True, ("01090",))


def test_parts_of_communes_tell_no_year_where_they_would_contradict_it() -> None:
    history = History(
        [
            change("1977-01-01", "merger-association", "01090>01001", "01001>01001", "01090>COMA 01090"),
            change("1990-01-01", "creation", ">01009"),
        ],
        {f"010{n:02}": "C" for n in range(1, 11)},
        {"01090": "01001"},
    )
    found = guess(history, [*(f"010{n:02}" for n in range(1, 11)), "01090"])
    assert (found.years[0], found.outside, found.strays) == (1990, (), ())


def test_codes_of_years_that_never_were_together() -> None:
    history = History(
        [
            change("2000-01-01", "simple-merger", "01002>01001", "01001>01001"),
            change("2013-01-01", "creation", "01001>01001", "01001>01009"),
        ],
        {"01001": "A", "01009": "B"},
    )
    found = guess(history, ["01001", "01002", "01009"])
    assert found.is_mixed
    assert not found.is_told


def test_a_few_codes_of_another_year_leave_the_year_told() -> None:
    ended = [
        change("2016-01-01", "new-commune", f"{code}>01001", "01001>01001") for code in map(str, range(1002, 1042))
    ]
    history = History([*ended, change("2020-01-01", "creation", ">01099")], {"01001": "A", "01099": "B"})
    found = guess(history, ["01001", *map(str, range(1002, 1042)), "01099"])
    assert (found.years[-1], found.is_told, found.outside) == (2015, True, ("01099",))


@given(st.lists(st.sampled_from(HISTORY.codes()), max_size=8))
def test_a_year_that_is_told_has_the_codes(codes: list[str]) -> None:
    found = guess(HISTORY, codes)
    assert found.years
    strays = {code for code, _first, _last in found.strays}
    assert len(strays) <= len(set(codes)) // 5
    for year in found.years if not found.is_mixed else ():
        for code in set(codes) - strays:
            corsica = HISTORY.at("2A004", f"{year}-01-01") if code == "20004" else None
            assert HISTORY.at(code, f"{year}-01-01") or corsica


@pytest.mark.parametrize(
    ("codes", "year", "instead", "against"),
    [
        (["01009", "01004"], 2014, (), ()),  # as it is
        (["01009", "01004"], 2012, (2013, 2014, 2015), ("01009",)),  # too early: 01009 was not there yet
        (["01009", "01004"], 2017, (2013, 2014, 2015), ("01004",)),  # too late: 01004 is there no more
        (["01004", "01006"], 2026, tuple(range(1943, 2016)), ("01004", "01006")),
        (["01001", "01003"], 1950, (), ()),  # nothing tells
        (["99999"], 1950, (), ()),
        ([], 1950, (), ()),
        (["20004", "01009"], 2020, (), ()),  # Corsica's codes are written both ways
    ],
)
def test_a_declared_year_is_held_to_the_codes(
    codes: list[str], year: int, instead: tuple[int, ...], against: tuple[str, ...]
) -> None:
    found = declared(HISTORY, codes, year)
    assert (found.years, found.is_told) == ((year,), True)
    assert (found.instead, found.against) == (instead, against)
