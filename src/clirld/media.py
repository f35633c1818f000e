"""What bytes look like: refuse what plainly is not the format that a card says, or is not whole."""

from __future__ import annotations

import zipfile
from collections import deque
from pathlib import Path

import ijson

from clirld.errors import FetchError
from clirld.read_json import open_json

_STRANGERS = {
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old .xls file, or a spreadsheet with a password",
    b"PAR1": "a Parquet file",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def check(path: Path, where: str, expect: str | None, media_type: str | None, *, framed: bool) -> None:
    """Refuse bytes that plainly are not the `expect`ed format, or not whole. Raises FetchError."""
    with path.open("rb") as file:
        head = file.read(2048)
        file.seek(max(0, path.stat().st_size - 2048))
        tail = file.read()
    what = _wrong(head, expect, media_type or "")
    if what:
        start = " ".join(head.decode("utf-8", "replace").split())[:80]
        raise FetchError(
            f"{what} instead of {expect or 'data'}" + (f": “{start}…”" if start.isprintable() and start else ""),
            where=where,
            do="open the address in a browser; if the file moved, put its new address in source.yaml, "
            "if its format changed, change format there",
        )
    if not _ends_well(path, tail, expect, framed):
        raise FetchError(
            "the file ends too early",
            where=where,
            do="try again; if it lasts, get the file by hand, check its end, and use it with --mirror",
        )


def _wrong(head: bytes, expect: str | None, media_type: str) -> str | None:
    """What the first bytes are, if that is not what is expected."""
    if not head:
        return "nothing, an empty file,"
    if expect == "xlsx":
        if head.startswith(b"PK\x03\x04"):
            return None
        return next((name for sign, name in _STRANGERS.items() if head.startswith(sign)), "no spreadsheet")
    for sign, name in _STRANGERS.items():
        if head.startswith(sign) and expect is not None:
            return name
    if expect not in ("csv", "json") or head.startswith(_UTF16):
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "a web page (HTML or XML)"
    if expect == "json" and not start.startswith((b"{", b"[")):
        return "no JSON"
    if (expect == "csv" and start.startswith((b'{"', b"[{"))) or (
        start[:1] in (b"{", b"[") and "json" in media_type and expect == "csv"
    ):
        return "JSON"
    return None


def _ends_well(path: Path, tail: bytes, expect: str | None, framed: bool) -> bool:
    """Whether the last bytes can be the last ones.

    Where the server said neither how long the body is nor where it ends, a CSV must end with a line end: nothing
    else tells it from one that was cut.
    """
    if expect == "xlsx":
        return zipfile.is_zipfile(path)
    if expect == "json":
        return tail.rstrip().endswith((b"}", b"]")) and (framed or _whole_json(path))
    return framed or tail.endswith((b"\n", b"\r"))


def _whole_json(path: Path) -> bool:
    try:
        with open_json(path) as file:
            deque(ijson.basic_parse(file), maxlen=0)
    except ijson.JSONError:
        return False
    return True
