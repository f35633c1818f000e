"""What bytes look like: refuse what plainly is not the format that a card says, or is not whole."""

from __future__ import annotations

import re
import zipfile
from collections import deque
from pathlib import Path

import ijson

from clirld.errors import FetchError, ReadError
from clirld.read.archive import File
from clirld.read.json import open_json

_OTHER_SIGNATURES = {
    b"PK\x03\x04": "a zip archive (or a spreadsheet)",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old .xls file, or a spreadsheet with a password",
    b"PAR1": "a Parquet file",
}
_HEAD_BYTES = 2048
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def check(path: Path, where: str, expect: str | None, media_type: str | None, *, framed: bool) -> None:
    """Refuse bytes that plainly are not the `expect`ed format, or not whole. Raises FetchError.

    `zip:csv` expects a ZIP archive of that format, or the member itself.
    """
    with path.open("rb") as file:
        compressed = file.read(2) == _GZIP and expect in _TEXTS
    if compressed:
        _check_compressed(path, where, expect, media_type)
        return
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if expect and expect.startswith("zip:"):
            expect = "zip" if head.startswith(b"PK") else expect.removeprefix("zip:")
        file.seek(max(0, path.stat().st_size - 2048))
        tail = file.read()
    _refuse_mismatch(head, where, expect, media_type)
    if not _is_complete(path, tail, expect, framed):
        raise FetchError(
            "the file ends too early",
            where=where,
            do="try again; if it lasts, get the file by hand, check its end, and use it with --mirror",
        )


def _check_compressed(path: Path, where: str, expect: str | None, media_type: str | None) -> None:
    """The same for a text that is compressed: it says itself where it ends."""
    try:
        with File(path).open() as unpacked:
            _refuse_mismatch(unpacked.read(2048), where, expect, media_type)
            while unpacked.read(1 << 20):
                pass
    except ReadError:
        what = "a gzip archive that ends too early, or is damaged,"
        raise FetchError(
            f"{what} instead of {expect}",
            where=where,
            do="try again; if it lasts, get the file by hand, check its end, and use it with --mirror",
        ) from None


def _refuse_mismatch(head: bytes, where: str, expect: str | None, media_type: str | None) -> None:
    what = _mismatch(head, expect, media_type or "")
    if what:
        start = " ".join(head.decode("utf-8", "replace").split())[:80]
        if what == _MESSAGE:
            raise FetchError(
                f"{what} instead of {expect or 'data'}: “{start}…”",
                where=where,
                do="the server says that it cannot answer now: try again later; if it lasts, tell the publisher, "
                "or take the file from a local copy with --mirror",
            )
        raise FetchError(
            f"{what} instead of {expect or 'data'}" + (f": “{start}…”" if start.isprintable() and start else ""),
            where=where,
            do="open the address in a browser; if the file moved, put its new address in source.yaml, "
            "if its format changed, change format there",
        )


_ZIPS = ("xlsx", "ods", "zip")
_TEXTS = ("csv", "json", "jsonl", "geojson", "rdf")
_JSON = ("json", "geojson", "jsonl")


def _mismatch(head: bytes, expect: str | None, media_type: str) -> str | None:
    """What the first bytes are, if that is not what is expected."""
    if not head:
        return "nothing, an empty file,"
    signature = "PAR1" if expect == "parquet" else "PK\x03\x04" if expect in _ZIPS else None
    if signature and head.startswith(signature.encode()):
        return None
    if name := next((name for start, name in _OTHER_SIGNATURES.items() if head.startswith(start)), None):
        return name if expect is not None else None
    if signature:
        return "no spreadsheet" if expect != "parquet" else "no Parquet file"
    if expect not in _TEXTS or head.startswith(_UTF16):
        return None
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_page = (
        start[:15].lower().startswith((b"<!doctype html", b"<html")) if expect == "rdf" else start.startswith(b"<")
    )
    if is_page:
        return "a web page (HTML or XML)"
    if expect in _JSON and not start.startswith((b"{", b"[")):
        return "no JSON"
    if (expect == "csv" and start.startswith((b'{"', b"[{"))) or (
        start[:1] in (b"{", b"[") and "json" in media_type and expect == "csv"
    ):
        return "JSON"
    return _MESSAGE if expect == "csv" and _is_message(head) else None


_MESSAGE = "a message, no table,"
_WORDS_OF_FAILURE = re.compile(
    r"\b(indisponible|maintenance|erreur|réessayez|réessayer|acc[eè]s (?:refusé|interdit)|introuvable|surchargé"
    r"|unavailable|error|try again|too many requests|forbidden|access denied|not found|timed? ?out|bad gateway)\b",
    re.IGNORECASE,
)
_DELIMITERS = ",;\t|"


def _is_message(head: bytes) -> bool:
    """Whether a short text is a sentence of the server with status 200: words, no second line cut as the first."""
    if len(head) >= _HEAD_BYTES:
        return False
    lines = [line for line in head.decode("utf-8", "replace").splitlines() if line.strip()]
    cuts = [{sign: line.count(sign) for sign in _DELIMITERS} for line in lines]
    is_table = len(lines) > 1 and any(0 < cuts[0][sign] <= cuts[1][sign] for sign in _DELIMITERS)
    if is_table or not lines or " " not in lines[0].strip():
        return False
    has_delimiter = any(any(one.values()) for one in cuts)
    is_sentence = not has_delimiter and len(lines) <= 3
    return is_sentence or (len(lines) <= 5 and bool(_WORDS_OF_FAILURE.search(" ".join(lines))))


def _is_complete(path: Path, tail: bytes, expect: str | None, framed: bool) -> bool:
    """Whether the last bytes can be the last ones.

    Where the server said neither how long the body is nor where it ends, a CSV must end with a line end: nothing
    else tells it from one that was cut.
    """
    if expect in _ZIPS:
        return zipfile.is_zipfile(path)
    if expect == "parquet":
        return tail.endswith(b"PAR1")
    if expect in _JSON:
        whole = tail.rstrip().endswith((b"}", b"]"))
        return whole and (framed or expect == "jsonl" or _is_whole_json(path))
    return framed or tail.endswith((b"\n", b"\r"))


def _is_whole_json(path: Path) -> bool:
    try:
        with open_json(File(path)) as raw:
            deque(ijson.basic_parse(raw, multiple_values=True), maxlen=0)
    except (ijson.JSONError, ReadError):
        return False
    return True
