"""The canonical tables and how YAML is read: a mistake is told with its line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from clirld import yamlfile
from clirld.errors import CardError, MappingError
from clirld.vocabulary import tables

TABLES = """\
place:
  title: {fr: Lieux, en: Places}
  description: {fr: Des lieux, en: Some places}
  key: ["$(record)"]
  columns:
    name: {type: name, required: true, title: {fr: nom, en: name}}
    kinds: {type: concept, scheme: kind, list: true}
    code: {type: postcode, helper: true}
    within: {type: key, references: place}
    point: {type: wkt, from: [name, code]}
"""


def load(folder: Path, text: str) -> tables.Tables:
    (folder / "tables.yaml").write_text(text)
    return tables.load(folder / "tables.yaml")


def test_tables_are_read(tmp_path: Path) -> None:
    place = load(tmp_path, TABLES)["place"]
    assert place.key == ("$(record)",)
    assert (place.columns["name"].required, place.columns["within"].references) == (True, "place")
    assert place.columns["point"].sources == ("name", "code")
    assert [column.name for column in place.published] == ["name", "kinds", "within", "point"]
    text = pl.String()
    assert place.schema == {
        "key": text, "record": text, "source": text, "row": pl.Int64(),
        "name": text, "kinds": pl.List(pl.String()), "within": text, "point": text,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("type: postcode", "type: zip", 8, "unknown type zip"),
        ("helper: true", "hidden: true", 8, "unknown field hidden"),
        ("references: place", "references: town", 9, "no table town"),
        ("from: [name, code]", "from: [name, town]", 10, "no column town in place"),
        ("scheme: kind, ", "", 7, "a concept needs its scheme"),
        ("type: postcode, ", "", 8, "column code has no type"),
        ("code: {type: postcode, helper: true}", "code: postcode", 8, "column code has no type"),
        ('  key: ["$(record)"]\n', "", 1, "table place has no key"),
        ("  title: {fr: Lieux, en: Places}\n", "", 1, "table place has no title"),
        ("  columns:", "  colums:", 1, "table place has no columns"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    assert TABLES.count(old) == 1
    with pytest.raises(MappingError, match=what) as caught:
        load(tmp_path, TABLES.replace(old, new))
    assert caught.value.where == f"{tmp_path / 'tables.yaml'}:{line}"
    assert caught.value.do


def test_the_line_of_the_deepest_part_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# head\na:\n  b:\n    - {c: 1}\n    - d\n")
    file = yamlfile.load(tmp_path / "a.yaml", CardError)
    assert file.line(["a"]) == 2
    assert file.line(["a", "b", 0, "c"]) == 4
    assert file.line(["a", "b", 1]) == 5
    assert file.line(["a", "b", 7]) == 3
    assert file.line(["x", "b"]) == 1
    assert file.where(["a", "b"]) == f"{tmp_path / 'a.yaml'}:3"


def test_what_text_means(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "base: &b {n: 01}\na: {<<: *b, f: 1.10, b: true, t: ~, e: , q: '~', d: 2019-06-01}\n"
    )
    read = yamlfile.load(tmp_path / "a.yaml", CardError, text=True).data["a"]
    assert dict(read) == {"n": "01", "f": "1.10", "b": "true", "t": None, "e": None, "q": "~", "d": "2019-06-01"}
    typed = yamlfile.load(tmp_path / "a.yaml", CardError).data["a"]
    assert (typed["b"], typed["f"], typed["n"]) == (True, 1.1, 1)


@pytest.mark.parametrize("lazy", [False, True])
def test_rows_of_earlier_tables_conform(lazy: bool) -> None:
    """Written when a column was not there, was there and has gone, was no list yet, or was one still."""
    columns = (
        tables.Column("one", "text"),
        tables.Column("many", "text", list=True),
        tables.Column("year", "integer"),
        tables.Column("new", "text"),
    )
    table = tables.Table("thing", {}, {}, (), {column.name: column for column in columns})
    earlier = {"key": ["a", "b"], "one": [["x", "y"], None], "many": ["z", None], "row": ["3", None], "old": [1, 2]}
    rows = pl.DataFrame(earlier)
    made = table.conform(rows.lazy()).collect() if lazy else table.conform(rows)
    assert made.schema == table.schema
    found = made.select("key", "one", "many", "row", "new").rows()
    assert found == [("a", "x | y", ["z"], 3, None), ("b", None, None, None, None)]
