"""How the bytes of a distribution are read: the part of a card that the readers need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Format = Literal["csv", "xlsx", "ods", "json", "jsonl", "geojson", "parquet", "rdf", "cases"]
Syntax = Literal["turtle", "ntriples", "rdfxml", "jsonld"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a distribution; the fields are those of a distribution in source.yaml.

    `columns` are the names of those of a table without a header; `header` is 0 then. `until`: the table ends at the
    first blank row under its rows, and what follows is another table.
    `geometry`: of GeoJSON, a point gives longitude and latitude, or polygons their well-known text.
    `escape`: in a CSV, a backslash before a quote makes it part of the text, as MySQL and PHP write it.
    """

    format: Format
    encoding: str = "utf-8"
    delimiter: str = ","
    escape: Literal["\\"] | None = None
    sheet: str | None = None
    header: int = 1
    columns: tuple[str, ...] = ()
    until: Literal["blank-row"] | None = None
    member: str | None = None
    items: str = "item"
    fields: tuple[str, ...] = ()
    escaped_twice: bool = False
    geometry: Literal["point", "wkt"] = "point"
    syntax: Syntax | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)


def container_path(items: str) -> str:
    """The place of the list or object that holds the records at `items`; "" for the document itself."""
    return items.removesuffix("item").removesuffix("*").removesuffix(".")
