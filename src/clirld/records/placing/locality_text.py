"""What a cell that should name a commune says: « Puilboreau, La Rochelle », « Paris XIe », « Limoges (87) ».

Nothing is looked up here: `commune_of_row.py` asks the territories which of the names are communes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from clirld.values.text import fold, tidy

_UNDER = re.compile(r"(?<![^\W_])s/s[ .]", re.IGNORECASE)
_ON = re.compile(r"(?<![^\W_])s/[ .]?|(?<=[^\W\d_]) /(?=[^\W\d_])|(?<=\w)[ -]s[ -](?=[^\W\d_]{2})", re.IGNORECASE)
"""« Chalon s/ Saône », « Chalon /Saône », « Chalon-s-Saône »."""
_WORDS = {"lez": "les", "mt": "mont", "gd": "grand", "gde": "grande"}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii",
          "xviii", "xix", "xx")  # fmt: skip
_NUMBER = r"(?P<number>[0-9]{1,2}|[ivx]{1,5}?) ?(?:ers?|re|e|eme|ieme|d|de|nd|nde)?"
_ARR = r"(?: arr(?:dt?|ondt?|ondissement)?)?"
_ARRONDISSEMENT = re.compile(
    rf"(?P<town>paris|lyon|marseille) {_NUMBER}{_ARR}"
    rf"|{_NUMBER.replace('number', 'before')}{_ARR}(?: de)? (?P<after>paris|lyon|marseille)"
)
_ANY_NAME = frozenset(["le bourg", "bourg", "le village", "village", "centre", "centre ville", "centre bourg"])
"""Hamlets everywhere have these names; the one or two communes that have them too are hardly ever meant."""

_OFFICE = re.compile(
    r"(?:ville|commune|mairie|centre[ -]ville) (?P<article>de la |de l['’]|de |d['’]|du |des )", re.IGNORECASE
)
_ARTICLES = {"du ": "Le ", "des ": "Les ", "de la ": "La ", "de l'": "L'", "de l’": "L'"}
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_ARTICLE = re.compile(r"(?:l['’]|l[ea]s?)", re.IGNORECASE)
_POSTCODE = re.compile(r"(?:(?<!\w)FR?\s?[–-]?\s?)?(?<!\d)((?:0[1-9]|[1-8]\d|9[0-8]) ?\d{3})(?!\d)", re.IGNORECASE)
_APART = re.compile(r"\s*[,;|\n]\s*|\s*/\s+|\s+/\s*|(?<=[^\W\d_]{3})/(?=[^\W\d_]{2})|\s+[-–—&+]\s+|\s+et\s+")


class Locality(NamedTuple):
    """The names in a cell, in their order, what stands in brackets among them, and the different postcodes."""

    names: tuple[str, ...]
    bracketed: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()


# A register names the same communes again and again: there are 40,000 names, with those of former ones.
@lru_cache(maxsize=50_000)
def fold_place(raw: str) -> str:
    """The form in which names of places are compared: as `fold`, and with what they are abbreviated by.

    An arrondissement of Paris, Lyon or Marseille is the town.
    """
    line = _ON.sub(" sur ", _UNDER.sub(" sous ", tidy(raw)))
    folded = " ".join(_WORDS.get(word, word) for word in fold(line).split())
    match = _ARRONDISSEMENT.fullmatch(folded)
    if match is None:
        return folded
    town, number = match["town"] or match["after"], match["number"] or match["before"]
    return town if number in _ROMAN or (number.isdecimal() and 1 <= int(number) <= len(_ROMAN)) else folded


def is_any_name(name: str) -> bool:
    """Whether a name says nothing of where a place is: « Le Bourg »."""
    return fold_place(name) in _ANY_NAME


def read_locality(cell: str) -> Locality:
    """Take a cell apart. The whole cell is not among the names: it is looked up first, and may be the name of one."""
    text = tidy(cell)
    postcodes = [one.replace(" ", "") for one in _POSTCODE.findall(text)]
    if postcodes:
        text = " ".join(_POSTCODE.sub("", text).replace("()", " ").split()).strip(" ,-–/|&+")
    bracketed = []
    for inside in _IN_BRACKETS.findall(text):
        if _ARTICLE.fullmatch(inside.strip()):
            text = f"{inside.strip()} {_IN_BRACKETS.sub('', text, count=1)}"
        else:
            bracketed.append(inside.strip())
    names = [_without_office(part) for part in _APART.split(_IN_BRACKETS.sub("", text)) if part]
    return Locality(tuple(names), tuple(filter(None, bracketed)), tuple(dict.fromkeys(postcodes)))


def _without_office(name: str) -> str:
    """« Ville du Havre » → « Le Havre »."""
    match = _OFFICE.match(name)
    return _ARTICLES.get(match["article"].lower(), "") + name[match.end() :] if match else name
