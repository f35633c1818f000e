"""The encoding of a text file, and what is said of one that is another."""

from __future__ import annotations

import codecs

from clirld.errors import ReadError
from clirld.read.archive import File

_MIN_NUL_SHARE = 0.7


def python_encoding(file: File, encoding: str) -> str:
    """Python's name of an encoding, with a byte order mark taken off. Raises ReadError."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ReadError(
            f"“{encoding}” is no encoding that Python knows",
            where=file.where,
            do="put utf-8, cp1252 or latin-1 as encoding in source.yaml",
        ) from None
    _refuse_unmarked_utf16(file, name)
    if name == "utf-8":
        # Reads UTF-8 with a byte order mark and without.
        return "utf-8-sig"
    with file.open() as raw:
        if raw.read(3) == codecs.BOM_UTF8 and name != "utf-8-sig":
            raise ReadError(
                f"the file starts with the mark of UTF-8, but encoding is {encoding}",
                where=f"{file.where}:1",
                do="put encoding: utf-8 in source.yaml",
            )
    return name


def unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without a byte order mark, by its first bytes: of most letters, the first or the second is NUL."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or len(head) < 4:
        return None
    first, second = (head[n::2].count(0) for n in (0, 1))
    if max(first, second) < _MIN_NUL_SHARE * (len(head) // 2) or min(first, second) > max(first, second) // 4:
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _refuse_unmarked_utf16(file: File, name: str) -> None:
    with file.open() as raw:
        found = unmarked_utf16(raw.read(512))
    if found and name not in (found, "utf-32"):
        raise ReadError(
            f"every second byte is NUL: not {name}, probably UTF-16",
            where=f"{file.where}:1",
            do=f"put encoding: {found} in source.yaml",
        )


def undecodable(file: File, encoding: str) -> ReadError:
    """Line and place of the first bytes that are not of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    decoded, lines = 0, 1
    what = "bytes that are not"
    with file.open() as raw:
        while chunk := raw.read(1 << 16):
            pending = len(decoder.getstate()[0])
            try:
                lines += decoder.decode(chunk).count("\n")
                decoded += len(chunk)
            except UnicodeDecodeError as problem:
                lines += problem.object[: problem.start].count(b"\n")
                decoded += problem.start - pending
                what = f"0x{problem.object[problem.start]:02X} is not"
                break
    return ReadError(
        f"{what} {encoding} (byte {decoded})",
        where=f"{file.where}:{lines}",
        do="check encoding in source.yaml: French files that are not utf-8 mostly are cp1252 or latin-1",
    )
