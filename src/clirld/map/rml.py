"""rml: the canonical tables and the mapping as any YARRRML or RML engine takes them.

out/mapping.yarrrml          the project's mapping, each pattern reading a CSV file beside it
out/<table>.csv              the columns with one value
out/<table>--<column>.csv    one row a value of a list column; an empty cell is no value
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from clirld import yamlfile
from clirld.errors import MappingError
from clirld.vocabulary.tables import Table, Tables

_REFERENCE = re.compile(r"\$\(([^()]*)\)")


def export(records: Path, tables: Tables, mapping: Path, out: Path) -> Path:
    """Write CSV files and a YARRRML file for the tables that are in `records`; gives the YARRRML file.

    `records` is a folder of Parquet parts by table, and `mapping` a file that `clirld.mapping.load` accepts.
    It is read as it is, not as `clirld.map.yarrrml` understands it, so that an engine run on the outcome checks
    that too. RML has no columns of several values: patterns of a list column get a source of their own.
    """
    data = yamlfile.load(mapping, MappingError).data
    patterns: dict[str, Any] = {}
    used_columns: dict[tuple[str, str | None], set[str]] = {}
    for name, entry in data["mappings"].items():
        table = tables[entry["sources"][0]]
        if not any((records / table.name).glob("*.parquet")):
            continue
        for predicate_object in entry["po"]:
            column = _list_column(table, predicate_object)
            suffix = f"--{column}" if column else ""
            pattern = patterns.setdefault(
                name + suffix,
                {
                    "sources": [[f"{table.name}{suffix}.csv~csv"]],
                    "s": entry["s"],
                    "graphs": _expanded(entry["graphs"], data["prefixes"]),
                    "po": [],
                },
            )
            pattern["po"].append([_without_graph_prefix(text, data["prefixes"]) for text in predicate_object])
            used_columns.setdefault((table.name, column), set()).update(
                _columns(entry["s"], entry["graphs"], *predicate_object)
            )
    out.mkdir(parents=True, exist_ok=True)
    for (name, column), columns in used_columns.items():
        frame = pl.scan_parquet(sorted((records / name).glob("*.parquet")))
        frame = frame.select(field for field in tables[name].schema if field in columns)
        if column:
            frame.explode(column).sink_csv(out / f"{name}--{column}.csv")
        else:
            frame.sink_csv(out / f"{name}.csv")
    yarrrml = out / "mapping.yarrrml"
    with yarrrml.open("w", encoding="utf-8") as file:
        YAML(pure=True).dump({"prefixes": dict(data["prefixes"]), "mappings": patterns}, file)
    return yarrrml


def _expanded(text: str, prefixes: Mapping[str, str]) -> str:
    # morph-kgc 2.10 takes a prefix called “graph” for the key of that name, and then does not know it.
    prefix, _, rest = text.partition(":")
    return prefixes[prefix] + rest


def _without_graph_prefix(text: str, prefixes: Mapping[str, str]) -> str:
    return _expanded(text, prefixes) if text.startswith("graph:") else text


def _columns(*texts: str) -> set[str]:
    return {name for text in texts for name in _REFERENCE.findall(text)}


def _list_column(table: Table, texts: list[str]) -> str | None:
    columns = sorted(_columns(*texts))
    return next((name for name in columns if name in table.columns and table.columns[name].list), None)
