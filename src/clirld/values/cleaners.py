"""Cleaners: one pure function for each type of the canonical tables, text in, clean text or nothing out.

A cleaner never raises, and cleaning a clean value changes nothing. It ends in one of four ways:

    value, no code              a clean value
    value, a code               a value that was mended (`zero-restored`, `scheme-added`)
    no value, no code           the cell says that there is no value ("", "NULL", "-", …)
    no value, `value-unclean`   there is something, but not of this type; `why_fr` and `why_en` say why

The rules' numbers (V1, V10, V11, …) are those of the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import quote

from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from clirld.values.text import fold, plain_text, tidy, unaccented
from clirld.values.web_url import web_url

__all__ = ["CLEANERS", "MISSING", "Cleaned", "Cleaner", "fold"]


class Cleaned(NamedTuple):
    """What became of a cell: its value, and what there is to say about it (an issue code)."""

    value: str | None
    code: str | None = None
    why_fr: str = ""
    why_en: str = ""

    def detail(self, type_: str) -> dict[str, str]:
        """The {names} that the code's messages need (`clirld.issues.Issue.detail`)."""
        if self.code == "value-unclean":
            return {"type": type_, "why": self.why_fr, "why_en": self.why_en}
        return {"to": self.value or ""}


Cleaner = Callable[[str], Cleaned]

MISSING = Cleaned(None)


def _unclean(fr: str, en: str) -> Cleaned:
    return Cleaned(None, "value-unclean", fr, en)


# --- text ---------------------------------------------------------------------------------------

# What means "no value" where any word may be a value and, compared without case, where none may.
_MISSING_TEXT = re.compile(r"|NULL|Null|null|N/A|n/a|NaN|nan|undefined|[-–—_.]|--")
_MISSING_VALUE = re.compile(r"|null|#?n/a|na|nan|none|nil|undefined|n\.?c\.?|nr|[-–—_.?0]|--", re.IGNORECASE)


def text(raw: str) -> Cleaned:
    """Free text: no HTML, NFC; line breaks are kept."""
    value = plain_text(raw)
    return MISSING if _MISSING_TEXT.fullmatch(value) else Cleaned(value)


def name(raw: str) -> Cleaned:
    """A name: as `text`, on one line, not longer than V1 allows."""
    cleaned = text(raw)
    if cleaned.value is None:
        return cleaned
    value = " ".join(cleaned.value.split())
    if len(value) > 300:
        return _unclean("plus de 300 caractères", "longer than 300 characters")
    return Cleaned(value)


def slug(raw: str) -> Cleaned:
    """Lower-case ASCII words joined by hyphens, as in concept and source ids."""
    line = tidy(raw)
    if _MISSING_TEXT.fullmatch(line):
        return MISSING
    value = "-".join(re.findall(r"[a-z0-9]+", unaccented(line)))
    return Cleaned(value) if value else _unclean("aucune lettre ni aucun chiffre", "no letter and no digit")


def key(raw: str) -> Cleaned:
    """The last part of an IRI: all but unreserved ASCII is percent-encoded; a %XX that is there is kept."""
    line = tidy(raw)
    if not line.strip("."):
        return MISSING
    parts = _ESCAPED.split(line)
    return Cleaned("".join(part if _ESCAPED.fullmatch(part) else quote(part, safe="") for part in parts))


# --- identifiers --------------------------------------------------------------------------------

_ESCAPED = re.compile(r"(%[0-9A-Fa-f]{2})")
_FLOAT_SUFFIX = re.compile(r"\.0*$")


def _normalized_code(raw: str) -> str:
    """A code as one upper-case word, without the `.0` that spreadsheets give to numbers; "" for no value."""
    code = re.sub(r"[\s\u2010-\u2015-]", "", tidy(raw))
    if _MISSING_VALUE.fullmatch(code):
        return ""
    return _FLOAT_SUFFIX.sub("", code).upper() if code[:1].isdigit() else code.upper()


def _checked_number(raw: str, length: int, shortest: int, is_valid: Callable[[str], bool], label: str) -> Cleaned:
    """A number with a check digit; lost leading zeros are put back only if the check digit then fits."""
    digits = _normalized_code(raw).replace(".", "")
    if not digits.strip("0"):
        return MISSING
    if not (digits.isascii() and digits.isdigit()):
        return _unclean("autre chose que des chiffres", "something else than digits")
    if shortest <= len(digits) < length and is_valid(digits.zfill(length)):
        return Cleaned(digits.zfill(length), "zero-restored")
    if len(digits) != length:
        return _unclean(f"{len(digits)} chiffres au lieu de {length}", f"{len(digits)} digits instead of {length}")
    if not is_valid(digits):
        return _unclean(f"la clé de contrôle du {label} est fausse", f"the check digit of the {label} is wrong")
    return Cleaned(digits)


