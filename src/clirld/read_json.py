"""The records of a JSON file as rows, read as a stream: every value text or a list of texts."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from clirld.errors import ReadError
from clirld.rows import Cell, Ragged, SourceRow


def open_json(path: Path) -> BinaryIO:
    """The file, after the byte order mark that some publishers put before JSON."""
    file = path.open("rb")
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
    return file


def rows(path: Path, items: str, fields: Sequence[str], escaped_twice: bool) -> Iterator[SourceRow | Ragged]:
    """Records of a JSON file, numbered from 1.

    `items` is their place, as ijson writes it (`data.item`; `item` for a list). Objects are flattened with ".";
    lists stay lists, one level deep. Records that are arrays take the names in `fields`. `escaped_twice`: strings
    hold JSON escapes as text. Raises ReadError.
    """
    number = 0
    try:
        with open_json(path) as file:
            for number, item in enumerate(ijson.items(file, items), start=1):
                yield _record(number, item, path, fields, escaped_twice)
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as problem:
        raise _broken_json(path, problem) from None
    if number == 0:
        _find_items(path, items)


def positions(fields: Sequence[str]) -> list[str]:
    """Names of the positions of an array; a name written with a final "?" may be missing at the end."""
    return [name.removesuffix("?") for name in fields]


def _record(number: int, item: Any, path: Path, fields: Sequence[str], escaped_twice: bool) -> SourceRow | Ragged:
    values: dict[str, Cell] = {}
    if isinstance(item, dict):
        if fields:
            raise ReadError(
                "the records are objects, but fields is for arrays",
                where=f"{path}: record {number}",
                do="take fields out of source.yaml",
            )
        _flatten(item, "", values, escaped_twice)
    elif isinstance(item, list):
        if not fields:
            raise ReadError(
                "the records are arrays",
                where=f"{path}: record {number}",
                do="name their positions in fields in source.yaml, or check items",
            )
        names = positions(fields)
        if not sum(not name.endswith("?") for name in fields) <= len(item) <= len(fields):
            return Ragged(number, len(item), len(fields))
        values = dict.fromkeys(names, "")
        _flatten(dict(zip(names, item, strict=False)), "", values, escaped_twice)
    else:
        return Ragged(number, 0 if item is None else 1, len(fields) or 2)
    return SourceRow(number, values)


def _flatten(item: dict[str, Any], prefix: str, into: dict[str, Cell], escaped_twice: bool) -> None:
    for name, value in item.items():
        if isinstance(value, dict) and value:
            _flatten(value, f"{prefix}{name}.", into, escaped_twice)
        elif isinstance(value, list):
            flat = chain.from_iterable(part if isinstance(part, list) else [part] for part in value)
            into[prefix + name] = [text for part in flat if (text := _json_text(part, escaped_twice))]
        else:
            into[prefix + name] = _json_text(value, escaped_twice)


def _json_text(value: Any, escaped_twice: bool) -> str:
    """A value as text: numbers with their own digits, "" for null, objects and arrays as compact JSON."""
    if isinstance(value, str):
        return unescape(value) if escaped_twice and "\\" in value else value
    if value is None or value == {}:
        return ""
    return _compact(value)


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(name)}:{_compact(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescape(text: str) -> str:
    """Text whose JSON escapes were escaped once more; halves of a surrogate pair that stand alone become U+FFFD."""
    once = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _SHORT.get(found[2], found[2]), text)
    return once.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _broken_json(path: Path, problem: Exception) -> ReadError:
    """ijson does not say where: Python's own parser does, for the price of reading the file whole this once."""
    where, what = str(path), " ".join(str(problem).split())[:120]
    try:
        json.loads(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except json.JSONDecodeError as exact:
        offset = len(exact.doc[: exact.pos].encode("utf-8", "surrogatepass"))
        where, what = f"{path}:{exact.lineno}", f"{exact.msg} (column {exact.colno}, byte {offset})"
    except UnicodeDecodeError as exact:
        line = exact.object[: exact.start].count(b"\n") + 1
        where, what = f"{path}:{line}", f"not UTF-8 (byte {exact.start})"
    except (MemoryError, RecursionError):
        pass  # without the place, then
    return ReadError(
        f"not JSON: {what}",
        where=where,
        do="if the file ends there, fetch it again; otherwise tell the publisher",
    )


def _find_items(path: Path, items: str) -> None:
    """No record was found: raise ReadError unless there is an empty list where they should be."""
    parent = items.removesuffix("item").removesuffix(".")
    keys: dict[str, None] = {}
    top = ""
    with open_json(path) as file:
        for prefix, event, value in ijson.parse(file):
            if prefix == parent and event == "start_array":
                return
            top = top or event
            if prefix == "" and event == "map_key":
                keys[value] = None
    there = f"an object with {', '.join(keys) or 'no key'}" if top == "start_map" else "no object, but a list"
    raise ReadError(
        f"nothing at “{items}”: the file is {there}",
        where=str(path),
        do="put the place of the records as items in source.yaml: item for a list, <key>.item for a list in an object",
    )
