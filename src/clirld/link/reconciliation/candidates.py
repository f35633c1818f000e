"""A query of the Reconciliation API → candidates: looked up by their words and numbers, scored by what else is known.

Scores go from 0 to 100 and say how much is alike, not how probable it is. `match` is said of one candidate at most, and
only with two kinds of evidence (docs/linking.md): a number; or a name and a place, or a website.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Store
from rapidfuzz import fuzz

from clirld.link import evidence, names, records
from clirld.link.reconciliation.facts import Facts, facts
from clirld.link.reconciliation.properties import TYPES
from clirld.search.find import opened
from clirld.search.words import facet, key, words
from clirld.settings import BASE

DEFAULT_LIMIT, MAX_LIMIT = 5, 25
"""Candidates of a query."""
LOOKED_AT = 40
"""Things with words of the query that are scored."""
FLOOR, MARGIN = 85.0, 8.0
"""A match has at least this score, and is better than the next by so much."""

_OTHERS = 0.9
"""What a name is worth where nothing else is known that could speak for it."""
_NUMBERS = ("siren", "siret", "rna")
_FIVE_DIGITS = ("insee", "postcode")
_LOST_ZERO = re.compile("[1-9][0-9]{3}")
_SIRET = re.compile("[0-9]{14}")
_FIND = """
SELECT thing.iri FROM text JOIN thing ON thing.id = text.rowid
WHERE text MATCH ? AND NOT thing.gone {narrowed} ORDER BY bm25(text, 10.0, 6.0, 10.0, 0.0) LIMIT ?
"""
_NARROWED = "AND +text.rowid IN (SELECT rowid FROM facet WHERE facet MATCH ?)"
_COMMUNES = "SELECT thing.iri FROM name JOIN thing ON thing.id = name.thing WHERE words = ? AND NOT gone LIMIT 50"
_COMMUNE = f"{BASE}id/territory/commune-"


@dataclass(frozen=True, slots=True)
class Query:
    """A query: words, the type of what is looked for (of TYPES; empty: any), and what is known of it, by property."""

    words: str = ""
    type: str = ""
    limit: int = DEFAULT_LIMIT
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that it may be. `features`: what was compared, each with how alike it is (0–100), or whether."""

    id: str
    name: str
    score: float
    match: bool
    features: dict[str, float | bool]
    facts: Facts


def candidates(query: Query, store: Store, index: Path) -> list[Candidate]:
    """The things that a query may mean, the most alike first.

    Raises sqlite3.DatabaseError where the index is not one, SearchTimeout where a look-up takes too long.
    """
    ids = dict.fromkeys([*_by_number(query, store), *_by_words(query, index)])
    found = [facts(store, id_) for id_ in ids]
    # Of two that are one thing (owl:sameAs), the one that stands for both.
    scored = [_scored(query, one) for one in found if not any(same in ids for same in one.same)]
    best = sorted((one for one in scored if one.score > 0), key=lambda one: (not _by_register(one), -one.score, one.id))
    if best and _is_match(best):
        first = best[0]
        best[0] = Candidate(first.id, first.name, first.score, True, first.features, first.facts)
    return best[: query.limit]


def _by_number(query: Query, store: Store) -> list[str]:
    """Things that have an official number of the query, or the code of a territory."""
    found = []
    for register in _NUMBERS:
        for number in query.given.get(register, ()):
            literal = Literal(_compact(number))
            for quad in store.quads_for_pattern(None, NamedNode(f"{BASE}ontology#{register}"), literal, None):
                found.append(str(getattr(quad.subject, "value", "")).removeprefix(f"{BASE}id/"))
                if len(found) >= LOOKED_AT:
                    return found
    if query.type == "territory":
        found += [f"territory/commune-{code}" for code in query.given.get("insee", ())]
        found = [one for one in found if facts(store, one).said]
    return [one for one in found if _is_of(one, query.type)]


def _is_of(id_: str, type_: str) -> bool:
    kind = id_.partition("/")[0]
    return kind == type_ if type_ else kind in TYPES


def _by_words(query: Query, index: Path) -> list[str]:
    """Things that have a word of the name, those with the rarest first; all words that tell something are asked for."""
    told = _ordered(query.words)
    if not told:
        return []
    # Quoted, and so no operator; the last letters of a longer word may be mistyped or of another number.
    asked = " OR ".join(f'"{word}"' + ("*" if len(word) > 3 else "") for word in told[:16])
    types = " OR ".join(f'"{facet(f"type/{one}")}"' for one in ([query.type] if query.type else TYPES))
    with opened(index) as database:
        communes = _communes(database, query)
        here = " OR ".join(f'"{facet(f"territory/commune-{code}")}"' for code in communes)
        found = []
        # Those that are there first: a common word has too many things elsewhere.
        for narrowed in (f"({types}) AND ({here})", types) if here else (types,):
            question = [f"{{label name}} : ({asked})", narrowed, LOOKED_AT]
            found += database.execute(_FIND.format(narrowed=_NARROWED), question).fetchall()
    return [row[0].removeprefix(f"{BASE}id/") for row in found if row[0].startswith(f"{BASE}id/")]


def _communes(database: sqlite3.Connection, query: Query) -> list[str]:
    """The codes of the communes that a query names, by a code or a name."""
    codes = [code for code in query.given.get("insee", ()) if code.isalnum()]
    for text in query.given.get("commune", ()):
        rows = database.execute(_COMMUNES, [key(text.rpartition("/")[2].removeprefix("commune-"))]).fetchall()
        codes += [row[0].removeprefix(_COMMUNE) for row in rows if row[0].startswith(_COMMUNE)]
    return codes[:20]


