"""What groupings of communes are called: « CA du Choletais », « Agglo de Cholet », « Cholet Agglomération »."""

from __future__ import annotations

import re

from clirld.values.text import fold

_FORM = re.compile(
    r"\b(?:communautes? (?:de communes?|d agglomerations?|urbaine)|comm? (?:com|agglo|d agglo)|comcom|com de com"
    r"|c c|c a|c u|cc|ca|cu|cdc|codecom|communaute|agglomeration|agglo|(?:euro)?metropole|intercommunalite)\b"
)
_ARTICLES = re.compile(r"^(?:(?:de|du|des|d|le|la|les|l|et) )+|(?: (?:de|du|des|d|le|la|les|l))+$")
_SMALL_WORDS = re.compile(r"\b(?:de|du|des|d|le|la|les|l|et|en)\b ?")

_QUALIFIERS = re.compile(r"\beuropeenne\b")
"""« Métropole européenne de Lille » is called « Lille Métropole »."""

_INHABITANTS = re.compile(r"(?<=\w{4})(?:ais|ois|ien)$")
"""« Choletais » is the country around Cholet."""


def usual_names(name: str) -> list[str]:
    """What is compared of a name: with its legal form first, then without, "" never.

    The forms are of three kinds, so that « CC du Pays d'Exemple » is not « CA du Pays d'Exemple » where there are both.
    """
    folded = fold(re.sub(r"\(.*?\)", " ", name))
    forms = [_kind(form) for form in _FORM.findall(folded)]
    core = " ".join(
        _SMALL_WORDS.sub("", _ARTICLES.sub("", " ".join(_QUALIFIERS.sub(" ", _FORM.sub(" ", folded)).split()))).split()
    )
    if not core:
        return []
    cores = [core, stem] if (stem := _INHABITANTS.sub("", core)) != core else [core]
    return [name for one in cores for name in ([f"{forms[0]} {one}", one] if forms else [one])]


def _kind(form: str) -> str:
    if "metropole" in form or form in ("cu", "c u", "communaute urbaine"):
        return "metropole"
    return "agglomeration" if "agglo" in form or form in ("ca", "c a") else "communes"
