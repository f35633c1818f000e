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

from clirld.connect.base import Response
from clirld.errors import FetchError, ReadError
from clirld.read.json_depth import bounded
from clirld.read.layout import container_path

_BOM = b"\xef\xbb\xbf"
_ERROR_KEYS = ("error", "errors", "erreur", "message", "detail", "error_description")
"""Keys under which APIs say what is wrong, with status 200."""
# uMap: the address of the data that a layer only shows.
_NESTED_TEXTS = ("_umap_options.remoteData.url",)


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters, in place of those of the same name; the others stay as they are written."""
    parts = urlsplit(url)
    kept = [one for one in parts.query.split("&") if one and unquote_plus(one.partition("=")[0]) not in parameters]
    added = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()]
    return urlunsplit(parts._replace(query="&".join([*kept, *added]), fragment=""))


def query_parameter(url: str, name: str) -> str | None:
    """The value of a parameter of an address."""
    return next((value for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if key == name), None)


def child_url(url: str, path: str) -> str:
    """The address of `path` under that of a server or a layer, without what follows "?"."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}/{path}", "", ""))


def read_query(folder: Path, name: str) -> str:
    """The text of a query that is kept in the source's folder. Raises FetchError."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        do = "put the query in a file of the source's folder, and its name in source.yaml"
        raise FetchError(f"there is no query {name}", where=str(folder), do=do)
    return path.read_text(encoding="utf-8")


def parse_json(reply: Response) -> Any:
    """The JSON of an answer. Raises FetchError."""
    try:
        return json.loads(reply.body.removeprefix(_BOM), parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        raise not_json_error(reply.url, reply.body) from None


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON: the reader would stumble over them later


def not_json_error(url: str, head: bytes) -> FetchError:
    """The error for an answer that is not JSON, with how it begins."""
    begins = " ".join(head[:400].decode("utf-8", "replace").split())[:80]
    return FetchError(
        f"the answer is not JSON; it begins: “{begins}”" if begins else "the answer is empty",
        where=url,
        do="open the address in a browser; if the registry moved, put its new address in source.yaml",
    )


def value_at(document: Any, path: str) -> Any:
    """What is at a place of a document; None where there is nothing."""
    if isinstance(document, dict) and path in document:
        return document[path]  # a key may have "." in it, as @odata.nextLink
    for key in path.split("."):
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        elif isinstance(document, dict):
            document = document.get(key)
        else:
            return None
    return document


def record_container(document: Any, items: str, url: str) -> list[Any] | dict[str, Any]:
    """The list, or the object, that holds the records of an answer. Raises FetchError where it is not there."""
    if not items:
        return [document]
    parent = container_path(items)
    container = value_at(document, parent) if parent else document
    if isinstance(container, list) or (isinstance(container, dict) and items.endswith("*")):
        return container
    raise missing_value_error(items, error_message(document), url)


def missing_value_error(path: str, message: str, url: str) -> FetchError:
    """The error for an answer without the place where the records should be."""
    if message:
        what = f"the registry answers with an error: {message}"
        do = "do what it says; if the address or its parameters changed, correct them in source.yaml"
    else:
        what = f"the answer has nothing at {path}"
        do = "open the address in a browser; put the place of the records as items in source.yaml"
    return FetchError(what, where=url, do=do)


def error_message(document: Any) -> str:
    """The words with which an answer says that something is wrong, on one line; "" if it has none."""
    if not isinstance(document, dict):
        return ""
    message = next((document[key] for key in _ERROR_KEYS if document.get(key)), "")
    while isinstance(message, list | dict) and message:
        message = (
            message[0]
            if isinstance(message, list)
            else next((message[key] for key in (*_ERROR_KEYS, "code") if message.get(key)), "")
        )
    return " ".join(str(message or "").split())[:200]


def fingerprint(values: Sequence[Any]) -> bytes:
    """What tells one page from another, whatever else an answer says of the time or of itself."""
    text = json.dumps(values, ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).digest()


@dataclass(slots=True)
class ScanResult:
    """What was seen of a large answer: how many records, and the texts among its own keys."""

    records: int = 0
    texts: dict[str, str] = field(default_factory=dict)


def scan(out: BinaryIO, start: int, items: str, url: str) -> ScanResult:
    """Read an answer that was saved to `out` from `start`, as a stream: that it is whole JSON, and has records' place.

    Leaves `out` at its end. Raises FetchError.
    """
    result, has_container, parent = ScanResult(), not items, container_path(items)
    out.seek(start)
    try:
        for prefix, event, value in _events(out, url):
            if prefix == items and event not in ("map_key", "end_map", "end_array"):
                result.records += 1
            elif prefix == parent and event in ("start_array", "start_map"):
                has_container = has_container or event == "start_array" or items.endswith("*")
            elif event == "string" and (prefix in _NESTED_TEXTS or "." not in prefix):
                result.texts[prefix] = str(value)
            elif event == "string" and prefix.startswith("error"):
                result.texts.setdefault("error", str(value))
    except (ijson.JSONError, ReadError, UnicodeDecodeError):
        out.seek(start)
        raise not_json_error(url, out.read(400)) from None
    out.seek(0, 2)
    if not has_container:
        raise missing_value_error(items, error_message(dict(result.texts)), url)
    return result


def _events(out: BinaryIO, url: str) -> Iterator[tuple[str, str, Any]]:
    start = out.tell()
    if out.read(len(_BOM)) != _BOM:
        out.seek(start)
    yield from ijson.parse(bounded(out, url))
