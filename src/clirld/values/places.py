"""Cleaners of place codes, by their shape only, and of degrees."""

from __future__ import annotations

import re
from decimal import Decimal

from clirld.values.cleaned import MISSING, Cleaned, unclean
from clirld.values.codes import FLOAT_SUFFIX, code_text
from clirld.values.missing import is_missing, unwrapped
from clirld.values.text import tidy

# Corsica is 2A and 2B, no longer 20; 97 and 98 are overseas, where a département has three digits.
_COMMUNE = re.compile(r"(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}|97[1-8][0-9]{2}|98[46-9][0-9]{2}")
_DEPARTEMENT = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[46-9]")
_POSTCODE = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-8])[0-9]{3}")

# The sign of the country before it, as letters were addressed until the nineties.
_COUNTRY_SIGN = re.compile(r"\s*FR?\s?[-–]?\s?(?=[0-9]{5}\s*$)", re.IGNORECASE)

# One separator in a code of five signs, of thousands or after the département; two numbers have no such shape.
_SEPARATED = re.compile(r"([0-9][0-9AB]?)[ .,'’-]([0-9]{3})|(9[78][0-9]) ([0-9]{2})")


def _place_code(raw: str, length: int, pattern: re.Pattern[str], why_fr: str, why_en: str) -> Cleaned:
    line = code_text(raw)
    if isinstance(line, Cleaned):
        return line
    code = FLOAT_SUFFIX.sub("", line).upper()
    if length == 5 and (match := _SEPARATED.fullmatch(code)):
        code = "".join(match.groups(""))
    if not code.strip("0") or code == "INSEE":
        return MISSING
    if pattern.fullmatch(code):
        return Cleaned(code)
    if len(code) == length - 1 and pattern.fullmatch(f"0{code}"):
        return Cleaned(f"0{code}", "zero-restored")
    return unclean(why_fr, why_en)


def insee_commune(raw: str) -> Cleaned:
    """INSEE code of a commune, by its shape only (V10)."""
    return _place_code(
        raw, 5, _COMMUNE, "pas la forme d'un code Insee de commune", "not the shape of a commune's INSEE code"
    )


def insee_departement(raw: str) -> Cleaned:
    """INSEE code of a département, by its shape only (V10)."""
    return _place_code(
        raw, 2, _DEPARTEMENT, "ni le code ni le nom d'un département", "neither the code nor the name of a département"
    )


def postcode(raw: str) -> Cleaned:
    """French postal code, CEDEX ones too (V11), also behind the country's sign: F-31000."""
    return _place_code(
        _COUNTRY_SIGN.sub("", raw, count=1),
        5,
        _POSTCODE,
        "pas un code postal français à cinq chiffres",
        "not a French five-digit postal code",
    )


_PLAIN_DEGREES = re.compile(r"-?[0-9]{1,3}\.[0-9]{1,30}")
"""Most are like this: nothing is to be looked into."""

_DECIMAL_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,6}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
# Spaces that part nothing: after the sign, around the point. Between two digits they part degrees and minutes.
_IDLE_SPACE = re.compile(r"(?<=[-+.,]) | (?=[.,])")


_SEXAGESIMAL = re.compile(
    r"(?P<before>[NSEWO] ?)?(?P<sign>[+-])?(?P<degrees>[0-9]{1,3}(?:\.[0-9]+)?)(?P<circle> ?[°º](?:"
    r" ?(?P<minutes>[0-5]?[0-9](?:\.[0-9]+)?) ?'(?: ?(?P<seconds>[0-5]?[0-9](?:\.[0-9]+)?) ?(?:\"|''))?)?)?"
    r"(?P<after> ?[NSEWO])?",
    re.IGNORECASE,
)
_PRIMES = str.maketrans({"′": "'", "’": "'", "‘": "'", "´": "'", "″": '"', "”": '"', "“": '"', ",": ".", "\u2212": "-"})
_ARC_SECOND_DIGITS = 6
"""Decimals of degrees made of minutes and seconds: a tenth of a metre, finer than seconds are written."""


_NORTH = 90
_PAIR = re.compile(r"\(?(-?[0-9]{1,3}\.[0-9]+)\s*[,; ]\s*(-?[0-9]{1,3}\.[0-9]+)\)?")
"""Latitude, then longitude in one cell, as `geo_point_2d` of portals: each axis takes its own.

Both have a decimal point, so that 45,899 is one number. Whatever is the other way round is seen by its commune.
"""


def _decimal_degrees(line: str, hemispheres: str) -> str | None:
    """Degrees, minutes and seconds as a decimal number; None for what is not certainly that.

    `hemispheres` are the letters that this axis has, those of the negative half last. O is the west of French maps.
    """
    match = _SEXAGESIMAL.fullmatch(line.translate(_PRIMES))
    if not match:
        return None
    letters = [letter.strip().upper() for letter in (match["before"], match["after"]) if letter]
    if len(letters) > 1 or (letters and (letters[0] not in hemispheres or match["sign"])):
        return None
    parts = [match["degrees"], *filter(None, (match["minutes"], match["seconds"]))]
    if not (match["circle"] or letters) or any("." in part for part in parts[:-1]):
        return None  # a plain number is read elsewhere; only the last part may have decimals
    degrees = sum(Decimal(part) / 60**n for n, part in enumerate(parts))
    if len(parts) > 1:
        degrees = round(Decimal(degrees), _ARC_SECOND_DIGITS).normalize()
    is_negative = match["sign"] == "-" or (letters and letters[0] in hemispheres[1:])
    return f"{'-' if is_negative else ''}{degrees:f}"


def _degrees(raw: str, limit: int, hemispheres: str) -> Cleaned:
    number = raw if _PLAIN_DEGREES.fullmatch(raw) else _read_degrees(raw, limit, hemispheres)
    if isinstance(number, Cleaned):
        return number
    degrees = Decimal(number)
    if abs(degrees) > limit:
        return unclean(f"hors de -{limit} à {limit} degrés", f"not within -{limit} to {limit} degrees")
    return Cleaned(format(degrees if degrees else abs(degrees), "f"))  # abs: -0 is 0


def _read_degrees(raw: str, limit: int, hemispheres: str) -> str | Cleaned:
    """A decimal number as Decimal reads it, from any of the ways to write degrees."""
    line = unwrapped(tidy(raw))
    if pair := _PAIR.fullmatch(line):
        line = pair[1 if limit == _NORTH else 2]
    if line != "0" and is_missing(line):
        return MISSING
    line = _decimal_degrees(line, hemispheres) or line
    number = _IDLE_SPACE.sub("", line.replace("\u2212", "-")).replace(",", ".")
    if not _DECIMAL_NUMBER.fullmatch(number):
        return unclean("pas un nombre décimal", "not a decimal number")
    return number


def latitude(raw: str) -> Cleaned:
    """Latitude in decimal degrees, WGS 84; its digits are kept as given, and degrees, minutes and seconds reckoned."""
    return _degrees(raw, _NORTH, "NS")


def longitude(raw: str) -> Cleaned:
    """Longitude in decimal degrees, WGS 84; its digits are kept as given, and degrees, minutes and seconds reckoned."""
    return _degrees(raw, 180, "EWO")
