"""Signs as they are meant, whatever they were typed with: what the detectors of contacts and persons read.

`０６` is 06, U+2011 a hyphen, `＠` and `&commat;` an at-sign. Each sign knows where it stands in the text that was
given, so that what is found can be taken out there.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

Span = tuple[int, int]
"""Start and end of a part of a text."""

_TOKENS = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|%(?:40|2[bBdDeE0])|.", re.DOTALL
)
_HYPHENS = "\u00ad\u058a\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d\u30fc"
_DOTS = "\u00b7\u2022\u2024\u2027\u2219\u22c5\u25cf\u25aa\u30fb\u3002\uff0e\uff61\ufe52\u06d4"
_OTHERS = {"\u2044": "/", "\u2215": "/", "\u00a6": "|", "\u2758": "|", "\u02bc": "'", "\ufe6b": "@", "\u29f8": "/"}
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Signs:
    """A text as it is meant; `starts` and `ends` say for each sign where it stands in the text that was given."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def given(self, span: Span) -> Span:
        """The same part in the text that was given."""
        if self.starts is None or self.ends is None:
            return span
        return self.starts[span[0]], self.ends[span[1] - 1]


def read(text: str) -> Signs:
    """The signs of a text. Never raises."""
    if text.isascii() and "&" not in text and "%" not in text:
        return Signs(text)
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKENS.finditer(text):
        token = match[0]
        for sign in _meant(token):
            out.append(sign)
            starts.append(match.start())
            ends.append(match.end())
    return Signs("".join(out), tuple(starts), tuple(ends))


@lru_cache(4096)
def _meant(sign: str) -> str:
    """What a sign, an entity or a percent-encoded sign means; nothing for an invisible one."""
    if len(sign) > 1 and sign[0] == "%":
        return chr(int(sign[1:], 16))
    if len(sign) > 1:
        plain = html.unescape(sign)
        return sign if plain == sign else "".join(map(_meant, plain))
    if sign in _OTHERS:
        return _OTHERS[sign]
    if sign in _HYPHENS and sign != "\u00ad":
        return "-"
    if sign in _DOTS:
        return "."
    if ord(sign) in _FULL_WIDTH:
        return chr(ord(sign) - 0xFEE0)
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if sign.isspace() or sign in _BREAKS:
        return "\n" if sign in _BREAKS else " "
    # Zero widths, marks of direction, variation selectors and the frame of a keycap.
    return "" if unicodedata.category(sign) in ("Cf", "Me") or "\ufe00" <= sign <= "\ufe0f" else sign
