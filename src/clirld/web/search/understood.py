"""How a question was understood: a number and of what, a place in it, a word that is mistyped; and what else to ask.

A reader is told each of these, and given the address of what was meant otherwise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Store

from clirld.search.find import Hit, Narrowed, find
from clirld.search.initials import spelled_out
from clirld.search.near import meant, near_names, near_words
from clirld.search.overview import Overview, count, overview
from clirld.search.things import CONCEPT
from clirld.search.words import is_link, key, without_last_links
from clirld.settings import BASE
from clirld.values import identifiers
from clirld.web.search.asked import TERRITORY, Asked

_BETWEEN = re.compile(r"[\s.\-\u00a0\u202f]")
_POSTCODE = re.compile(r"\d{5}")
_RNA = re.compile(r"[Ww]\d{9}")
_POST_CODE, _ADDRESS, _SEATED = (
    NamedNode(iri)
    for iri in ("http://www.w3.org/ns/locn#postCode", "http://www.w3.org/ns/locn#address", f"{BASE}ontology#seatedIn")
)
_IS_ASKED = re.compile(re.escape(TERRITORY) + "(?:commune|epci|departement|region)-[0-9]").match
"""Places where people look: an arrondissement is called as its town."""
_KINDS = f"{CONCEPT}initiative-kind/"
_NEEDS = f"{CONCEPT}need/"
_ADDRESSES = 200
"""Addresses of a postcode that are looked at."""
_COMMUNES = 30
"""Communes of a postcode that are named."""
_WORDS = 6
"""Words of a question that are left out in turn where nothing is found."""
_NAMED_SO, _BEGINS_SO = 3.0, 2.0
_OTHERS = 3


@dataclass(slots=True)
class Understood:
    """A question, and what was made of it."""

    asked: Asked
    seen: Overview
    words: str
    """What was looked for: the question, or what was meant by it."""
    number: str = ""
    """What the question is as a number: `siren`, `siret`, `rna`, `postcode`, or one of these with `-wrong`."""
    digits: str = ""
    initials: list[str] = field(default_factory=list)
    """Names of concepts whose initials the question is; the first was looked for."""
    near: list[Hit] = field(default_factory=list)
    """Things whose name is nearly the question."""
    places: list[tuple[str, str, int]] = field(default_factory=list)
    """Where the rest of a question may be looked for: the rest, the key of the place, how many."""
    postcode: list[tuple[str, int]] = field(default_factory=list)
    """IRIs of the communes that have the postcode, with how many addresses that have it, too."""
    departement: str = ""
    """The key of the département of a postcode that no commune and no address has."""
    kind: tuple[str, int] = "", 0
    """The kind of initiatives that the question is the name of, as the index has it, and how many are of it."""
    needs: list[str] = field(default_factory=list)
    """Needs that the question is a name of, by the end of their IRI: of those it may be asked what was tried."""
    fewer: list[tuple[str, int]] = field(default_factory=list)
    """The question with a word less, and what that finds."""
    without_filters: int = 0
    """What is found where nothing narrows the search."""

    @property
    def is_corrected(self) -> bool:
        """Whether something else was looked for than was written."""
        return self.words != self.asked.words


def understand(index: Path, store: Store, asked: Asked, postcodes: Callable[[str], list[str]]) -> Understood:
    """What a question finds, and how it was understood; `postcodes` gives the keys of the communes that have one.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where it takes too long.
    """
    seen = overview(index, asked.words, asked.narrowed, language=asked.language)
    told = Understood(asked, seen, asked.words)
    _read_number(told, store, postcodes)
    if not told.number and asked.words.strip():
        if asked.is_exact:
            pass
        elif not seen.count:
            _spell_out(told, index)
            if not told.initials:
                _correct(told, index)
        elif not seen.is_named and len(asked.words.split()) <= _OTHERS:
            near = near_words(index, asked.words)
            names = near_names(index, asked.words, near, asked.narrowed, language=asked.language)
            shown = {hit.iri for group in seen.groups for hit in group.hits}
            told.near = [hit for hit in names if hit.iri not in shown][:_OTHERS]
    if told.number == "siret" and not seen.count:
        found = overview(index, told.digits[:9], asked.narrowed, language=asked.language)
        if found.count:
            told.seen, told.words = found, told.digits[:9]
    if told.seen.count:
        told.places = _places(index, told.words, asked, told.seen.count)
        told.kind = _kind(index, told.words, asked)
        told.needs = _needs(index, told.words)
    else:
        _try_otherwise(told, index)
    return told


def _spell_out(told: Understood, index: Path) -> None:
    asked = told.asked
    names = spelled_out(index, asked.words)
    found = overview(index, names[0], asked.narrowed, language=asked.language) if names else None
    if found and found.count:
        told.initials, told.words, told.seen = names, names[0], found


def _correct(told: Understood, index: Path) -> None:
    asked = told.asked
    near = near_words(index, asked.words)
    other = meant(index, asked.words, near, asked.narrowed, around=True, language=asked.language)
    if other:
        told.seen = overview(index, other, asked.narrowed, language=asked.language)
        told.words = other
        names = near_names(index, asked.words, near, asked.narrowed, language=asked.language)
        told.near = [hit for hit in names if hit.label and key(hit.label.text) != key(other)][: 2 * _OTHERS]


def _try_otherwise(told: Understood, index: Path) -> None:
    """What finds something where the question finds nothing."""
    asked = told.asked
    words = asked.words.split()
    if asked.narrowed.facets or asked.kind:
        told.without_filters = overview(index, asked.words, each=0, language=asked.language).count
    if 1 < len(words) <= _WORDS:
        fewer = [" ".join(words[:n] + words[n + 1 :]) for n, left in enumerate(words) if not is_link(left)]
        for tried in (fewer, [one for one in words if not is_link(one)]):  # a word less, else each alone
            counted = [
                (one, overview(index, one, asked.narrowed, each=0, language=asked.language).count) for one in tried
            ]
            if found := [one for one in counted if one[1]]:
                told.fewer = found
                break


def _kind(index: Path, words: str, asked: Asked) -> tuple[str, int]:
    """The kind of initiatives that some words are the name of: of others the words are only in what is said of them."""
    if not words.strip() or "kind" in asked.others:
        return "", 0
    for hit in find(index, words, Narrowed("vocabulary"), limit=2 * _OTHERS).hits:
        if hit.iri.startswith(_KINDS) and float(hit.score) >= _NAMED_SO:
            name = hit.iri.removeprefix(_KINDS)
            return name, count(index, "type/initiative", f"kind/{name}", *asked.narrowed.facets)
    return "", 0


def _needs(index: Path, words: str) -> list[str]:
    """The needs that words are a name of, or the beginning of one."""
    hits = find(index, words, Narrowed("need-kind"), limit=_OTHERS).hits if words.strip() else []
    named = [hit for hit in hits if hit.iri.startswith(_NEEDS) and float(hit.score) >= _BEGINS_SO]
    return [hit.iri.removeprefix(_NEEDS) for hit in named]


def _places(index: Path, words: str, asked: Asked, whole: int) -> list[tuple[str, str, int]]:
    """Places that the last words of a question name, where the first ones find some, but not all of the `whole`."""
    parts = words.split()
    if asked.territory or not 1 < len(parts) <= _WORDS:
        return []
    for at in range(1, len(parts)):
        rest, named = " ".join(without_last_links(parts[:at])), " ".join(parts[at:])
        if len(named) < 3 or not rest:
            continue
        hits = [hit for hit in find(index, named, Narrowed("territory"), limit=2 * _OTHERS).hits if _IS_ASKED(hit.iri)]
        so_called = [hit for hit in hits if float(hit.score) >= _NAMED_SO] or [
            hit for hit in hits if float(hit.score) >= _BEGINS_SO
        ]
        found = []
        for hit in so_called:
            place = hit.iri.removeprefix(TERRITORY)
            within = Narrowed(None, place, asked.narrowed.others)
            there = overview(index, rest, within, each=0, language=asked.language).count
            if 0 < there < whole:
                found.append((rest, place, there))
        if found:
            return found[:_OTHERS]
    return []


def _read_number(told: Understood, store: Store, postcodes: Callable[[str], list[str]]) -> None:
    digits = _BETWEEN.sub("", told.asked.words)
    if not digits.isascii():
        return
    told.digits = digits
    if digits.isdigit() and len(digits) in (9, 14):
        name = "siren" if len(digits) == 9 else "siret"
        is_right = (identifiers.siren if name == "siren" else identifiers.siret)(digits).value is not None
        told.number = name if is_right else f"{name}-wrong"
    elif _RNA.fullmatch(digits):
        told.number = "rna"
    elif _POSTCODE.fullmatch(digits):
        told.number = "postcode"
        told.postcode = _communes_of(store, digits, postcodes(digits))
        if not told.postcode:
            told.departement = _departement(store, digits)


def _communes_of(store: Store, postcode: str, known: Iterable[str]) -> list[tuple[str, int]]:
    """The communes that have a postcode, and those of what has an address with it, those with most addresses first."""
    counted: Counter[str] = Counter({TERRITORY + key: 0 for key in known})
    for address in islice(store.quads_for_pattern(None, _POST_CODE, Literal(postcode), None), _ADDRESSES):
        for thing in islice(store.quads_for_pattern(None, _ADDRESS, address.subject, None), _ADDRESSES):
            seats = (quad.object for quad in store.quads_for_pattern(thing.subject, _SEATED, None, None))
            counted.update({seat.value for seat in seats if isinstance(seat, NamedNode)})
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:_COMMUNES]


def _departement(store: Store, postcode: str) -> str:
    """The département that a postcode begins with, where the release has it: that of the post, mostly."""
    start = postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]
    start = {"20": "2A" if postcode < "20200" else "2B"}.get(start, start)
    key = f"departement-{start}"
    known = next(store.quads_for_pattern(NamedNode(TERRITORY + key), None, None, None), None)
    return key if known else ""
