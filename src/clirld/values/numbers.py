"""Cleaners of whole and decimal numbers.

A point or a comma before three digits is of decimals or of thousands: where nothing else tells, `12.000` is neither.
"""

from __future__ import annotations

import re
from decimal import Decimal

from clirld.values.cleaned import MISSING, SEVERAL, Cleaned, doubtful, unclean
from clirld.values.codes import ROUNDED, code_text, whole_number
from clirld.values.text import tidy

# Thousands in groups of three, all by one sign; decimals by another one.
_SPACED = r"[0-9]{1,3}(?:[ '’][0-9]{3})+|[0-9]+"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?) ?(?:(?P<spaced>{_SPACED})(?:[.,](?P<spaced_rest>[0-9]*))?"
    r"|(?P<dotted>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<dotted_rest>[0-9]*)|(?P<dots>[0-9]{1,3}(?:\.[0-9]{3}){2,})"
    r"|(?P<comma>[0-9]{1,3}(?:,[0-9]{3})+)\.(?P<comma_rest>[0-9]*)|(?P<commas>[0-9]{1,3}(?:,[0-9]{3}){2,}))"
)
_ONE_GROUP = re.compile(r"[+-]? ?[1-9][0-9]{0,2}[.,][0-9]{3}")
_AMBIGUOUS = unclean(
    "un point ou une virgule avant trois chiffres : milliers ou décimales ?",
    "a point or comma before three digits: thousands or decimals?",
)


def _line(raw: str) -> str | Cleaned:
    line = code_text(raw)
    if isinstance(line, Cleaned):
        return line
    return line.replace("\u2212", "-") if line or tidy(raw) != "0" else "0"


def _parts(line: str) -> tuple[str, str, str] | None:
    """Sign, whole part and decimals of a number as people write them."""
    match = _NUMBER.fullmatch(line)
    if not match:
        return None
    found = match.groupdict("")
    whole = re.sub(r"[^0-9]", "", found["spaced"] + found["dotted"] + found["dots"] + found["comma"] + found["commas"])
    return found["sign"], whole, found["spaced_rest"] + found["dotted_rest"] + found["comma_rest"]


def integer(raw: str) -> Cleaned:
    """A whole number; separators of thousands and a decimal part of zeros are taken out."""
    line = _line(raw)
    if isinstance(line, Cleaned):
        return line
    if not line:
        return MISSING
    if _ONE_GROUP.fullmatch(line):
        return _AMBIGUOUS
    exact = whole_number(line)
    if exact is None:
        return ROUNDED
    parts = _parts(exact)
    if parts and not parts[2].strip("0") and len(parts[1]) <= 18:
        return Cleaned(str(int(parts[0] + parts[1])))
    return _several_or("pas un nombre entier", "not a whole number", line)


def decimal(raw: str) -> Cleaned:
    """A number with or without decimals, point or comma; separators of thousands are taken out."""
    line = _line(raw)
    if isinstance(line, Cleaned):
        return line
    if not line:
        return MISSING
    if _ONE_GROUP.fullmatch(line) and line.endswith("000"):
        return _AMBIGUOUS
    parts = _parts(line)
    if not parts or len(parts[1]) > 15 or len(parts[2]) > 9:
        return _several_or("pas un nombre", "not a number", line)
    number = Decimal(f"{parts[0]}{parts[1]}.{parts[2] or 0}")
    value = f"{number.normalize():f}" if number else "0"
    return doubtful(value, _AMBIGUOUS.why_fr, _AMBIGUOUS.why_en) if _ONE_GROUP.fullmatch(line) else Cleaned(value)


def _several_or(fr: str, en: str, line: str) -> Cleaned:
    return SEVERAL if re.fullmatch(r"[0-9]+(?: [0-9]+)+", line) else unclean(fr, en)
