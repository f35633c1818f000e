"""`clirld search`: what it prints, and what it says where it cannot."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app, query
from clirld.errors import ClirldError, DataError, UsageError
from clirld.query.text_search import NAMESPACE
from clirld.search.find import MOST
from clirld.search.index import FILE
from tests.once import linked_copy


def search(*words: str) -> str:
    told = CliRunner().invoke(app.app, ["search", *words], catch_exceptions=False)
    assert told.exit_code == 0
    return told.stdout


def test_rows_down_a_pipe_and_json(samples: Path) -> None:
    given = ["pole", "fictif", "du", "val", "--data", str(samples)]
    rows = list(csv.DictReader(io.StringIO(search(*given), newline="")))
    assert rows[0]["label"] == "Pôle fictif du Val"
    found = json.loads(search(*given, "--json", "--limit", "1"))["results"]["bindings"]
    assert [row["label"]["value"] for row in found] == ["Pôle fictif du Val"]


def test_type_and_territory(samples: Path) -> None:
    given = ["lons", "--type", "commune", "--data", str(samples)]
    rows = list(csv.DictReader(io.StringIO(search(*given), newline="")))
    assert {row["thing"].rpartition("/")[2].partition("-")[0] for row in rows} == {"commune"}
    assert search(*given, "--territory", "departement-84").count("\n") == 1  # the names of the columns


def test_nothing_found_is_said_with_what_to_try(samples: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert search("zzzzz", "--data", str(samples)).count("\n") == 1
    assert search("zzzzz", "--data", str(samples), "--json").count("bindings") == 1
    told = json.loads(search("fictiff", "--data", str(samples), "--json"))
    assert (told["results"]["bindings"], told["suggestion"]) == ([], "fictif")
    said = [str(record.msg) for record in caplog.records]
    assert len(said) == 3
    assert all("nothing was found" in one for one in said)
    assert "fewer words" in said[0]
    assert "“fictif”" in said[2]
    search("fictif", "--data", str(samples))
    assert len(caplog.records) == 3


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["a", "--type", "nothing"], UsageError, "no type nothing"),
        (["a", "--territory", "39300"], UsageError, "no territory 39300"),
        (["a", "--release", "1"], ClirldError, "no release"),
    ],
)
def test_what_cannot_be_asked(samples: Path, words: list[str], error: type[ClirldError], said: str) -> None:
    with pytest.raises(error, match=said):
        search(*words, "--data", str(samples))


def test_a_release_without_an_index_or_with_a_damaged_one(samples: Path, tmp_path: Path) -> None:
    data = linked_copy(samples, tmp_path / "data")
    index = (data / "current").resolve() / FILE
    index.unlink()
    with pytest.raises(DataError, match="no search index"):
        search("a", "--data", str(data))
    index.write_bytes(b"damaged" * 1000)
    with pytest.raises(DataError, match="damaged"):
        search("a", "--data", str(data))


def test_a_query_says_that_its_search_was_cut(samples: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "query.rq"
    file.write_text(f'PREFIX text: <{NAMESPACE}> SELECT * {{ ?s text:query ("exemple" 3) }}', encoding="utf-8")
    told = CliRunner().invoke(app.app, ["query", str(file), "--data", str(samples)], catch_exceptions=False)
    assert told.stdout.count("\n") == 4
    assert [type(record.msg) for record in caplog.records] == [DataError]
    for hits, number in (("12", 1), (f"{MOST}", 1), (f"4, {MOST};cut", 2), ("3;cut, 12", 3)):
        query.notice_of_cut(hits)
        assert len(caplog.records) == number