def _ordered(text: str) -> list[str]:
    """The words that tell something of a name, as the index has them."""
    if not text.strip():
        return []
    return list(dict.fromkeys(word for one in names.telling(text[:500]) for word in words(one)))


def _scored(query: Query, thing: Facts) -> Candidate:
    """A thing, with how much of it is as the query says."""
    features: dict[str, float | bool] = {}
    asked = [query.words, *query.given.get("name", ())]
    features["name"] = max((_likeness(one, name) for one in asked if one.strip() for name in thing.names), default=0.0)
    for register in _NUMBERS:
        if query.given.get(register) and (known := thing.numbers(register)):
            features[register] = bool(_clean(query.given[register]) & _clean(known))
    for name in ("commune", "insee", "departement", "postcode"):
        if query.given.get(name) and (known := _places(thing, name)):
            features[name] = bool(_folded(query.given[name]) & _folded(known))
    if query.given.get("website") and thing.websites:
        sites = {records.site(one) for one in thing.websites} - {None}
        features["website"] = bool({records.site(one) for one in query.given["website"]} & sites)
    score = _score(features)
    label = thing.names[0] if thing.names else thing.id.rpartition("/")[2]
    return Candidate(thing.id, label, score, False, features, thing)


def _places(thing: Facts, name: str) -> list[str]:
    """What a place may be given by: a code, a name, the end of its IRI."""
    if name == "postcode":
        return thing.postcodes
    start = f"{BASE}id/territory/{'departement' if name == 'departement' else 'commune'}-"
    found = []
    for place in (one for one in thing.places if one.startswith(start)):  # sources may place it in several
        key = place.rpartition("/")[2]
        called = facts(thing.store, place.removeprefix(f"{BASE}id/")).names
        found += [place, f"territory/{key}", key, key.rpartition("-")[2], *called]
    return found


def _score(features: Mapping[str, float | bool]) -> float:
    if any(features.get(register) is True for register in _NUMBERS):
        return 100.0
    place = [features[name] for name in ("insee", "commune", "postcode") if name in features]
    near = place or [features[name] for name in ("departement",) if name in features]
    name = float(features["name"])
    score = name * _OTHERS
    if near:
        # A name is worth less elsewhere; the département alone says less than the commune.
        score = name * 0.7 + (30.0 if place and any(place) else 18.0 if any(near) else 0.0) * (name >= evidence.LEAST)
    if features.get("website") is True and name >= evidence.LEAST:
        score = max(score, 70.0 + 0.3 * name)
    if any(features.get(register) is False for register in _NUMBERS):
        score = min(score, 50.0)
    return round(score, 1)


def _is_match(best: Sequence[Candidate]) -> bool:
    """Whether the first candidate is surely it: a number, or a name and something that does not follow from it."""
    first, others = best[0], best[1:]
    if _by_register(first):
        # One number of a register that differs says that it is another, or that a number is wrong.
        contradicts = any(first.features.get(register) is False for register in ("siren", "rna"))
        return not contradicts and not any(map(_by_register, others))
    if first.score < FLOOR or (others and first.score - max(one.score for one in others) < MARGIN):
        return False
    named = float(first.features["name"]) >= evidence.ALIKE
    placed = any(first.features.get(name) is True for name in ("commune", "insee", "postcode", "website"))
    return (first.facts.type == "territory" and first.features.get("insee") is True) or (named and placed)


def _by_register(candidate: Candidate) -> bool:
    return any(candidate.features.get(register) is True for register in _NUMBERS)


def _likeness(one: str, other: str) -> float:
    """0 to 100: how alike the sorted words of two names are; 80 where one has all the words of the other."""
    left, right = (" ".join(sorted(_ordered(text))) for text in (one, other))
    within = 80.0 if fuzz.token_set_ratio(left, right) == 100 else 0.0
    return max(round(fuzz.ratio(left, right), 1), within)


def _clean(numbers: Collection[str]) -> set[str]:
    return set(map(_compact, numbers))


def _compact(number: str) -> str:
    return "".join(number.split()).upper()


def _folded(texts: Collection[str]) -> set[str]:
    return {" ".join(words(one)) for one in texts}


def given_of(properties: Any) -> dict[str, list[str]]:
    """What a query knows, by property: texts of its `properties` (pid, v), whatever form their values have."""
    given: dict[str, list[str]] = {}
    for one in properties if isinstance(properties, list) else ():
        if not isinstance(one, dict):
            continue
        values = one.get("v")
        for value in values if isinstance(values, list) else [values]:
            text = value.get("id") or value.get("name") if isinstance(value, dict) else value
            if isinstance(text, str | int | float) and not isinstance(text, bool) and str(text).strip():
                pid = str(one.get("pid"))
                given.setdefault(pid, []).append(_as_written(pid, text))
    if "siret" in given and "siren" not in given:  # any establishment tells the organization, not only the seat
        given["siren"] = [number[:9] for number in map(_compact, given["siret"]) if _SIRET.fullmatch(number)]
    return given


def _as_written(pid: str, value: str | float) -> str:
    """A value of a property as text; a code that a spreadsheet took for a number as it was."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)[:500]
    return text.strip().zfill(5) if pid in _FIVE_DIGITS and _LOST_ZERO.fullmatch(text.strip()) else text
