"""Communes and groupings by name, from the search index of a release: those named so, else those that the words find.

A name is clear alone where no larger commune has a name that begins with it: « Aix » may be Aix-en-Provence. Five
digits are a postcode.

A grouping may also be called without its form, or with another way to write it: « Grand Guéret » and « communauté
d'agglomération du Grand Guéret » are « CA du Grand Guéret ». A number or a name behind the name of a commune says where
it is: « Millau (12) », « Millau, Aveyron ».
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clirld.reuse.facts import TERRITORY
from clirld.search.find import Hit, Narrowed, SearchTimeout, find, opened
from clirld.search.index import FILE
from clirld.search.near import near_names, near_words
from clirld.search.postcodes import communes_of
from clirld.search.words import key as folded

Names = Callable[[str], list[str]]
"""Words → the keys of the territories that they may name: one where that is clear, the nearest of several first."""

MOST = 8
"""Territories that are offered where words may name several."""
_LOOKED_AT = 50
_POSTCODE = re.compile(r"[0-9]{5}")
_INHABITANTS = "SELECT max(population) FROM thing WHERE iri IN (SELECT value FROM json_each(?))"
_LARGER = f"""
SELECT iri FROM name JOIN thing ON id = thing
WHERE words > ? AND words < ? AND NOT gone AND iri LIKE '{TERRITORY}commune-%' AND population > ?
GROUP BY iri ORDER BY max(population) DESC, iri LIMIT ?
"""  # noqa: S608
_BY_SIZE = "SELECT iri FROM thing WHERE iri IN (SELECT value FROM json_each(?)) ORDER BY population DESC, iri"
_ARTICLE = r"(?: (?:de la|de l|des|du|de|d|le|la|les))?"
_FORM = re.compile(rf"^(?:cc|ca|cu|metropole){_ARTICLE} ")
"""What the name of a grouping begins with, which people leave out: « CC du », « CA de »."""
_GROUPING = re.compile(
    rf"^(?:cc|ca|cu|epci|communaute (?:de communes?|agglomeration|urbaine)|communaute d agglomeration"
    rf"|communaute|comcom|com com|agglomeration|agglo|metropole|intercommunalite){_ARTICLE} "
)
_COMMUNE = re.compile(rf"^(?:commune|ville|mairie|village){_ARTICLE} ")
_DEPARTEMENT = re.compile(r"^(.*[^\W\d].*?)[\s,(]+(\d{2}|2[AB]|97\d)\s*\)?$", re.IGNORECASE)


def names_of(release: Path) -> Names:
    """The names of a release; none where its index is not there or damaged: a code still leads to its territory."""

    def keys(words: str) -> list[str]:
        postcode = _POSTCODE.fullmatch(words.strip())
        if not (postcode or any(sign.isalpha() for sign in words)) or not (release / FILE).is_file():
            return []
        try:
            index = _Index(release / FILE)
            return index.by_size(communes_of(release, postcode[0])) if postcode else index.named(words)
        except (sqlite3.DatabaseError, SearchTimeout):
            return []

    return keys


@dataclass(frozen=True, slots=True)
class _Index:
    """The index of a release, asked for territories of some kinds."""

    file: Path

    def named(self, words: str) -> list[str]:
        """The keys of the territories that words may name."""
        place = _DEPARTEMENT.match(words.strip())
        if place and (found := self.named(place[1])):
            here = [key for key in found if key.startswith(f"commune-{place[2].upper()}")]
            return here or found
        ways = self._ways(folded(words))
        return next((found[:MOST] for found in ways if found), [])

    def by_size(self, keys: list[str]) -> list[str]:
        """Territories, those with most inhabitants first."""
        with opened(self.file) as database:
            rows = database.execute(_BY_SIZE, [json.dumps([TERRITORY + key for key in keys])]).fetchall()
        return [iri.removeprefix(TERRITORY) for (iri,) in rows]

    def _with_larger(self, name: str, keys: list[str]) -> list[str]:
        """Communes of a name, and those that may be meant, too: their names begin so, and more people live there."""
        if not keys or not all(key.startswith("commune-") for key in keys):
            return keys
        with opened(self.file) as database:
            most = database.execute(_INHABITANTS, [json.dumps([TERRITORY + key for key in keys])]).fetchone()[0] or 0
            rows = database.execute(_LARGER, [f"{name} ", f"{name}!", most, MOST]).fetchall()
        return [*keys, *(iri.removeprefix(TERRITORY) for (iri,) in rows)]

    def _ways(self, asked: str) -> Iterator[list[str]]:
        """What is found, in one way after another: the surest first."""
        yield self._with_larger(asked, self._same(asked))
        yield self._same(asked, ("departement", "region"))
        bare, kinds = _bare(asked)
        if bare != asked and kinds[0] == "epci":
            yield self._same(bare, ("epci",))
            yield _keys(self._find(asked, "epci"))
            yield _keys(self._find(bare, "epci"))
        if bare != asked:
            yield self._with_larger(bare, self._same(bare, ("commune",)))
        for one in kinds:
            yield _keys(self._find(bare, one))
        for one in kinds:
            yield _keys(self._near(bare, one))
        yield self._placed(asked)

    def _same(self, name: str, kinds: tuple[str, ...] = ("epci", "commune")) -> list[str]:
        """Those of this name; else the groupings that have it without their form."""
        found = [hit for kind in kinds for hit in self._find(name, kind)]
        labels = [(key, folded(hit.label.text)) for hit in found if hit.label for key in _keys([hit])]
        same = [key for key, label in labels if label == name]
        return list(dict.fromkeys(same or [key for key, label in labels if _FORM.sub("", label) == name]))

    def _placed(self, asked: str) -> list[str]:
        """The communes that some of the words name, where the others say in which territory they are."""
        hits = find(self.file, asked, Narrowed("commune"), around=True, limit=_LOOKED_AT).hits
        first = [hit for hit in hits if hit.label and asked.startswith(f"{folded(hit.label.text)} ")]
        return _keys(first or hits)

    def _find(self, words: str, kind: str) -> list[Hit]:
        return find(self.file, words, Narrowed(kind), limit=_LOOKED_AT).hits

    def _near(self, words: str, kind: str) -> list[Hit]:
        """Those whose name or words are mistyped by a letter or two."""
        near = near_words(self.file, words)
        narrowed = Narrowed(kind)
        named = near_names(self.file, words, near, narrowed)
        return named or (find(self.file, words, narrowed, near=near, limit=_LOOKED_AT).hits if near else [])


def _bare(asked: str) -> tuple[str, tuple[str, ...]]:
    """Folded words without the form of a territory, and the kinds that are looked for: the likelier first."""
    if grouping := _GROUPING.match(asked):
        return asked[grouping.end() :], ("epci", "commune")
    if commune := _COMMUNE.match(asked):
        return asked[commune.end() :], ("commune", "epci")
    return asked, ("commune", "epci")


def _keys(hits: list[Hit]) -> list[str]:
    return list(dict.fromkeys(hit.iri.removeprefix(TERRITORY) for hit in hits if not hit.is_gone))
