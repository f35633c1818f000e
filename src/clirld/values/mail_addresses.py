"""E-mail addresses in a text, also as people spell them to hide them from machines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clirld.values.characters import Span

_AT = re.compile(r"[^\w]at[^\w]|_at_|arr?ob|[\[({<]\s?(?:a|à|chez)\s?[\])}>]|\schez\s")


def may_hold(text: str) -> bool:
    """Whether a text, as it was given, has an at-sign or what stands for one; false for nearly all, and fast."""
    if "@" in text or "%40" in text or "&#" in text or "&commat" in text or "\uff20" in text or "\ufe6b" in text:
        return True
    lower = text.lower()  # to look for a word first is far faster than an expression
    return ("at" in lower or "ob" in lower or "(" in lower or "[" in lower or "chez" in lower) and (
        _AT.search(lower) is not None
    )


_TLD = (
    "fr|com|org|net|eu|info|coop|bzh|alsace|corsica|paris|pro|biz|asso|be|ch|lu|de|es|it|uk|ca|io|re|nc|pf|gp|mq|gf|yt|pm"
    "|wf|tf|me|tv|co|mc|ma|dz|tn|sn|ci|cm|example|test"
)
_LOCAL = r"(?<![\w@.+%-])(?P<local>[\w+%-](?:[\w.+%'’-]{0,62}[\w+-])?)"
_NAME = r"[^\W_](?:[\w-]{0,62}\w)?"
# « Info@Leze » and « M.A.PL@NETE » are names.
_SMALL_NAME = r"(?-i:[a-z0-9][a-z0-9-]*)"
_SPELLED_DOT = (
    r"(?:\s?[\[({<]\s?(?:\.|dot|point|pt)\s?[\])}>]\s?|\s(?:dot|point|pt)\s|[_*-](?:dot|point)[_*-]|\s\.\s?|\.\s)"
)
_DOMAIN = rf"{_NAME}(?:\.{_NAME})*"
_ENDING = rf"(?:\.[A-Za-z]{{2,24}}|{_SPELLED_DOT}(?:{_TLD}))(?![\w@])"
_BRACKETED_AT = r"(?:\s?[\[({<«\"]\s?(?:@|at|arr?obas?e?)\s?[\])}>»\"]\s?)"
_SPELLED_AT = rf"(?:{_BRACKETED_AT}|\sarr?obas?e?\s)"
_SIGNED_AT = r"\s?[_*~|/-]{1,2}\s?(?:at|arr?obas?e?)\s?[_*~|/-]{1,2}\s?"
_WEAK_AT = r"(?:\s?[\[({<]\s?(?:a|à|chez)\s?[\])}>]\s?)"
_WORD_AT = r"\s(?:at|chez|à)\s"
# Who has a domain that is not written out: an office, or a person with a full stop in the name.
_OFFICE = (
    "contact|contacts|info|infos|accueil|bonjour|hello|mairie|secretariat|secrétariat|asso|association|bureau|direction"
    "|admin|webmaster|communication|com|presse|reservation|reservations|coordination|president|presidente|mail|courriel"
)
_PROVIDER = (
    "gmail|orange|wanadoo|free|hotmail|yahoo|laposte|sfr|outlook|live|icloud|proton|protonmail|neuf|bbox|aol|msn"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_LOCAL}(?:\s{{0,2}}@\s{{0,2}}|{_SPELLED_AT}){_DOMAIN}{_ENDING}",
        rf"{_LOCAL}{_BRACKETED_AT}{_DOMAIN}(?![\w@])",
        rf"{_LOCAL}{_SIGNED_AT}{_DOMAIN}\.(?:{_TLD})(?![\w@])",
        rf"{_LOCAL}{_WEAK_AT}{_DOMAIN}{_ENDING}",
        rf"{_LOCAL}{_WORD_AT}{_NAME}(?:\s(?:dot|point)\s{_NAME}){{0,2}}\s(?:dot|point)\s(?:{_TLD})(?!\w)",
        rf"(?<![\w@.+%-])(?:{_OFFICE}){_WORD_AT}{_NAME}\.(?:{_TLD})(?!\w)",
        rf"(?<![\w@.+%-])contacts?(?:\s?@\s?|\sarr?obas?e?\s){_NAME}(?![\w@])",
        rf"(?<![\w@.+%-])(?:{_OFFICE})(?:\s?@\s?|\sarr?obas?e?\s){_SMALL_NAME}(?![\w@])",
        rf"(?<![\w@.+%-])[^\W_][\w-]*[.]\w[\w.-]*@{_SMALL_NAME}(?![\w@])",
        rf"{_LOCAL}\s?@\s?(?:{_PROVIDER})(?![\w@])",
    )
)
# An association is named « LE THE@TRE.COM ».
_IS_A_NAME = re.compile(r"th[eé]@tre", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Where e-mail addresses stand, in a text of `signs.read`; an account as `@who@site.org` is none."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not _IS_A_NAME.match(match[0]):
                yield match.span()
