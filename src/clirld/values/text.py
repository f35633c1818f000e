"""Plain text out of what registries hold: tidy, without HTML, or folded for comparison."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

_SPACES = [*range(0x20), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_BREAKS = [0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029]
# Soft hyphen, bidi marks, zero widths, BOM, tags; halves of surrogate pairs; non-characters.
_INVISIBLE = [
    0xAD,
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
]
_INVISIBLE += [*range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)]
_INVISIBLE += [plane + end for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF)]
# All of those, and more: most texts have none, and a search is far faster than a translation.
_UNTIDY = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff\U0001fffe-\U0010ffff]"
)
_TRANSLATION = dict.fromkeys(_SPACES, " ") | dict.fromkeys(_BREAKS, "\n") | dict.fromkeys(_INVISIBLE, None)

# As many digits as the last code point has: 1114111, 10FFFF.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_HIDDEN_MARKUP = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_BLOCK = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|table|h[1-6]|blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O"})


def tidy(raw: str) -> str:
    """One line: NFC, no control or invisible characters, single spaces."""
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split())
    return " ".join(_visible(raw).split())


def _visible(raw: str) -> str:
    """NFC, spaces and line breaks of one kind each, no control or invisible characters."""
    if _UNTIDY.search(raw):
        raw = raw.translate(_TRANSLATION)
    return unicodedata.normalize("NFC", raw)


def plain_text(raw: str) -> str:
    """Lines of tidy text, at most one empty line between them; no entities, no tags (V1 forbids them).

    What one pass leaves can be an entity, a tag or an invisible sign again: it goes on until nothing changes.
    """
    if "<" not in raw and "&" not in raw and raw.isascii() and raw.isprintable():
        return " ".join(raw.split())
    while True:
        text = raw.replace("\r\n", "\n")
        if "&" in text:
            text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
        if "<" in text:
            text = _TAG.sub("", _BLOCK.sub("\n", _HIDDEN_MARKUP.sub(" ", text)))
        lines = _visible(text).split("\n")
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip("\n")
        if text == raw:
            return text
        raw = text


def unaccented(raw: str) -> str:
    """Lower case, without accents and ligatures."""
    if raw.isascii():  # most are
        return raw.lower()
    return raw.translate(_UNACCENTED)


class Signs(dict[int, str]):
    """For `str.translate`: what a function makes of each sign, called when a sign is first met."""

    def __init__(self, made: Callable[[str], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, code: int) -> str:
        self[code] = self._made(chr(code))
        return self[code]


def _without_marks(raw: str) -> str:
    # NFKD leaves ligatures such as œ whole: they have no decomposition in Unicode.
    decomposed = unicodedata.normalize("NFKD", raw.translate(_LIGATURES))
    if decomposed.isascii():
        return decomposed
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


# Sign by sign it is the same as of a text: what marks there are, and in which order, is of no account.
_UNACCENTED = Signs(lambda sign: _without_marks(_without_marks(sign).casefold()))

_CEDEX = re.compile(r" cedex\b.*$")
_ARRONDISSEMENT = re.compile(
    r"^(paris|lyon|marseille) (?:0?[1-9]|1[0-9]|20) ?(?:er|e|eme|nd|nde)?(?: arrondissement| arrdt?)?$"
)
_WORD = re.compile(r"[^\W_]+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalnum()}
"""The same of a text in ASCII, in a fifth of the time."""
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def fold(raw: str) -> str:
    """Normal form of a place's or an organization's name: for comparing only, never for publishing.

    Case, accents, apostrophes, hyphens and punctuation do not count; st is saint; a CEDEX goes, and
    so does the arrondissement of Paris, Lyon and Marseille.
    """
    characters = unaccented(tidy(raw)).replace("s/", " sur ").replace("&", " et ")
    found = characters.translate(_SPACED).split() if characters.isascii() else _WORD.findall(characters)
    if not _ABBREVIATIONS.keys().isdisjoint(found):
        found = [_ABBREVIATIONS.get(word, word) for word in found]
    words = " ".join(found)
    if " cedex" in words:
        words = _CEDEX.sub("", words)
    return _ARRONDISSEMENT.sub(r"\1", words) if words.startswith(("paris", "lyon", "marseille")) else words
