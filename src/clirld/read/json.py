"""The records of a JSON file as rows, read as a stream: every value text or a list of texts."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain
from typing import IO, Any, Literal

import ijson

from clirld.errors import ReadError
from clirld.read.archive import File
from clirld.read.json_depth import bounded
from clirld.read.layout import Layout, container_path
from clirld.read.rows import Cell, RaggedRow, Report, RowIssue, SourceRow, ignore
from clirld.read.wkt import polygon_text

KEY_COLUMN = "_key"
"""The column of the key under which an object stands, for records that are the values of an object."""


@contextmanager
def open_json(file: File) -> Generator[IO[bytes]]:
    """The bytes, after the byte order mark that some publishers put before JSON.

    Reading them raises ReadError where they are nested too deeply.
    """
    with file.open() as raw:
        if raw.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            raw.seek(0)
        yield bounded(raw, file.where)


class _Object(dict[str, Any]):
    """An object that knows which of its keys were given with several values: the last is kept."""

    __slots__ = ("repeated",)

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self and self[key] != value:
            self.repeated = [*getattr(self, "repeated", ()), key]
        super().__setitem__(key, value)

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object of its keys and values as they follow each other."""
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        noting = cls()
        for key, value in pairs:
            noting[key] = value
        return noting


def rows(
    file: File, layout: Layout, report: Report = ignore, only: Collection[str] | None = None
) -> Iterator[SourceRow | RaggedRow]:
    """Records of a JSON file as rows, with their numbers.

    Objects are flattened with "."; lists stay lists, one level deep; the first object of a list is flattened too
    (`periods.0.name`), for registries that give the newest first. Records that are arrays take the names in `fields`.
    `escaped_twice`: strings hold JSON escapes as text. Of GeoJSON, only points have coordinates, or polygons their text
    (`Layout.geometry`); other geometries are reported where the place is wanted (`only`). Raises ReadError.
    """
    number = 0
    geo = layout.format == "geojson"
    place_is_wanted = only is None or any(name.startswith("geometry.") for name in only)
    try:
        for number, item in records(file, layout):
            if geo and isinstance(item, dict):
                unread = _put_coordinates(item, layout.geometry)
                if unread and place_is_wanted:
                    report(RowIssue("geometry-not-read", number, "geometry", {"type": unread}))
            yield _record(number, item, file, layout, report)
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as problem:
        raise _syntax_error(file, problem) from None
    if number == 0 and layout.format != "jsonl":
        _check_items_exist(file, _items_path(layout))


def records(file: File, layout: Layout) -> Iterator[tuple[int, Any]]:
    """Records of a JSON file as they are, numbered from 1; of each document where several follow one another.

    `items` is their place, as ijson writes it (`data.item`; `item` for a list; "" for the documents themselves);
    with `*` at the end, the values of an object there, or the items of a list. Of JSON Lines, the number is that of
    the line. Raises ReadError, and ijson's errors for what is not JSON.
    """
    return _lines(file) if layout.format == "jsonl" else enumerate(_items(file, _items_path(layout)), start=1)


def _items_path(layout: Layout) -> str:
    return "features.item" if layout.format == "geojson" and layout.items == "item" else layout.items


def _lines(file: File) -> Iterator[tuple[int, Any]]:
    with open_json(file) as raw:
        for number, line in enumerate(raw, start=1):
            if not line.strip():
                continue
            try:
                # Decimal keeps the digits as they are written: 1.10 stays 1.10.
                yield number, json.loads(line, parse_float=Decimal, object_pairs_hook=_Object.of)
            except (ValueError, RecursionError) as problem:
                raise ReadError(
                    f"not JSON: {problem}",
                    where=f"{file.where}:{number}",
                    do="if the file ends there, fetch it again; otherwise tell the publisher",
                ) from None


def _items(file: File, items: str) -> Iterator[Any]:
    if items != "*" and not items.endswith(".*"):
        with open_json(file) as raw:
            yield from ijson.items(raw, items, multiple_values=True, map_type=_Object)
        return
    parent = container_path(items)
    with open_json(file) as raw:
        for key, value in ijson.kvitems(raw, parent, multiple_values=True, map_type=_Object):
            yield _Object.of([(KEY_COLUMN, key), *value.items()]) if isinstance(value, dict) else value
    with open_json(file) as raw:  # some documents of a file may have a list there, others an object
        yield from ijson.items(raw, f"{parent}.item".removeprefix("."), multiple_values=True, map_type=_Object)


def _put_coordinates(feature: dict[str, Any], wanted: Literal["point", "wkt"]) -> str | None:
    """Put the place of a feature's point in columns, in the place of the coordinates of whatever it has (RFC 7946).

    Gives the type of a geometry that has no single point, or is no polygon where their text is wanted.
    """
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return None
    if wanted == "wkt":
        text = polygon_text(geometry)
        dict.__setitem__(feature, "geometry", {"type": geometry.get("type"), "wkt": text or ""})
        return None if text else str(geometry.get("type") or "?")
    coordinates = _point(geometry)
    kind = str(geometry.get("type") or "?")
    located: dict[str, Any] = {"type": geometry.get("type")}
    if coordinates:
        located |= {"longitude": coordinates[0], "latitude": coordinates[1]}
    dict.__setitem__(feature, "geometry", located)
    return None if coordinates else kind


