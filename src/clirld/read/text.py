"""The encoding of a text file, and what is said of one that is another."""

from __future__ import annotations

import codecs
import re

from clirld.errors import ReadError
from clirld.read.archive import File

_MIN_NUL_SHARE = 0.7
_SAMPLE_BYTES = 1 << 20


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


_FRENCH = frozenset("àâäæçéèêëîïôöùûüÿœ")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_SIGNS = frozenset("«»’‘“”–—…€°²³·•\u00a0\u202f§©®™´×½ªº")
ONE_BYTE_ENCODINGS = ("cp1252", "cp850", "mac_roman")
"""Those that French files have, in the order in which they are tried."""

_MIN_FRENCH_SHARE = 0.7
_MIN_SIGNS = 3


def french_share(text: str) -> tuple[float, int]:
    """Share of the signs beyond ASCII that French has, and their number; a capital within a word is none of them."""
    fitting, total = 0.0, 0
    for found in _BEYOND_ASCII.finditer(text):
        sign, at = found[0], found.start()
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        total += 1
        if sign.lower() in _FRENCH:
            is_word = not before.isalpha() and not after.isalpha()
            # One letter is a word in French where it is à: an ê alone is the à of another encoding.
            is_rare = sign.lower() in "æÿ" or (is_word and sign not in "àÀ")
            fitting += (0.5 if is_rare else 1) if sign.islower() or not before.islower() else 0
        elif sign in _SIGNS:
            # Which signs stand after a letter, between two, or apart: others may be the letters of another encoding.
            is_within = before.isalpha() and (after.isalpha() or sign in "—–«“") and sign not in "’·"
            fitting += 0.5 if is_within or (sign == "…" and not before.isalpha()) else 1
    return (fitting / total if total else 1.0), total


def best_one_byte_encoding(head: bytes) -> tuple[str, float]:
    """The encoding under which bytes have most of the letters of French, and how much of the others they have then."""
    some = head[:_SAMPLE_BYTES]
    shares = [(french_share(some.decode(name, "replace"))[0], name) for name in ONE_BYTE_ENCODINGS]
    share, best = max(shares, key=lambda one: one[0])
    return best, share


def better_encoding(file: File, name: str) -> str | None:
    """The encoding that a text is rather in, where under `name` it has letters and signs that French does not have."""
    if name.startswith(("utf-16", "utf-32", "utf-8")):
        return None
    with file.open() as raw:
        head = raw.read(_SAMPLE_BYTES)
    share, total = french_share(head.decode(name, "replace"))
    if total < _MIN_SIGNS or share >= _MIN_FRENCH_SHARE:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        best, best_share = best_one_byte_encoding(head)
        return best if best_share >= _MIN_FRENCH_SHARE else None
    return "utf-8"


def undecodable(file: File, encoding: str) -> ReadError:
    """Line and place of the first bytes that are not of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    decoded, lines = 0, 1
    what = f"bytes that cannot be read as {encoding}"
    with file.open() as raw:
        while chunk := raw.read(1 << 16):
            pending = len(decoder.getstate()[0])
            try:
                lines += decoder.decode(chunk).count("\n")
                decoded += len(chunk)
            except UnicodeDecodeError as problem:
                lines += problem.object[: problem.start].count(b"\n")
                place, byte = decoded + problem.start - pending, problem.object[problem.start]
                what = f"byte {place} (0x{byte:02X}) cannot be read as {encoding}"
                break
    return ReadError(
        what,
        where=f"{file.where}:{lines}",
        do="check encoding in source.yaml: French files that are not utf-8 mostly are cp1252 or latin-1",
    )