def siren(raw: str) -> Cleaned:
    """SIREN: nine digits with Luhn (V7)."""
    return _checked_number(raw, 9, 7, stdnum_siren.is_valid, "SIREN")


def siret(raw: str) -> Cleaned:
    """SIRET: fourteen digits with Luhn, La Poste's by its own rule (V8).

    Fewer than twelve digits are no SIRET that lost zeros: five zeros before any SIREN would pass.
    """
    return _checked_number(raw, 14, 12, stdnum_siret.is_valid, "SIRET")


def rna(raw: str) -> Cleaned:
    """RNA number of an association (V9)."""
    code = _normalized_code(raw)
    if not code:
        return MISSING
    if re.fullmatch(r"W[0-9][0-9A-Z][0-9]{7}", code):
        return Cleaned(code)
    return _unclean("pas un numéro W suivi de neuf signes", "not a number made of W and nine signs")


def naf(raw: str) -> Cleaned:
    """Sub-class of NAF rev. 2, as 62.01Z."""
    code = _normalized_code(raw)
    if not code:
        return MISSING
    if match := re.fullmatch(r"(0[1-9]|[1-9][0-9])\.?([0-9]{2}[A-Z])", code):
        return Cleaned(f"{match[1]}.{match[2]}")
    if re.fullmatch(r"[1-9]\.[0-9]{2}[A-Z]", code):
        return Cleaned(f"0{code}", "zero-restored")
    if re.fullmatch(r"[0-9]{2}\.?[0-9][A-Z]", code):
        return _unclean("code d'une NAF antérieure à 2008", "code of a NAF older than 2008")
    return _unclean("pas une sous-classe de la NAF rév. 2, comme 62.01Z", "not a sub-class of NAF rev. 2, as 62.01Z")


# --- places -------------------------------------------------------------------------------------

# Corsica is 2A and 2B, no longer 20; 97 and 98 are overseas, where a département has three digits.
_COMMUNE = re.compile(r"(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}|97[1-8][0-9]{2}|98[46-9][0-9]{2}")
_DEPARTEMENT = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[46-9]")
_POSTCODE = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-8])[0-9]{3}")


def _place_code(raw: str, length: int, pattern: re.Pattern[str], why_fr: str, why_en: str) -> Cleaned:
    code = _normalized_code(raw)
    if not code.strip("0") or code == "INSEE":
        return MISSING
    if pattern.fullmatch(code):
        return Cleaned(code)
    if len(code) == length - 1 and pattern.fullmatch(f"0{code}"):
        return Cleaned(f"0{code}", "zero-restored")
    return _unclean(why_fr, why_en)


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


def _degrees(raw: str, limit: int) -> Cleaned:
    tidied = tidy(raw).replace(" ", "").replace("\u2212", "-").replace(",", ".")
    if tidied != "0" and _MISSING_VALUE.fullmatch(tidied):
        return MISSING
    if not _DECIMAL_NUMBER.fullmatch(tidied):
        return _unclean("pas un nombre décimal", "not a decimal number")
    degrees = Decimal(tidied)
    if abs(degrees) > limit:
        return _unclean(f"hors de -{limit} à {limit} degrés", f"not within -{limit} to {limit} degrees")
    return Cleaned(format(degrees if degrees else abs(degrees), "f"))  # abs: -0 is 0


def latitude(raw: str) -> Cleaned:
    """Latitude in decimal degrees, WGS 84; its digits are kept as given."""
    return _degrees(raw, 90)


def longitude(raw: str) -> Cleaned:
    """Longitude in decimal degrees, WGS 84; its digits are kept as given."""
    return _degrees(raw, 180)


# --- numbers and time ---------------------------------------------------------------------------


def integer(raw: str) -> Cleaned:
    """A whole number; spaces between thousands and a decimal part of zeros are taken out."""
    tidied = tidy(raw).replace(" ", "").replace("\u2212", "-")
    if tidied != "0" and _MISSING_VALUE.fullmatch(tidied):
        return MISSING
    if match := re.fullmatch(r"([+-]?[0-9]{1,18})(?:[.,]0*)?", tidied):
        return Cleaned(str(int(match[1])))
    return _unclean("pas un nombre entier", "not a whole number")


