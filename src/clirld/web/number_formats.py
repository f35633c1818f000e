"""Numbers, sizes and dates as French and English write them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from clirld.french import day_in_words
from clirld.query.failure import Language

_MONTHS = "January February March April May June July August September October November December"

_SPACE = "\N{NARROW NO-BREAK SPACE}"


def number(value: float, language: Language) -> str:
    """A number, its digits in groups of three."""
    return f"{value:,.10g}".replace(",", _SPACE if language == "fr" else ",")


def percent(share: float, language: Language) -> str:
    """A part of one in hundredths, with one decimal where it has one."""
    text = f"{round(share * 100, 1):g}"
    return f"{text.replace('.', ',')}\N{NO-BREAK SPACE}%" if language == "fr" else f"{text}%"


def figure(text: str, language: Language) -> str:
    """A number of the data, its digits in groups of three, its decimals all kept."""
    if not re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
        return text
    whole, point, decimals = text.partition(".")
    grouped = f"{int(whole):,}"
    if language == "en":
        return grouped + point + decimals
    return grouped.replace(",", _SPACE) + ("," if point else "") + decimals


def size(value: int, language: Language) -> str:
    """A number of bytes."""
    amount = float(value)
    # o (octet) is the French for byte.
    for unit in ("o", "Kio", "Mio", "Gio"):
        if amount < 1024 or unit == "Gio":
            break
        amount /= 1024
    figure = f"{amount:.0f}" if unit == "o" or amount >= 10 else f"{amount:.1f}"
    return f"{figure.replace('.', ',')} {unit}" if language == "fr" else f"{figure} {unit.replace('o', 'B')}"


def date(value: Any, language: Language) -> str:
    """A day in words; what is no date as it is."""
    try:
        day = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    if language == "fr":
        return day_in_words(day.year, day.month, day.day)
    return f"{day.day} {_MONTHS.split()[day.month - 1]} {day.year}"
