"""Cleaners of days, years and moments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from clirld.values.cleaned import MISSING, Cleaned, doubtful, unclean
from clirld.values.missing import is_formula, is_missing, unwrapped
from clirld.values.text import tidy

_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ](.*))?")
_FRENCH_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: (.*))?")
# With a time in UTC, the day in France may be the next one: midnight there is 22:00 or 23:00.
_LATE_IN_UTC = re.compile(r"2[23]:[0-9]{2}.*(?:Z|[+]00:?00)")

_NO_DAY = {
    # RNA writes 0001-01-01, Sirene 1900-01-01 for a date that is not known ("Si elle est non renseignée, elle
    # sera au 01/01/1900": sirene.fr, dateCreationEtablissement; "date non déterminée": dateDebut).
    (1, 1, 1),
    (1900, 1, 1),
    # The days 0 and 1 of spreadsheets: Excel shows 0 as 1900-01-00, LibreOffice and pandas as 1899-12-30.
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 0),
    # The lowest and highest days of Windows, SQL Server and of registries without an end.
    (1601, 1, 1),
    (1753, 1, 1),
    (2099, 12, 31),
    (2999, 12, 31),
    (9999, 12, 31),
}

# Zero in Unix time, and of Excel for Mac: an organization may have been founded on these days too.
_DOUBTFUL_DAYS = {(1970, 1, 1), (1904, 1, 1)}
_OLDEST, _LATEST, _LATEST_CERTAIN = 1800, 2100, 2050


def day(raw: str) -> Cleaned:
    """A date, as 2017-11-20: from ISO or day/month/year, a time of day after it is left out (V14)."""
    tidied = unwrapped(tidy(raw))
    if is_missing(tidied):
        return MISSING
    if is_formula(tidied):
        return _formula()
    if match := _ISO_DATE.fullmatch(tidied):
        year_, month, day_ = int(match[1]), int(match[2]), int(match[3])
    elif match := _FRENCH_DATE.fullmatch(tidied):
        year_, month, day_ = int(match[3]), int(match[2]), int(match[1])
    else:
        return unclean("ni AAAA-MM-JJ ni JJ/MM/AAAA", "neither YYYY-MM-DD nor DD/MM/YYYY")
    if (year_, month, day_) in _NO_DAY or year_ == 0:
        return MISSING
    try:
        value = date(year_, month, day_).isoformat()
    except ValueError:
        return unclean("ce jour n'existe pas", "there is no such day")
    if not _OLDEST <= year_ <= _LATEST:
        return _year_out_of_range()
    if (year_, month, day_) in _DOUBTFUL_DAYS:
        return doubtful(
            value, "un logiciel écrit ce jour pour une date vide", "programs write this day for an empty date"
        )
    if year_ > _LATEST_CERTAIN:
        return _distant(value)
    if _LATE_IN_UTC.fullmatch(match[4] or ""):
        return doubtful(
            value, "heure universelle : en France, peut-être le lendemain", "time in UTC: in France, maybe the next day"
        )
    return Cleaned(value)


def _formula() -> Cleaned:
    return unclean("le texte d'une formule, non son résultat", "the text of a formula, not its result")


def _distant(value: str) -> Cleaned:
    return doubtful(value, "dans un avenir lointain", "in a distant future")


def _year_out_of_range() -> Cleaned:
    return unclean("année hors de 1800 à 2100", "year not within 1800 to 2100")


def year(raw: str) -> Cleaned:
    """A year, also from a whole date; `2 019` and `2.019` are years with a thousands' separator."""
    tidied = unwrapped(tidy(raw))
    if match := re.fullmatch(r"([0-9]{4})(?:\.0*)?|([12])[ .,]([0-9]{3})", tidied):
        digits = match[1] or match[2] + match[3]
        if digits in ("0000", "9999"):
            return MISSING
        if int(digits) > _LATEST_CERTAIN and int(digits) <= _LATEST:
            return _distant(digits)
        return Cleaned(digits) if _OLDEST <= int(digits) <= _LATEST else _year_out_of_range()
    date_ = day(tidied)
    if date_.value is None:
        return unclean("pas une année", "not a year") if date_.code else MISSING
    return date_._replace(value=date_.value[:4])


def moment(raw: str) -> Cleaned:
    """A date with time and zone, as 2026-11-24T10:00:00Z; no zone is guessed where there is none (V5)."""
    tidied = unwrapped(tidy(raw))
    if is_missing(tidied):
        return MISSING
    try:
        value = datetime.fromisoformat(tidied)
    except ValueError:
        return unclean("pas une date et heure ISO 8601", "not an ISO 8601 date and time")
    if (value.year, value.month, value.day) in _NO_DAY:
        return MISSING
    if value.tzinfo is None:
        return unclean("date et heure sans fuseau", "date and time without a zone")
    if not _OLDEST <= value.year <= _LATEST or not _OLDEST <= (value := value.astimezone(UTC)).year <= _LATEST:
        return _year_out_of_range()
    if value == datetime(1970, 1, 1, tzinfo=UTC):
        return MISSING
    return Cleaned(value.strftime("%Y-%m-%dT%H:%M:%SZ"))
