"""GraphML (http://graphml.graphdrawing.org/specification.html): a network in one file, with the attributes of both.

It is read by networkx, igraph, Gephi and Pajek. An attribute that is not known is not written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from clirld.vocabulary.tables import LIST_SEPARATOR

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.1/graphml.xsd">
"""
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_AT_ONCE = 10_000


def write(path: Path, nodes: pl.LazyFrame, edges: pl.LazyFrame, ends: Sequence[str], description: str) -> None:
    """Write an undirected graph of nodes, by `id`, and edges, whose two `ends` are columns with ids.

    Edges may be parallel; one that has an `id` keeps it as an attribute, since those of GraphML are unique.
    """
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"{_HEAD}  <desc>{escape(description)}</desc>\n")
        of_nodes = _keys(out, "node", nodes.collect_schema(), ["id"])
        of_edges = _keys(out, "edge", edges.collect_schema(), ends)
        out.write('  <graph edgedefault="undirected">\n')
        for node in nodes.collect(engine="streaming").iter_rows(named=True, buffer_size=_AT_ONCE):
            out.write(f"    <node id={quoteattr(node['id'])}>{_data(node, of_nodes)}</node>\n")
        source, target = ends
        for edge in edges.collect(engine="streaming").iter_rows(named=True, buffer_size=_AT_ONCE):
            from_to = f"source={quoteattr(edge[source])} target={quoteattr(edge[target])}"
            out.write(f"    <edge {from_to}>{_data(edge, of_edges)}</edge>\n")
        out.write("  </graph>\n</graphml>\n")


def _keys(out: TextIO, of: str, schema: pl.Schema, without: Sequence[str]) -> dict[str, str]:
    """Declare the attributes of nodes or edges; gives by column the id of each."""
    found: dict[str, str] = {}
    for name, kind in schema.items():
        if name in without:
            continue
        found[name] = f"{of[0]}{len(found)}"
        # Readers take “id” of an edge for the edge's own.
        shown = "participation" if (of, name) == ("edge", "id") else name
        declared = f'for="{of}" attr.name={quoteattr(shown)} attr.type="{_type(kind)}"'
        out.write(f'  <key id="{found[name]}" {declared}/>\n')
    return found


def _type(kind: pl.DataType) -> str:
    if kind == pl.Boolean():
        return "boolean"
    if kind.is_integer():
        return "int"
    return "double" if kind.is_float() else "string"


def _data(row: dict[str, object], keys: dict[str, str]) -> str:
    return "".join(
        f'<data key="{key}">{_text(row[name])}</data>' for name, key in keys.items() if row[name] is not None
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = LIST_SEPARATOR.join(value) if isinstance(value, list) else str(value)
    return escape(_NO_XML.sub("", text))