def decimal(raw: str) -> Cleaned:
    """A number with or without decimals, point or comma; spaces between thousands are taken out."""
    tidied = tidy(raw).replace(" ", "").replace("\u2212", "-").replace(",", ".")
    if tidied != "0" and _MISSING_VALUE.fullmatch(tidied):
        return MISSING
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,9})?", tidied):
        return _unclean("pas un nombre", "not a number")
    number = Decimal(tidied)
    return Cleaned(f"{number.normalize():f}" if number else "0")


_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")
_FRENCH_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: .*)?")

# RNA writes 0001-01-01, Sirene 1900-01-01 for a date that is not known ("Si elle est non renseignée, elle
# sera au 01/01/1900": sirene.fr, dateCreationEtablissement; "date non déterminée": dateDebut).
_UNKNOWN_DATES = {(1, 1, 1), (1900, 1, 1)}


def day(raw: str) -> Cleaned:
    """A date, as 2017-11-20: from ISO or day/month/year, a time of day after it is left out (V14)."""
    tidied = tidy(raw)
    if _MISSING_VALUE.fullmatch(tidied):
        return MISSING
    if match := _ISO_DATE.fullmatch(tidied):
        year_, month, day_ = int(match[1]), int(match[2]), int(match[3])
    elif match := _FRENCH_DATE.fullmatch(tidied):
        year_, month, day_ = int(match[3]), int(match[2]), int(match[1])
    else:
        return _unclean("ni AAAA-MM-JJ ni JJ/MM/AAAA", "neither YYYY-MM-DD nor DD/MM/YYYY")
    if (year_, month, day_) in _UNKNOWN_DATES or year_ == 0:
        return MISSING
    try:
        value = date(year_, month, day_)
    except ValueError:
        return _unclean("ce jour n'existe pas", "there is no such day")
    return Cleaned(value.isoformat()) if 1800 <= year_ <= 2100 else _year_out_of_range()


def _year_out_of_range() -> Cleaned:
    return _unclean("année hors de 1800 à 2100", "year not within 1800 to 2100")


def year(raw: str) -> Cleaned:
    """A year, also from a whole date."""
    tidied = tidy(raw)
    if match := re.fullmatch(r"([0-9]{4})(?:\.0*)?", tidied):
        if match[1] == "0000":
            return MISSING
        return Cleaned(match[1]) if 1800 <= int(match[1]) <= 2100 else _year_out_of_range()
    date_ = day(tidied)
    if date_.code:
        return _unclean("pas une année", "not a year")
    return Cleaned(date_.value[:4]) if date_.value else MISSING


def moment(raw: str) -> Cleaned:
    """A date with time and zone, as 2026-11-24T10:00:00Z; no zone is guessed where there is none (V5)."""
    tidied = tidy(raw)
    if _MISSING_VALUE.fullmatch(tidied):
        return MISSING
    try:
        value = datetime.fromisoformat(tidied)
    except ValueError:
        return _unclean("pas une date et heure ISO 8601", "not an ISO 8601 date and time")
    if value.tzinfo is None:
        return _unclean("date et heure sans fuseau", "date and time without a zone")
    if not 1800 <= value.year <= 2100 or not 1800 <= (value := value.astimezone(UTC)).year <= 2100:
        return _year_out_of_range()
    return Cleaned(value.strftime("%Y-%m-%dT%H:%M:%SZ"))


def url(raw: str) -> Cleaned:
    """A web address, as an ASCII URI that is also an N-Quads IRI (`clirld.values.web_url`)."""
    tidied = tidy(raw)
    if _MISSING_VALUE.fullmatch(tidied):
        return MISSING
    result = web_url(tidied)
    if result.url is None:
        return _unclean(result.why_fr, result.why_en)
    return Cleaned(result.url, "scheme-added" if result.scheme_added else None)


CLEANERS: Mapping[str, Cleaner] = {
    "text": text,
    "name": name,
    "slug": slug,
    "key": key,
    "siren": siren,
    "siret": siret,
    "rna": rna,
    "naf": naf,
    "insee_commune": insee_commune,
    "insee_departement": insee_departement,
    "postcode": postcode,
    "latitude": latitude,
    "longitude": longitude,
    "integer": integer,
    "decimal": decimal,
    "date": day,
    "year": year,
    "datetime": moment,
    "url": url,
}
"""The cleaner of each type; concept, territory and wkt need more than the text, and are the engine's."""
