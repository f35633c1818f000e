"""The account of rows: in = published + held + dropped, or an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.accounts import Account, LeftOut
from clirld.errors import RecordsError


@pytest.fixture
def account() -> Account:
    account = Account("places")
    for _row in range(5):
        account.read("a")
    account.read("b")
    account.made("a", 3)
    account.made("b")
    account.leave_out(LeftOut("a", 3, "missing-name", "x"))
    account.leave_out(LeftOut("a", 4, "ragged"))
    return account


def test_counts_by_reason_and_distribution(account: Account) -> None:
    account.balanced()
    assert account.summary() == {
        "rows_in": 6, "published": 4, "held": 0, "dropped": 2,
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
    after = account.hold([LeftOut("a", 5, "V3", "z", "held")])
    after.balanced()
    assert (after.summary()["published"], after.summary()["held"], after.summary()["dropped"]) == (3, 1, 2)
    assert after.summary()["reasons"]["held"] == {"V3": 1}
    assert account.summary()["published"] == 4


@pytest.mark.parametrize("change", ["lost", "twice"])
def test_a_row_that_is_lost_or_counted_twice(account: Account, change: str) -> None:
    if change == "lost":
        account.read("b")
    else:
        account.leave_out(LeftOut("b", 1, "ragged"))
    with pytest.raises(RecordsError, match="rows in, but") as caught:
        account.balanced()
    assert "distribution b" in caught.value.where


def test_an_account_comes_back_as_it_was_written(account: Account, tmp_path: Path) -> None:
    account = account.hold([LeftOut("a", 5, "V3", "é", "held", listed=False)])
    account.write(tmp_path / "account.json")
    assert Account.load(tmp_path / "account.json") == account
    for damage in ("{", "{}", "[]", '{"source": "x", "rows_in": {}, "rows_made": {}, "left_out": [{}]}'):
        (tmp_path / "account.json").write_text(damage)
        with pytest.raises(RecordsError, match="damaged"):
            Account.load(tmp_path / "account.json")
