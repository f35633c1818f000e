"""The account of rows: in = published + held + dropped, or an error."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from clirld.errors import RecordsError
from clirld.records.accounts import Account, CountedRows, ExcludedRow, held_rows, unnamed


@pytest.fixture
def account() -> Account:
    account = Account("places")
    for _row in range(5):
        account.count_read("a")
    account.count_read("b")
    account.count_made("a", 3)
    account.count_made("b")
    account.exclude(ExcludedRow("a", 3, "missing-name", "x"))
    account.exclude(ExcludedRow("a", 4, "ragged"))
    return account


def test_counts_by_reason_and_distribution(account: Account) -> None:
    account.check_balance()
    assert account.summary() == {
        "rows_in": 6, "published": 4, "held": 0, "dropped": 2, "missing": 0, "gone": 0,
        "reasons": {"held": {}, "dropped": {"missing-name": 1, "ragged": 1}},
        "distributions": {
            "a": {
                "rows_in": 5, "published": 3, "held": 0, "dropped": 2,
                "reasons": {"held": {}, "dropped": {"missing-name": 1, "ragged": 1}},
            },
            "b": {
                "rows_in": 1, "published": 1, "held": 0, "dropped": 0,
                "reasons": {"held": {}, "dropped": {}},
            },
        },
    }  # fmt: skip


def test_rows_that_are_held_are_no_longer_published(account: Account) -> None:
    after = account.with_held([ExcludedRow("a", 5, "SirenLuhn", "z", "held")])
    after.check_balance()
    assert (after.summary()["published"], after.summary()["held"], after.summary()["dropped"]) == (3, 1, 2)
    assert after.summary()["reasons"]["held"] == {"SirenLuhn": 1}
    assert account.summary()["published"] == 4


def test_a_row_of_which_several_records_are_held_is_one_row(account: Account) -> None:
    after = account.with_held([ExcludedRow("a", 5, "SirenLuhn", name, "held") for name in ("x", "y", "z")])
    after.check_balance()
    summary = after.summary()
    assert (summary["rows_in"], summary["published"], summary["held"], summary["dropped"]) == (6, 3, 1, 2)
    assert [row.identifier for row in after.excluded[2:]] == ["x", "y", "z"]


@pytest.mark.parametrize("change", ["lost", "twice"])
def test_a_row_that_is_lost_or_counted_twice(account: Account, change: str) -> None:
    if change == "lost":
        account.count_read("b")
    else:
        account.exclude(ExcludedRow("b", 1, "ragged"))
    with pytest.raises(RecordsError, match="rows in, but") as caught:
        account.check_balance()
    assert "distribution b" in caught.value.where


def test_an_account_comes_back_as_it_was_written(account: Account, tmp_path: Path) -> None:
    account = account.with_held(
        [ExcludedRow("a", 5, "SirenLuhn", "é", "held"), ExcludedRow("b", 1, "PersonalData", "é", "held")]
    )
    account.write(tmp_path / "account.json")
    assert Account.load(tmp_path / "account.json") == account
    for damage in ("{", "{}", "[]", '{"source": "x", "rows_in": {}, "rows_made": {}, "left_out": [{}]}'):
        (tmp_path / "account.json").write_text(damage)
        with pytest.raises(RecordsError, match="damaged"):
            Account.load(tmp_path / "account.json")


def test_rows_of_held_records(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    kept = {
        "key": ["p-1", "p-2", "p-3"],
        "distribution": ["a", "a", "b"],
        "row": [2, 3, 2],
        "identifier": ["1", "2", "é"],
    }
    pl.DataFrame(kept).write_parquet(tmp_path / "record" / "part-00000.parquet")
    lines = [("p-3", "SirenLuhn"), ("p-1", "PointZero"), ("p-3", "Year")]
    text = "".join(
        json.dumps({"record": key, "reason": reason, "value": "a\u2028b\x85c"}, ensure_ascii=False) + "\n"
        for key, reason in lines
    )
    (tmp_path / "held.jsonl").write_text(text)
    assert held_rows(tmp_path, tmp_path / "held.jsonl") == [
        ExcludedRow("a", 2, "PointZero", "1", "held"), ExcludedRow("b", 2, "SirenLuhn", "é", "held"),
    ]  # fmt: skip
    (tmp_path / "held.jsonl").write_text("")
    assert held_rows(tmp_path / "nowhere", tmp_path / "held.jsonl") == []


def test_a_row_of_a_record_that_is_no_longer_in_the_file_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    table = {
        "key": ["p-1", "p-2", "p-3"],
        "distribution": ["a", "a", "a"],
        "row": [2, 3, 4],
        "identifier": ["1", "2", "3"],
        "missing_since": [None, "2026-01-01T06:00:00Z", None],
        "ended": [None, None, "2026-01-01T06:00:00Z"],
    }
    pl.DataFrame(table).write_parquet(tmp_path / "record" / "part-00000.parquet")
    lines = "".join(json.dumps({"record": key, "reason": "PointZero"}) + "\n" for key in table["key"])
    (tmp_path / "held.jsonl").write_text(lines)
    assert held_rows(tmp_path, tmp_path / "held.jsonl") == [ExcludedRow("a", 2, "PointZero", "1", "held")]


def test_what_an_account_does_not_say_counts_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    line = {"distribution": "a", "row": 3, "reason": "ragged"}
    path.write_text(json.dumps({"source": "x", "rows_in": {"a": 1}, "rows_made": {}, "left_out": [line]}))
    account = Account.load(path)
    assert account == Account("x", Counter(a=1), Counter(), [ExcludedRow("a", 3, "ragged", "", "dropped")])
    summary = account.summary()
    assert (summary["missing"], summary["gone"], summary["dropped"]) == (0, 0, 1)


def test_a_source_of_which_nothing_was_lost_has_nothing_missing(account: Account) -> None:
    assert (account.summary()["missing"], account.summary()["gone"]) == (0, 0)
    account.count_made("b")
    with pytest.raises(RecordsError, match="1 rows in, but 2 made and 0 left out"):
        account.check_balance()


def test_what_may_not_be_named_is_counted_whoever_notes_it(account: Account, tmp_path: Path) -> None:
    for reason in ("erased", "natural-person", "not-kept-publiweb", "quite-new"):
        account.count_read("b")
        account.exclude(ExcludedRow("b", 7, reason, "W391000001"))
    account.count_read("b")
    account.exclude(ExcludedRow("b", 8, "not-kept-country", "abroad"), listed=True)
    after = account.with_held([ExcludedRow("b", 1, "PersonalData", "W392000002", "held")])
    after.check_balance()
    assert after.counted == {
        CountedRows("b", "erased"): 1, CountedRows("b", "natural-person"): 1, CountedRows("b", "not-kept-publiweb"): 1,
        CountedRows("b", "quite-new"): 1, CountedRows("b", "PersonalData", "held"): 1,
    }  # fmt: skip
    assert account.counted[CountedRows("b", "PersonalData", "held")] == 0
    assert after.summary()["reasons"]["held"] == {"PersonalData": 1}
    assert after.summary()["dropped"] == 7
    after.write(tmp_path / "account.json")
    text = (tmp_path / "account.json").read_text(encoding="utf-8")
    assert "abroad" in text
    assert "W39" not in text
    assert Account.load(tmp_path / "account.json") == after


@pytest.mark.parametrize("order", [1, -1])
def test_a_row_of_which_one_record_may_not_be_named_is_not(account: Account, order: int) -> None:
    rows = [ExcludedRow("a", 5, "SirenLuhn", "x", "held"), ExcludedRow("a", 5, "PersonalData", "y", "held")]
    after = account.with_held(rows[::order])
    after.check_balance()
    assert after.counted == {CountedRows("a", "PersonalData", "held"): 1}
    assert after.excluded == account.excluded


def test_which_held_records_may_not_be_named(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    table = {"key": ["p-1", "p-2"], "distribution": ["a", "b"], "row": [2, 3], "identifier": ["1", "2"]}
    pl.DataFrame(table).write_parquet(tmp_path / "record" / "part-00000.parquet")
    lines = [("p-1", "SirenLuhn"), ("p-2", "PersonalData"), ("p-9", "PersonalData")]
    text = "".join(json.dumps({"record": key, "reason": reason}) + "\n" for key, reason in lines)
    (tmp_path / "held.jsonl").write_text(text)
    found = unnamed(tmp_path, tmp_path / "held.jsonl")
    assert (found.keys, found.rows) == ({"p-2", "p-9"}, {("b", 3)})
