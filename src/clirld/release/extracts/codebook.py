"""What each column of the extracts is: rows of the codebook, and the same as CSV on the Web.

The columns of a codebook: `table`, `column`, `type`, `unit`, `definition_fr`, `definition_en`, `vintage`, `missing_fr`,
`missing_en`, `sources`, `licenses`, `filled` (cells that are not empty) and `rows`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl

from clirld import yamlfile
from clirld.release.extracts import panel
from clirld.release.extracts.tables import ReleasedTables
from clirld.vocabulary.tables import LIST_SEPARATOR

_TYPES = {"integer": "integer", "decimal": "number"}


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yamlfile.shipped(__package__, "columns.yaml")
    return words


def titles(table: str) -> dict[str, str]:
    """What a table of the extracts is called, in French and English."""
    return dict(_words()["tables"][table]["title"])


def entries(
    tables: ReleasedTables, table: str, names: Sequence[str], labels: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Of the columns of a table of the extracts, in their order: what is said of them.

    `labels` are of kinds of recognition and of rules, by the names of their columns, in French and English.
    """
    known = {
        one.get("name", key): one for key in _words()["tables"][table]["columns"] for one in [_words()["columns"][key]]
    }
    figures = panel.figures(tables)
    return [
        {
            "table": table,
            "column": name,
            **(_said(known[name]) if name in known else _of_panel(tables, name, figures, labels)),
        }
        for name in names
    ]


def _said(one: Mapping[str, Any]) -> dict[str, Any]:
    is_number = one["type"] in ("integer", "number") and "missing" not in one
    missing = one.get("missing") or (_words()["zero"] if is_number else _words()["not_said"])
    return _entry(one["type"], one.get("unit"), one, missing, list=one.get("list", False))


def _of_panel(
    tables: ReleasedTables, name: str, figures: Mapping[str, Mapping[int, str]], labels: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    words, columns = _words(), tables.known["territory_figures"].columns
    for kind in ("recognition", "situation"):
        if name in labels and name.startswith(f"{kind}_"):
            texts = {tag: words[kind][tag].format(labels[name][tag]) for tag in ("fr", "en")}
            if kind == "situation":
                return _entry("string", None, texts, words["situation"]["missing"])
            return _entry("integer", "initiatives, organizations", texts, words["zero"])
    years = figures.get(name, {})
    of_years = [columns[one] for _year, one in sorted(years.items())] or [columns[name]]
    texts = {tag: " ; ".join((one.title or {})[tag] for one in of_years) for tag in ("fr", "en")}
    kind = _TYPES.get(of_years[0].type, "string")
    return _entry(kind, words["units"].get(name), texts, words["not_said"], ", ".join(map(str, sorted(years))))


def _entry(
    type_: str,
    unit: str | None,
    texts: Mapping[str, str],
    missing: Mapping[str, str],
    vintage: str = "",
    *,
    list: bool = False,
) -> dict[str, Any]:
    said = {"type": type_, "list": list, "unit": unit or ""}
    return (
        said
        | {f"definition_{tag}": texts[tag] for tag in ("fr", "en")}
        | {"vintage": vintage}
        | {f"missing_{tag}": missing[tag] for tag in ("fr", "en")}
    )


def rows(
    entries: Sequence[Mapping[str, Any]],
    frame: pl.LazyFrame,
    sources_of: Mapping[str, Sequence[str]],
    licences: Mapping[str, str],
    retrieved: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """The rows of the codebook for a table: `frame` is the table, `sources_of` says by column where it comes from.

    Of a column whose vintage is not that of figures, it is the day when its newest source was had.
    """
    counted = frame.select(pl.len().alias("rows "), pl.all().count()).collect(engine="streaming").row(0, named=True)
    for one in entries:
        sources = sources_of.get(one["column"], ())
        shown = {name: value for name, value in one.items() if name != "list"}
        yield shown | {
            "type": f"{one['type']} (list)" if one["list"] else one["type"],
            "vintage": one["vintage"] or max((retrieved[source] for source in sources), default=""),
            "sources": LIST_SEPARATOR.join(sources),
            "licenses": LIST_SEPARATOR.join(sorted({licences[source] for source in sources})),
            "filled": counted[one["column"]],
            "rows": counted["rows "],
        }


def csvw(tables: Mapping[str, Sequence[Mapping[str, Any]]], licence: str | None) -> dict[str, Any]:
    """W3C Metadata Vocabulary for Tabular Data, 17 December 2015, of the tables by their names."""
    described = [
        {
            "url": f"{name}.csv",
            "dc:title": _texts(titles(name)),
            "tableSchema": {"columns": [_column(one) for one in entries]},
        }
        for name, entries in tables.items()
    ]
    of_all = {"dc:license": {"@id": licence}} if licence else {}
    return {"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], **of_all, "tables": described}


def _column(one: Mapping[str, Any]) -> dict[str, Any]:
    column = {
        "name": one["column"],
        "titles": one["column"],
        "dc:description": _texts({tag: one[f"definition_{tag}"] for tag in ("fr", "en")}),
        "datatype": one["type"],
    }
    return column | ({"separator": LIST_SEPARATOR} if one["list"] else {})


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]
