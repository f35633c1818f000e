"""A table by commune brought to another year: nothing is lost, nothing is divided that nobody can divide."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.errors import UsageError
from clirld.read.rows import RaggedRow, SourceRow
from clirld.territory.amounts import Balance, decimal_mark, decimal_text
from clirld.territory.codes import read_code
from clirld.territory.convert import Codes, Converted, Line, convert_rows, lines_of, look
from clirld.territory.history import History
from clirld.territory.request import Rate, Request, rate
from clirld.territory.shares import Planner, divide
from clirld.territory.stored import Census
from tests.territory.test_history import change

HISTORY = History(
    [
        change("1976-01-01", "departement-change", "20004>2A004"),
        change("2014-01-01", "re-establishment", "01001>01001", "01001>01002"),
        change("2016-01-01", "new-commune", "01004>01003", "01003>01003"),
        change("2018-01-01", "seat-transfer", "01005>01006"),
        change("2020-01-01", "creation", "01007>01007", "01007>01008", "01010>01010", "01010>01008"),
    ],
    {code: f"C{code}" for code in ("01001", "01002", "01003", "01006", "01007", "01008", "01010", "2A004", "75056")},
    {"75101": "75056", "75102": "75056"},
)
CENSUS = Census("2025", "2025-01-01", {"01001": 300, "01002": 100, "01007": 50, "01008": 50, "01010": 10})


def table(*rows: Iterable[str]) -> list[SourceRow | RaggedRow]:
    columns = ("code", "label", "pop", "x")
    return [SourceRow(number, dict(zip(columns, cells, strict=True))) for number, cells in enumerate(rows, 2)]


def run(
    rows: list[SourceRow | RaggedRow],
    years: Iterable[int] = (2012,),
    request: Request | None = None,
    census: Census | None = None,
    day: str = "2026-01-01",
) -> tuple[Converted, list[Line]]:
    request = request or Request("code", ("pop", "x"), ("label",), (Rate("r", "x", "pop", 100),))
    lines: list[Line] = []
    codes = look(rows, request)
    found = convert_rows(rows, request, HISTORY, Planner(HISTORY, [*years], day, census), codes, day, lines.append)
    assert [line.row for line in lines] == [row.row for row in rows]  # each row once, in order
    assert sum(found.outcomes.values()) == len(rows)
    assert all(balance.is_whole for balance in found.balances.values())
    return found, lines


def only(found: Converted) -> list[str]:
    (row,) = found.rows
    return row


def test_rows_of_communes_that_merged_are_added_up() -> None:
    found, lines = run(table(("01003", "Trois", "100", "1,5"), ("01004", "Quatre", "50", "3")))
    assert found.header == ["code", "name_2026", "label", "pop", "x", "r"]
    assert only(found) == ["01003", "C01003", "Trois | Quatre", "150", "4.5", "3"]
    assert [line.outcome for line in lines] == ["same", "moved"]
    assert found.differing == 1


def test_a_new_code_is_followed() -> None:
    assert only(run(table(("01005", "Cinq", "7", "0")))[0])[:2] == ["01006", "C01006"]


def test_what_nobody_can_divide_is_not_divided() -> None:
    found, lines = run(table(("01001", "Un", "401", "9")))
    assert found.rows == []
    assert lines[0].outcome == "undivided"
    assert [*lines_of(lines)] == [["2", "01001", "01001", "undivided", "01001 01002"]]
    assert found.balances["pop"].left_out == {"undivided": 401 * 10**9}


def test_by_a_census_it_is_divided_to_the_last_unit() -> None:
    found, lines = run(table(("01001", "Un", "401", "0.9")), census=CENSUS)
    assert [row[3:5] for row in found.rows] == [["301", "0.7"], ["100", "0.2"]]
    assert next(lines_of(lines))[4] == "01001:300 01002:100"


def test_a_census_does_not_divide_what_it_does_not_tell_apart() -> None:
    """01008 is made of parts of two communes: how many of its inhabitants come from which, no census says."""
    found, lines = run(table(("01007", "Sept", "10", "1"), ("01010", "Dix", "10", "1")), census=CENSUS)
    assert found.rows == []
    assert {line.outcome for line in lines} == {"undivided"}


def test_backwards_too() -> None:
    found, _ = run(table(("01003", "Trois", "150", "3")), years=[2020], day="2012-01-01")
    assert found.rows == []
    census = Census("2010", "2010-01-01", {"01003": 2, "01004": 1})
    found, _ = run(table(("01003", "Trois", "150", "3")), years=[2020], day="2012-01-01", census=census)
    assert [row[0:1] + row[3:4] for row in found.rows] == [["01003", "100"], ["01004", "50"]]


def test_where_the_year_decides_it_is_not_converted() -> None:
    _, lines = run(table(("01001", "Un", "401", "9")), years=range(2010, 2020))
    assert [line.outcome for line in lines] == ["undecided"]
    _, lines = run(table(("01001", "Un", "401", "9")), years=range(2014, 2020))
    assert [line.outcome for line in lines] == ["same"]


@pytest.mark.parametrize(
    ("code", "outcome", "commune"),
    [
        ("1003", "same", "01003"),
        ("1003.0", "same", "01003"),
        ("'01003", "same", "01003"),
        ("2A004", "same", "2A004"),
        ("2a004", "same", "2A004"),
        ("20004", "moved", "2A004"),
        ("75101", "part", "75056"),
        ("01002", "not-then", ""),
        ("99999", "not-a-code", ""),
        ("01999", "never", ""),
        ("Bourg", "not-a-code", ""),
        ("", "no-code", ""),
        ("n.d.", "no-code", ""),
    ],
)
def test_codes_as_tables_have_them(code: str, outcome: str, commune: str) -> None:
    found, lines = run(table((code, "x", "5", "5")))
    assert lines[0].outcome == outcome
    assert [row[0] for row in found.rows] == ([commune] if commune else [])


def test_overseas_codes_with_the_departement_twice() -> None:
    assert read_code("973353") == ("97353", True)
    assert read_code("972353").code is None


def test_arrondissements_beside_their_commune_are_not_counted_twice() -> None:
    found, lines = run(table(("75056", "Paris", "9", "1"), ("75101", "1er", "4", "1"), ("75102", "2e", "5", "0")))
    assert only(found)[3] == "9"
    assert [line.outcome for line in lines] == ["same", "beside-its-whole", "beside-its-whole"]


def test_what_has_no_row_is_named() -> None:
    found, _ = run(table(("01003", "Trois", "100", "1"), ("75101", "1er", "4", "1")))
    assert found.header[-1] == "absent_2012"
    assert [row[-1] for row in found.rows] == ["01004", "75102"]
    assert found.incomplete == 2


def test_a_sum_without_one_of_its_parts_is_not_written() -> None:
    found, _ = run(table(("01003", "Trois", "100", "1"), ("01004", "Quatre", "s", "2")))
    assert only(found)[3:] == ["", "3", ""]
    balance = found.balances["pop"]
    assert (balance.withheld, balance.unclean, balance.missing) == (100 * 10**9, 0, 0)
    assert balance.marked == {"s": 1}


def test_repeated_codes_are_added_up_and_told_and_kept_apart_by_a_column() -> None:
    rows = table(("01006", "h", "1", "1"), ("01006", "f", "2", "1"))
    request = Request("code", ("pop",))
    assert look(rows, request).repeated == {"01006": [2, 3]}
    assert only(run(rows, [2020], request)[0])[2:] == ["3"]
    by = Request("code", ("pop",), by=("label",))
    assert look(rows, by).repeated == {}
    assert [row[2:] for row in run(rows, [2020], by)[0].rows] == [["f", "2"], ["h", "1"]]


def test_a_rate_of_nothing_is_none() -> None:
    assert only(run(table(("01003", "a", "0", "0"), ("01004", "b", "0", "0")))[0])[-1] == ""


def test_rows_that_cannot_be_read_are_accounted_for() -> None:
    rows: list[SourceRow | RaggedRow] = [*table(("01006", "a", "1", "1")), RaggedRow(3, 2, 4)]
    assert run(rows, [2020])[0].outcomes == {"same": 1, "unreadable": 1}


CODES = st.sampled_from([*HISTORY.codes(), "75101", "1003", "99999", "", "x"])
AMOUNTS = st.one_of(
    st.integers(-(10**15), 10**15).map(str),
    st.decimals(-(10**9), 10**9, places=3, allow_nan=False).map(str),
    st.sampled_from(["", "s", "1 234", "1,5", "12.000", "1e3"]),
)


@given(
    st.lists(st.tuples(CODES, st.just("a"), AMOUNTS, AMOUNTS), max_size=12),
    st.sampled_from([[1960], [2012], [2015], [2019, 2020], [*range(1943, 2027)]]),
    st.booleans(),
    st.sampled_from(["2026-01-01", "2012-01-01", "1950-01-01"]),
)
def test_every_unit_is_somewhere(
    rows: list[tuple[str, str, str, str]], years: list[int], has_census: bool, day: str
) -> None:
    """Whatever the table: each row has one outcome, and what is read is what is written, withheld or left out."""
    found, _ = run(table(*rows), years, census=CENSUS if has_census else None, day=day)
    written = {name: found.header.index(name) for name in ("pop", "x")}
    for name, place in written.items():
        units = 0
        for row in found.rows:
            whole, _, decimals = (row[place] or "0").partition(".")
            units += (-1 if whole.startswith("-") else 1) * int(whole.lstrip("-") + decimals.ljust(9, "0"))
        assert units == found.balances[name].written


@given(st.integers(), st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 10**9), min_size=1))
def test_shares_add_up_and_are_near_the_exact_ones(amount: int, weights: dict[str, int]) -> None:
    total = sum(weights.values())
    if not total:
        return
    shares = divide(amount, weights)
    assert sum(shares.values()) == amount
    for code, share in shares.items():
        assert abs(share * total - amount * weights[code]) < total


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (10**9, "1"), (-1, "-0.000000001"), (15 * 10**8, "1.5"), (10**30, "1" + "0" * 21)]
)
def test_amounts_are_written_exactly(amount: int, text: str) -> None:
    assert decimal_text(amount) == text


COLUMNS = ("code", "jobless", "active", "a/b", "pop")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jobless/active", Rate("jobless/active", "jobless", "active")),
        ("t=jobless/active*100", Rate("t", "jobless", "active", 100)),
        ("a/b/pop", Rate("a/b/pop", "a/b", "pop")),
        ("pop / a/b", Rate("pop / a/b", "pop", "a/b")),
    ],
)
def test_rates(text: str, found: Rate) -> None:
    assert rate(text, COLUMNS) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [("pop", "pop is no rate"), ("jobles/active", "no column jobles"), ("pop/activ", "no column activ")],
)
def test_what_is_no_rate(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rate(text, COLUMNS)


def test_the_parts_of_a_rate_are_added_up() -> None:
    request = Request.of(COLUMNS, "code", sums=["pop"], rates=["jobless/active"])
    assert request.sums == ("pop", "jobless", "active")


@pytest.mark.parametrize(
    "options", [{"code": "kode"}, {"code": "code", "sums": ["people"]}, {"code": "code", "keep": ["code"]}]
)
def test_columns_that_cannot_be_asked_for(options: dict[str, str | list[str]]) -> None:
    with pytest.raises(UsageError):
        Request.of(COLUMNS, **options)  # type: ignore[arg-type]


def test_nothing_to_look_at() -> None:
    assert look([], Request("code")) == Codes()


PARTS = History(
    [
        change("1977-01-01", "merger-association", "01002>01001", "01001>01001", "01002>COMA 01002"),
        change("1990-01-01", "merger-association", "01003>01001", "01001>01001", "01003>COMA 01003"),
        change("2010-01-01", "end-of-association", "01001>01001", "COMA 01002>01001"),
    ],
    {"01001": "C01001"},
    {"01003": "01001"},
)


@pytest.mark.parametrize(
    ("code", "years", "beside", "outcome"),
    [
        ("01003", [2012], [], "part"),
        ("01003", [1980], [], "moved"),
        ("01003", [2012], ["01001"], "beside-its-whole"),
        ("01003", [1980], ["01001"], "moved"),
        ("01003", [1980, 2012], [], "moved"),
        ("01003", [1980, 2012], ["01001"], "undecided"),  # to be added, or counted twice: the year decides
        ("01002", [1980, 2000], [], "part"),
        ("01002", [2012], [], "not-then"),  # a part no longer
    ],
)
def test_codes_of_associated_communes_lead_to_their_commune(
    code: str, years: list[int], beside: list[str], outcome: str
) -> None:
    plan = Planner(PARTS, years, "2026-01-01").plan(code, frozenset(beside))
    assert (plan.outcome, [*plan.weights]) == (outcome, [] if outcome == "not-then" else ["01001"])


def test_cells_without_a_number_are_told_apart() -> None:
    balance = Balance()
    for row, cell in enumerate(["", " ", "s", "n.d.", "nc", "NC", "abc", "12 000,5", "1.5", "3"], 2):
        balance.amount(cell, row)
    assert (balance.missing, balance.unclean, balance.numbers) == (2, 1, 3)
    assert balance.marked == {"s": 1, "n.d.": 1, "nc": 1, "NC": 1}
    assert balance.examples == [(8, "abc")]
    assert decimal_mark([balance]) is None  # as many points as commas
    balance.amount("0,25", 12)
    assert decimal_mark([balance]) == ","
