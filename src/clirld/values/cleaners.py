"""Cleaners: one pure function for each type of the canonical tables, text in, clean text or nothing out.

A cleaner never raises, and cleaning a clean value changes nothing. It ends in one of six ways:

    value, no code              a clean value
    value, a code               a value that was mended (`zero-restored`, `scheme-added`), or is in doubt
                                (`value-doubtful`)
    a value, `street-names-person`   what is left of a street without those whom it names
    no value, `street-only-person`   a street that is no more than that
    no value, no code           the cell says that there is no value ("", "NULL", "-", …: `missing`)
    no value, `value-unclean`   there is something, but not of this type; `why_fr` and `why_en` say why

The rules' numbers (V1, V10, V11, …) are those of the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from clirld.values.cleaned import MISSING, Cleaned, Cleaner, doubtful, unclean
from clirld.values.codes import FORMULA, ROUNDED, whole_number
from clirld.values.dates import day, moment, year
from clirld.values.identifiers import naf, rna, rnf, siren, siret, wikidata
from clirld.values.missing import Meaning, is_formula, is_missing_url, meaning, says_nothing, unwrapped
from clirld.values.numbers import decimal, integer
from clirld.values.persons import streets
from clirld.values.places import insee_commune, insee_departement, latitude, longitude, postcode
from clirld.values.polygons import polygon
from clirld.values.text import fold, plain_text, tidy, unaccented
from clirld.values.web_url import web_url

__all__ = ["CLEANERS", "MISSING", "Cleaned", "Cleaner", "fold"]

_WHOLE_NUMBER = re.compile(r"[0-9]+\.0")
_ESCAPED = re.compile(r"(%[0-9A-Fa-f]{2})")
# What a wrong encoding leaves: the replacement character; é, œ, ’… of UTF-8 read as Windows-1252 (Ã©, Å“, â€™), maybe
# in small letters or without the tilde since (ã©, à¤), as Mac Roman (√©) or as of DOS (├®). What it was is not certain.
_DAMAGED = re.compile("\ufffd|Ã(?![A-ZÀ-Þ])|Å[‘’“”]|â€|ã[¡-¿]|à[¡-ª¬-¶¸-º¼-¿](?=[a-zà-ÿ])|[√≈][^\\s\\d]|[├┼]")


def text(raw: str) -> Cleaned:
    """Free text: no HTML, NFC; line breaks are kept. A whole number loses the `.0` that a spreadsheet gives it."""
    value = unwrapped(plain_text(raw))
    says = meaning(value)
    if says is Meaning.WORD or (says is Meaning.ABBREVIATION and value.islower()):
        return MISSING
    if says is Meaning.ABBREVIATION:
        return doubtful(value, "dit peut-être qu'il n'y a pas de valeur", "may say that there is no value")
    if value.endswith(".0") and _WHOLE_NUMBER.fullmatch(value):
        return Cleaned(value.removesuffix(".0"), "decimals-removed")
    return MISSING if says is Meaning.NOTHING else _readable(value)


def name(raw: str) -> Cleaned:
    """A name: as `text`, on one line, not longer than V1 allows; `3.0` may be one."""
    value = unwrapped(" ".join(plain_text(raw).split()))
    says = meaning(value)
    if says is not Meaning.VALUE:
        # No name is a word for “nothing” in lower case.
        if says is Meaning.NOTHING or (says is not Meaning.NO_NAME and value.islower()):
            return MISSING
        return doubtful(value, "n'est peut-être pas un nom", "may be no name")
    if len(value) > 300:
        return unclean("plus de 300 caractères", "longer than 300 characters")
    if value.startswith(("http://", "https://")):
        return unclean("une adresse web", "a web address")
    if value.endswith(".0") and len(value) > 3 and _WHOLE_NUMBER.fullmatch(value):
        return Cleaned(value.removesuffix(".0"), "decimals-removed")
    return _readable(value)


def _readable(value: str) -> Cleaned:
    """A text as it is, but for a formula, a rounded number and damaged letters."""
    if value[0] == "=" and is_formula(value):
        return FORMULA
    if "E+" in value and whole_number(value) is None:
        return ROUNDED
    if not value.isascii() and _DAMAGED.search(value):
        return doubtful(value, "lettres abîmées par un mauvais encodage", "letters damaged by a wrong encoding")
    return Cleaned(value)


def street(raw: str) -> Cleaned:
    """The street of an address: as `text`, without persons and contacts (docs/personal-data.md)."""
    cleaned = text(raw)
    if cleaned.value is None or (left := streets.without_persons(cleaned.value)) == cleaned.value:
        return cleaned
    return Cleaned(left, "street-names-person") if left else Cleaned(None, "street-only-person")


def slug(raw: str) -> Cleaned:
    """Lower-case ASCII words joined by hyphens, as in concept and source ids."""
    line = tidy(raw)
    if says_nothing(line):
        return MISSING
    value = "-".join(re.findall(r"[a-z0-9]+", unaccented(line)))
    if value and says_nothing(value):  # as cleaning it again would say
        return MISSING
    return Cleaned(value) if value else unclean("aucune lettre ni aucun chiffre", "no letter and no digit")


def key(raw: str) -> Cleaned:
    """The last part of an IRI: all but unreserved ASCII is percent-encoded; a %XX that is there is kept."""
    line = tidy(raw)
    if not line.strip(".") or says_nothing(line):
        return MISSING
    parts = _ESCAPED.split(line)
    return Cleaned("".join(part if _ESCAPED.fullmatch(part) else quote(part, safe="") for part in parts))


def url(raw: str) -> Cleaned:
    """A web address, as an ASCII URI that is also an N-Quads IRI (`clirld.values.web_url`)."""
    line = unwrapped(tidy(raw))
    if is_missing_url(line):
        return MISSING
    if is_formula(line):
        return FORMULA
    result = web_url(line)
    if result.url is None:
        return unclean(result.why_fr, result.why_en)
    return Cleaned(result.url, "scheme-added" if result.scheme_added else None)


CLEANERS: Mapping[str, Cleaner] = {
    "text": text,
    "name": name,
    "street": street,
    "slug": slug,
    "key": key,
    "siren": siren,
    "siret": siret,
    "rna": rna,
    "rnf": rnf,
    "wikidata": wikidata,
    "naf": naf,
    "insee_commune": insee_commune,
    "insee_departement": insee_departement,
    "postcode": postcode,
    "latitude": latitude,
    "longitude": longitude,
    "polygon": polygon,
    "integer": integer,
    "decimal": decimal,
    "date": day,
    "year": year,
    "datetime": moment,
    "url": url,
}
"""The cleaner of each type; concept, territory and wkt need more than the text, and are the engine's."""
