"""Where the records of a JSON file are."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

import ijson

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.json import open_json, records
from clirld.read.layout import Layout

MAX_BYTES = 4 * 1024**2
"""How much of a file is looked at."""

UNNAMED_PREFIX = "field_"
"""Start of the names given to the positions of records that are arrays."""

_TOTAL_KEYS = {"total", "count", "totalcount", "totalresults", "nombre", "nombretotal", "numberofresults", "nhits"}
"""Names under which APIs say how many records there are, without signs."""

_MAX_KEYED_BYTES = 64 * 1024**2


@dataclass(slots=True)
class _Array:
    prefix: str
    objects: int = 0
    arrays: int = 0


def layout_of(file: File) -> Layout:
    """How to read a JSON file: JSON, GeoJSON or JSON Lines. Raises ReadError."""
    if _is_lines(file):
        lines = Layout(format="jsonl")
        return replace(lines, escaped_twice=_escaped_twice(_first_records(file, lines)))
    items = items_of(file)
    if items == "features.item" and _is_feature_collection(file):
        return Layout(format="geojson", items=items)
    layout = Layout(format="json", items=items)
    first = _first_records(file, layout)
    layout = replace(layout, escaped_twice=_escaped_twice(first))
    if first and all(isinstance(item, list) for item in first):
        width = Counter(map(len, first)).most_common(1)[0][0]
        layout = replace(layout, fields=tuple(f"{UNNAMED_PREFIX}{n + 1}" for n in range(width)))
    return layout


def _first_records(file: File, layout: Layout) -> list[Any]:
    return [item for _number, item in islice(records(file, layout), 100)]


def _lines(file: File, count: int) -> list[bytes]:
    with open_json(file) as raw:
        return list(islice((line for line in raw if line.strip()), count))


def _is_lines(file: File) -> bool:
    """Whether the first two lines are an object each, none of them with a list of records."""
    first = _lines(file, 2)
    try:
        objects = [json.loads(line) for line in first]
    except (ValueError, RecursionError):
        return False
    return len(objects) == 2 and all(isinstance(one, dict) and not _holds_records(one) for one in objects)


def _holds_records(one: dict[str, Any]) -> bool:
    lists = [value for value in one.values() if isinstance(value, list)]
    return any(isinstance(value[0], dict) and len(value) > 1 for value in lists if value)


def _is_feature_collection(file: File) -> bool:
    with open_json(file) as raw:
        return next(ijson.items(raw, "type", multiple_values=True), None) == "FeatureCollection"


def _escaped_twice(first: list[Any]) -> bool:
    return any(re.search(r"\\u[0-9a-fA-F]{4}|\\/", text) for text in _texts(first))


def items_of(file: File) -> str:
    """The place of the records: the largest array of objects, else the largest object of objects, else of arrays.

    Arrays inside the items of another are parts of records (coordinates, periods, categories). Raises ReadError.
    """
    arrays: list[_Array] = []
    open_: list[_Array] = []
    with open_json(file) as raw:
        try:
            for prefix, event, _ in ijson.parse(raw, multiple_values=True):
                if raw.tell() > MAX_BYTES:
                    break
                if event in ("start_map", "start_array") and open_ and prefix == f"{open_[-1].prefix}item":
                    if event == "start_map":
                        open_[-1].objects += 1
                    else:
                        open_[-1].arrays += 1
                if event == "start_array":
                    array = _Array(f"{prefix}." if prefix else "")
                    arrays += [] if open_ else [array]
                    open_.append(array)
                elif event == "end_array":
                    open_.pop()
        except ijson.JSONError as problem:
            do = "if the file is JavaScript, take the JSON out of it; otherwise tell the publisher"
            raise ReadError(f"not JSON: {problem}", where=file.where, do=do) from None
    best = max(
        (array for array in arrays if array.objects + array.arrays),
        key=lambda array: (array.objects, array.arrays, -array.prefix.count(".")),
        default=None,
    )
    if (best is None or not best.objects) and (keyed := _keyed_items(file)):
        return keyed
    if best is None:
        raise ReadError("no array of records", where=file.where, do="give a JSON file with a list of objects")
    return f"{best.prefix}item"


class StatedTotal(NamedTuple):
    """How many records an answer says that there are, and where it says so."""

    path: str
    records: int


def stated_total(file: File, items: str, row_count: int) -> StatedTotal | None:
    """What a file says of the number of records, where that is more than `row_count`: then it is a page of an API."""
    with open_json(file) as raw:
        for prefix, event, value in ijson.parse(raw, multiple_values=True):
            name = prefix.rpartition(".")[2].lower().replace("_", "")
            inside = prefix == items or prefix.startswith(f"{items}.")
            if event == "number" and not inside and name in _TOTAL_KEYS and value > row_count:
                return StatedTotal(prefix, int(value))
    return None


def _keyed_items(file: File) -> str | None:
    """The place of an object whose values all are objects, at the top or one level below: the largest."""
    with open_json(file) as raw:
        text = raw.read(_MAX_KEYED_BYTES)
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        return None
    candidates = (
        [(len(one), name) for name, one in [("", top), *top.items()] if _is_object_of_objects(one)]
        if _is_object(top)
        else []
    )
    return ".".join(filter(None, (max(candidates)[1], "*"))) if candidates else None


def _is_object(node: object) -> bool:
    return isinstance(node, dict)


def _is_object_of_objects(node: object) -> bool:
    return isinstance(node, dict) and len(node) > 1 and all(map(_is_object, node.values()))


def _texts(node: object) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
