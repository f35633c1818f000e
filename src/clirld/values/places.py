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
    return _place_code(raw, 2, _DEPARTEMENT, "pas un code de département", "not a département code")


def postcode(raw: str) -> Cleaned:
    """French postal code, CEDEX ones too (V11)."""
    return _place_code(
        raw,
        5,
        _POSTCODE,
        "pas un code postal français à cinq chiffres",
        "not a French five-digit postal code",
    )


_DECIMAL_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,6}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
# Spaces that part nothing: after the sign, around the point. Between two digits they part degrees and minutes.
_IDLE_SPACE = re.compile(r"(?<=[-+.,]) | (?=[.,])")


def _degrees(raw: str, limit: int) -> Cleaned:
    line = unwrapped(tidy(raw))
    if line != "0" and is_missing(line):
        return MISSING
    number = _IDLE_SPACE.sub("", line.replace("\u2212", "-")).replace(",", ".")
    if not _DECIMAL_NUMBER.fullmatch(number):
        return unclean("pas un nombre décimal", "not a decimal number")
    degrees = Decimal(number)
    if abs(degrees) > limit:
        return unclean(f"hors de -{limit} à {limit} degrés", f"not within -{limit} to {limit} degrees")
    return Cleaned(format(degrees if degrees else abs(degrees), "f"))  # abs: -0 is 0


def latitude(raw: str) -> Cleaned:
    """Latitude in decimal degrees, WGS 84; its digits are kept as given."""
    return _degrees(raw, 90)


def longitude(raw: str) -> Cleaned:
    """Longitude in decimal degrees, WGS 84; its digits are kept as given."""
    return _degrees(raw, 180)
