"""Several values out of one cell, and the beginning of a value: each part is a clean value of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from clirld.values.cleaned import MISSING, Cleaned, Cleaner, unclean
from clirld.values.cleaners import CLEANERS
from clirld.values.codes import FLOAT_SUFFIX, code_text
from clirld.values.places import insee_commune, insee_departement, postcode
from clirld.values.text import tidy
from clirld.values.web_url import addresses

FREE_TEXT = frozenset(("text", "name", "street", "slug", "key"))
"""Types of which any text may be one value."""

_SEPARATOR = re.compile(r"\s*(?:[;|\n]|,(?=\s)|\s/\s|\s(?:ou|et|and|or|puis|&)\s)\s*", re.IGNORECASE)


def several(type_: str, raw: str, clean: Cleaner) -> tuple[str, ...]:
    """The different values that a cell holds, as written, where it is none as a whole and each is alone; else ().

    `clean` is the cleaner of the type, or what takes the beginning of such a value.
    """
    if type_ in FREE_TEXT or clean(raw).value:
        return ()
    if type_ == "url":
        pieces = addresses(tidy(raw))
    else:
        pieces = tuple(piece for piece in _SEPARATOR.split("\n".join(raw.splitlines())) if piece.strip())
    by_value = {clean(piece).value: piece for piece in pieces}
    return tuple(by_value.values()) if len(pieces) > 1 and None not in by_value else ()


def _iris(raw: str) -> Cleaned:
    """A code of nine digits that begins with a commune's: an IRIS."""
    code = code_text(raw)
    if isinstance(code, Cleaned):
        return code
    code = FLOAT_SUFFIX.sub("", code).replace(" ", "").upper()
    if not code:
        return MISSING
    restored = code.zfill(9)
    if re.fullmatch(r"[0-9][0-9AB][0-9]{7}", restored) and len(code) in (8, 9) and insee_commune(restored[:5]).value:
        return Cleaned(restored, "zero-restored" if code != restored else None)
    return unclean("pas un code d'Iris à neuf chiffres", "not an IRIS code of nine digits")


def _place_with_departement(raw: str) -> Cleaned:
    """A commune's code or a postcode: what both lose, a zero, is restored alike."""
    cleaned = insee_commune(raw)
    return cleaned if cleaned.value or not cleaned.code else postcode(raw)


def _compact_day(raw: str) -> Cleaned:
    """A day as eight digits: 20190304."""
    match = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", tidy(raw))
    return CLEANERS["date"]("-".join(match.groups())) if match else unclean("pas un jour", "not a day")


_LONGER: Mapping[str, Cleaner] = {
    "siren": CLEANERS["siret"],
    "insee_departement": _place_with_departement,
    "insee_commune": _iris,
    "year": _compact_day,
}
"""What values of a type are cut out of: it has to be right as a whole."""

_CUT_ANYWHERE = FREE_TEXT | {"integer", "decimal", "latitude", "longitude"}


def beginning(type_: str, raw: str, length: int) -> Cleaned:
    """The value at the beginning of a cell, of `length` signs, spaces aside: nine for the SIREN of a SIRET.

    The cell is cleaned whole before it is cut, since a lost zero, a separator or rounded digits would move the cut:
    a check digit fits one time in ten by chance. What is a value of the type already is not cut; where no longer form
    is known (`_LONGER`), the cut may not part two digits.
    """
    clean = CLEANERS[type_]
    cleaned = clean(raw)
    longer = _LONGER.get(type_)
    # With zeros restored it could be a longer one that lost more of them.
    is_certain = cleaned.code != "value-unclean" and not (longer and cleaned.code == "zero-restored")
    if is_certain and (cleaned.value is None or type_ not in _CUT_ANYWHERE):
        return cleaned
    if longer:
        whole = longer(raw)
        if whole.code != "value-unclean":
            return _cut_of_whole(clean, whole, length)
        cleaned = whole
    cut = first_signs(cleaned.value or raw, length)
    if type_ not in _CUT_ANYWHERE and (type_ == "siren" or _parts_digits(raw, length)):
        return cleaned
    return clean(cut)


def _cut_of_whole(clean: Cleaner, whole: Cleaned, length: int) -> Cleaned:
    if whole.value is None:
        return whole
    if clean is insee_departement and whole.value.startswith(("97", "98")):
        length = 3  # overseas
    cut = clean(whole.value[:length])
    return cut._replace(code=whole.code) if cut.value and not cut.code else cut


def first_signs(text: str, length: int) -> str:
    """The first signs of a text, spaces aside."""
    return "".join(text.split())[:length]


def _parts_digits(text: str, length: int) -> bool:
    """Whether a cut after `length` signs, spaces aside, would part two digits."""
    text = tidy(text)
    signs = [n for n, sign in enumerate(text) if sign != " "]
    if len(signs) <= length:
        return False
    end = signs[length - 1]
    return text[end].isdigit() and text[end + 1].isdigit()
