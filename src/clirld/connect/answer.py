"""What connectors do with addresses and answers: put parameters in, look whether what came is what was asked for.

Places in a document are keys joined by "."; the place of the records is written as for the reader (`clirld.read.json`):
`data.item` for a list, `entities.*` for the values of an object (or a list there), "" for the document itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

import ijson

from clirld.connect.base import Reply
from clirld.errors import FetchError
from clirld.read.layout import holder

_BOM = b"\xef\xbb\xbf"
_TOLD = ("error", "errors", "erreur", "message", "detail", "error_description")
"""Keys under which APIs say what is wrong, with status 200."""
_OF_A_LAYER = ("_umap_options.remoteData.url",)


def address(url: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters, in place of those of the same name; the others stay as they are written."""
    parts = urlsplit(url)
    kept = [one for one in parts.query.split("&") if one and unquote_plus(one.partition("=")[0]) not in parameters]
    added = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()]
    return urlunsplit(parts._replace(query="&".join([*kept, *added]), fragment=""))


def parameter(url: str, name: str) -> str | None:
    """The value of a parameter of an address."""
    return next((value for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if key == name), None)


def below(url: str, path: str) -> str:
    """The address of `path` under that of a server or a layer, without what follows "?"."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{path}", "", ""))


def file_of(folder: Path, name: str) -> str:
    """The text of a query that is kept in the source's folder. Raises FetchError."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        do = "put the query in a file of the source's folder, and its name in source.yaml"
        raise FetchError(f"there is no query {name}", where=str(folder), do=do)
    return path.read_text(encoding="utf-8")


def document(reply: Reply) -> Any:
    """The JSON of an answer. Raises FetchError."""
    try:
        return json.loads(reply.body.removeprefix(_BOM), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise no_json(reply.url, reply.body) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON: the reader would stumble over them later


def no_json(url: str, head: bytes) -> FetchError:
    """The error for an answer that is not JSON, with how it begins."""
    begins = " ".join(head[:400].decode("utf-8", "replace").split())[:80]
    return FetchError(
        f"the answer is not JSON; it begins: “{begins}”" if begins else "the answer is empty",
        where=url,
        do="open the address in a browser; if the registry moved, put its new address in source.yaml",
    )


def at(found: Any, place: str) -> Any:
    """What is at a place of a document; None where there is nothing."""
    if isinstance(found, dict) and place in found:
        return found[place]  # a key may have "." in it, as @odata.nextLink
    for key in place.split("."):
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict):
            found = found.get(key)
        else:
            return None
    return found


def records(found: Any, items: str, url: str) -> list[Any] | dict[str, Any]:
    """The list, or the object, that holds the records of an answer. Raises FetchError where it is not there."""
    if not items:
        return [found]
    place = holder(items)
    there = at(found, place) if place else found
    if isinstance(there, list) or (isinstance(there, dict) and items.endswith("*")):
        return there
    raise no_items(items, said(found), url)


def no_items(items: str, told: str, url: str) -> FetchError:
    """The error for an answer without the place where the records should be."""
    if told:
        what = f"the registry answers with an error: {told}"
        do = "do what it says; if the address or its parameters changed, correct them in source.yaml"
    else:
        what = f"the answer has nothing at {items}"
        do = "open the address in a browser; put the place of the records as items in source.yaml"
    return FetchError(what, where=url, do=do)


def said(found: Any) -> str:
    """The words with which an answer says that something is wrong, on one line; "" if it has none."""
    if not isinstance(found, dict):
        return ""
    told = next((found[key] for key in _TOLD if found.get(key)), "")
    while isinstance(told, list | dict) and told:
        told = told[0] if isinstance(told, list) else next((told[key] for key in (*_TOLD, "code") if told.get(key)), "")
    return " ".join(str(told or "").split())[:200]


def fingerprint(values: Sequence[Any]) -> bytes:
    """What tells one page from another, whatever else an answer says of the time or of itself."""
    text = json.dumps(values, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).digest()


@dataclass(slots=True)
class Looked:
    """What was seen of a large answer: how many records, and the texts among its own keys."""

    records: int = 0
    texts: dict[str, str] = field(default_factory=dict)


def look(out: BinaryIO, start: int, items: str, url: str) -> Looked:
    """Read an answer that was saved to `out` from `start`, as a stream: that it is whole JSON, and has records' place.

    Leaves `out` at its end. Raises FetchError.
    """
    seen, there, place = Looked(), not items, holder(items)
    out.seek(start)
    try:
        for prefix, event, value in _events(out):
            if prefix == items and event not in ("map_key", "end_map", "end_array"):
                seen.records += 1
            elif prefix == place and event in ("start_array", "start_map"):
                there = there or event == "start_array" or items.endswith("*")
            elif event == "string" and (prefix in _OF_A_LAYER or "." not in prefix):
                seen.texts[prefix] = str(value)
            elif event == "string" and prefix.startswith("error"):
                seen.texts.setdefault("error", str(value))
    except (ijson.JSONError, UnicodeDecodeError):
        out.seek(start)
        raise no_json(url, out.read(400)) from None
    out.seek(0, 2)
    if not there:
        raise no_items(items, said(dict(seen.texts)), url)
    return seen


def _events(out: BinaryIO) -> Iterator[tuple[str, str, Any]]:
    start = out.tell()
    if out.read(len(_BOM)) != _BOM:
        out.seek(start)
    yield from ijson.parse(out)
