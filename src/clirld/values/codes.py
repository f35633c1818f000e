"""Codes and numbers as spreadsheets write them: quotes, separators, `.0`, lost and rounded digits."""

from __future__ import annotations

import re
import unicodedata

from clirld.values.cleaned import SEVERAL, Cleaned, unclean
from clirld.values.missing import is_formula, is_missing, unwrapped
from clirld.values.text import tidy

_LINE_BREAK = re.compile(r"\S\s*[\n\r\x0b\x0c\x85\u2028\u2029]\s*\S")
_QUOTES = "'\"’‘“”«»` "
_SCIENTIFIC = re.compile(r"([0-9])[.,]?([0-9]*) ?[eE] ?[+]?([0-9]{1,2})")

FLOAT_SUFFIX = re.compile(r"(?:(?<=[0-9])[.,]0{0,2}|(?<=[0-9]{4})[.,]0+)$")
"""The decimals that a spreadsheet gives to a whole number; `.000` after one to three digits are thousands."""

ROUNDED = unclean(
    "un tableur a arrondi ce nombre : des chiffres sont perdus",
    "a spreadsheet rounded this number: digits are lost",
)
FORMULA = unclean("le texte d'une formule, non son résultat", "the text of a formula, not its result")


def code_text(raw: str) -> str | Cleaned:
    """A code as one line of plain signs, without the quotes that keep it a text; or what there is to say instead.

    Full-width digits become digits. "" says that there is no value.
    """
    if raw.isascii() and raw.isalnum() and raw[0].isdigit():  # most are like this, and no word for “nothing” is
        return "" if raw == "0" else raw
    if not raw.isascii():
        raw = unicodedata.normalize("NFKC", raw)
    if _LINE_BREAK.search(raw):
        return SEVERAL
    line = unwrapped(tidy(raw)).strip(_QUOTES)
    if is_missing(line):
        return ""
    return FORMULA if is_formula(line) else line


def whole_number(text: str) -> str | None:
    """All digits of a number in scientific notation, None where some were rounded away; any other text as it is."""
    match = _SCIENTIFIC.fullmatch(text)
    if not match:
        return text
    digits, exponent = match[1] + match[2], int(match[3])
    if len(digits) < exponent + 1 or digits[exponent + 1 :].strip("0"):
        return None
    return digits[: exponent + 1]