def _point(geometry: Any) -> list[Any] | None:
    """Coordinates of a point, or of the only point of several."""
    if not isinstance(geometry, dict):
        return None
    coordinates, parts = geometry.get("coordinates"), geometry.get("geometries")
    match geometry.get("type"):
        case "Point" if isinstance(coordinates, list):
            is_place = len(coordinates) > 1 and not any(one in (None, "") for one in coordinates[:2])
            return coordinates if is_place else None
        case "MultiPoint" if isinstance(coordinates, list) and len(coordinates) == 1:
            return _point({"type": "Point", "coordinates": coordinates[0]})
        case "GeometryCollection" if isinstance(parts, list) and len(parts) == 1:
            return _point(parts[0])
    return None


def field_names(fields: Sequence[str]) -> list[str]:
    """Names of the positions of an array; a name written with a final "?" may be missing at the end."""
    return [name.removesuffix("?") for name in fields]


def _record(number: int, item: Any, file: File, layout: Layout, report: Report) -> SourceRow | RaggedRow:
    fields, escaped_twice = layout.fields, layout.escaped_twice
    values: dict[str, Cell] = {}
    repeated: list[str] = []
    if isinstance(item, dict):
        if fields:
            raise ReadError(
                "the records are objects, but fields is for arrays",
                where=f"{file.where}: record {number}",
                do="take fields out of source.yaml",
            )
        _flatten(item, "", values, escaped_twice, repeated)
    elif isinstance(item, list):
        if not fields:
            raise ReadError(
                "the records are arrays",
                where=f"{file.where}: record {number}",
                do="name their positions in fields in source.yaml, or check items",
            )
        names = field_names(fields)
        if not sum(not name.endswith("?") for name in fields) <= len(item) <= len(fields):
            return RaggedRow(number, len(item), len(fields))
        values = dict.fromkeys(names, "")
        _flatten(dict(zip(names, item, strict=False)), "", values, escaped_twice, repeated)
    else:
        return RaggedRow(number, 0 if item is None else 1, len(fields) or 2)
    for key in repeated:
        report(RowIssue("key-repeated", number, key, {"key": key}))
    return SourceRow(number, values)


def _flatten(
    item: dict[str, Any], prefix: str, cells: dict[str, Cell], escaped_twice: bool, repeated: list[str]
) -> None:
    repeated += [prefix + key for key in getattr(item, "repeated", ())]
    for name, value in item.items():
        if isinstance(value, dict) and value:
            _flatten(value, f"{prefix}{name}.", cells, escaped_twice, repeated)
        elif isinstance(value, list):
            if value and isinstance(value[0], dict):
                _flatten(value[0], f"{prefix}{name}.0.", cells, escaped_twice, repeated)
            flat = chain.from_iterable(part if isinstance(part, list) else [part] for part in value)
            cells[prefix + name] = [text for part in flat if (text := _json_text(part, escaped_twice))]
        else:
            cells[prefix + name] = _json_text(value, escaped_twice)


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
_ESCAPED_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescape(text: str) -> str:
    """Text whose JSON escapes were escaped once more; halves of a surrogate pair that stand alone become U+FFFD."""
    once = _ESCAPE.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPED_CONTROLS.get(found[2], found[2]), text
    )
    return once.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _syntax_error(file: File, problem: Exception) -> ReadError:
    """ijson does not say where: Python's own parser does, for the price of reading the file whole this once."""
    where, what = file.where, " ".join(str(problem).split())[:120]
    try:
        with open_json(file) as raw:
            text = raw.read().decode()
        position = 0
        # As the reader does, several documents after one another are allowed.
        while position < len(text) or not text:
            _document, position = json.JSONDecoder().raw_decode(text, position)
            while position < len(text) and text[position].isspace():
                position += 1
    except json.JSONDecodeError as exact:
        offset = len(exact.doc[: exact.pos].encode("utf-8", "surrogatepass"))
        where, what = f"{file.where}:{exact.lineno}", f"{exact.msg} (column {exact.colno}, byte {offset})"
    except UnicodeDecodeError as exact:
        line = exact.object[: exact.start].count(b"\n") + 1
        where, what = f"{file.where}:{line}", f"not UTF-8 (byte {exact.start})"
    except (MemoryError, RecursionError):
        pass  # without the place, then
    return ReadError(
        f"not JSON: {what}",
        where=where,
        do="if the file ends there, fetch it again; otherwise tell the publisher",
    )


def _check_items_exist(file: File, items: str) -> None:
    """No record was found: raise ReadError unless there is an empty list where they should be."""
    parent = container_path(items)
    keys: dict[str, None] = {}
    top_event = ""
    with open_json(file) as raw:
        for prefix, event, value in ijson.parse(raw, multiple_values=True):
            if prefix == parent and event in (
                ("start_array", "start_map") if items.endswith("*") else ("start_array",)
            ):
                return
            top_event = top_event or event
            if prefix == "" and event == "map_key":
                keys[value] = None
    actual = f"an object with {', '.join(keys) or 'no key'}" if top_event == "start_map" else "no object, but a list"
    raise ReadError(
        f"nothing at “{items}”: the file is {actual}",
        where=file.where,
        do="put the place of the records as items in source.yaml: item for a list, <key>.item for a list in an object",
    )
