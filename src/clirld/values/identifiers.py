"""Cleaners of official numbers: SIREN, SIRET, RNA, RNF, NAF; and of the items of Wikidata."""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from clirld.values.cleaned import MISSING, Cleaned, unclean
from clirld.values.codes import FLOAT_SUFFIX, ROUNDED, code_text, whole_number

# Digits with separators that are no part of the number. Groups after a dot, a comma or an apostrophe have three
# digits or the five of a NIC: 552100.54 is a number with decimals.
_GROUPED = re.compile(r"[0-9]+(?:[ \u2010-\u2015_-]+[0-9]+|(?:[.·•'’] ?|, ?)(?:[0-9]{3}|[0-9]{5}))*")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_RNA = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")
_RNF = re.compile(r"[0-9][0-9AB]{2}-[A-Z]{2,5}-[0-9]{5}-[0-9]{2}")
_ITEM = re.compile(r"(?:https?://(?:www\.|m\.)?wikidata\.org/(?:entity|wiki)/)?(Q[1-9][0-9]*)", re.IGNORECASE)


def _checked_number(raw: str, length: int, shortest: int, is_valid: Callable[[str], bool], label: str) -> Cleaned:
    """A number with a check digit; lost leading zeros are put back only if the check digit then fits."""
    line = code_text(raw)
    if isinstance(line, Cleaned):
        return line
    exact = whole_number(line)
    if exact is None:
        return ROUNDED
    number = FLOAT_SUFFIX.sub("", exact)
    if not number.strip("0"):
        return MISSING
    if not _GROUPED.fullmatch(number):
        return unclean("autre chose que des chiffres", "something else than digits")
    digits = _NOT_DIGITS.sub("", number)
    if not shortest <= len(digits) <= length:
        return unclean(f"{len(digits)} chiffres au lieu de {length}", f"{len(digits)} digits instead of {length}")
    # No establishment has the NIC 00000, and hardly one is a company's 1000th: six or ten digits were kept.
    if length == 14 and digits.endswith("0000"):
        return ROUNDED
    if not is_valid(digits.zfill(length)):
        if len(digits) < length:
            return unclean(f"{len(digits)} chiffres au lieu de {length}", f"{len(digits)} digits instead of {length}")
        return unclean(f"la clé de contrôle du {label} est fausse", f"the check digit of the {label} is wrong")
    return Cleaned(digits) if len(digits) == length else Cleaned(digits.zfill(length), "zero-restored")


def siren(raw: str) -> Cleaned:
    """SIREN: nine digits with Luhn (V7)."""
    return _checked_number(raw, 9, 7, stdnum_siren.is_valid, "SIREN")


def siret(raw: str) -> Cleaned:
    """SIRET: fourteen digits with Luhn, La Poste's by its own rule (V8).

    Fewer than twelve digits are no SIRET that lost zeros: five zeros before any SIREN would pass.
    """
    return _checked_number(raw, 14, 12, stdnum_siret.is_valid, "SIRET")


def _code_word(raw: str) -> str | Cleaned:
    line = code_text(raw)
    return line if isinstance(line, Cleaned) else re.sub(r"[\s\u2010-\u2015-]", "", line).upper()


def rna(raw: str) -> Cleaned:
    """RNA number of an association (V9)."""
    code = raw if _RNA.fullmatch(raw) else _code_word(raw)
    if isinstance(code, Cleaned):
        return code
    if not code or not code.strip("W0"):
        return MISSING
    if _RNA.fullmatch(code):
        return Cleaned(code)
    return unclean("pas un numéro W suivi de neuf signes", "not a number made of W and nine signs")


def rnf(raw: str) -> Cleaned:
    """Number of a fund or foundation in the national register: département, form, number, key, as 075-FE-00129-09.

    As annuaire-entreprises reads it (annuaire-entreprises-search-api, app/elastic/parsers/numero_rnf).
    """
    line = code_text(raw)
    if isinstance(line, Cleaned):
        return line
    number = re.sub(r"\s*[\u2010-\u2015-]\s*", "-", line).upper()
    if not number.strip("-0"):
        return MISSING
    if _RNF.fullmatch(number):
        return Cleaned(number)
    return unclean("pas un numéro RNF comme 075-FE-00129-09", "not an RNF number as 075-FE-00129-09")


def wikidata(raw: str) -> Cleaned:
    """Item of Wikidata: Q and digits, alone or at the end of its address."""
    line = code_text(raw)
    if isinstance(line, Cleaned):
        return line
    if not line:
        return MISSING
    if match := _ITEM.fullmatch(line):
        return Cleaned(match[1].upper())
    return unclean("pas un élément de Wikidata comme Q42", "not an item of Wikidata as Q42")


def naf(raw: str) -> Cleaned:
    """Sub-class of NAF rev. 2, as 62.01Z."""
    code = _code_word(raw)
    if isinstance(code, Cleaned):
        return code
    if not code:
        return MISSING
    if match := re.fullmatch(r"(0[1-9]|[1-9][0-9])\.?([0-9]{2}[A-Z])", code):
        return Cleaned(f"{match[1]}.{match[2]}")
    if re.fullmatch(r"[1-9]\.[0-9]{2}[A-Z]", code):
        return Cleaned(f"0{code}", "zero-restored")
    if re.fullmatch(r"[0-9]{2}\.?[0-9][A-Z]", code):
        return unclean("code d'une NAF antérieure à 2008", "code of a NAF older than 2008")
    return unclean("pas une sous-classe de la NAF rév. 2, comme 62.01Z", "not a sub-class of NAF rev. 2, as 62.01Z")
