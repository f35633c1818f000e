"""A query of the Reconciliation API → candidates: looked up by their words and numbers, scored by what else is known.

Scores go from 0 to 100 and say how much is alike, not how probable it is. `match` is said of one candidate at most, and
only with two kinds of evidence (docs/linking.md): a number; or a name and a place, or a website; with a département
the name has to be the same, and no other of it there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyoxigraph import Store
from rapidfuzz import fuzz

from clirld.link import evidence, records
from clirld.link.reconciliation.facts import Facts, facts
from clirld.link.reconciliation.looked_up import (
    NUMBERS,
    Query,
    by_number,
    by_words,
    compact,
    mistyped,
    ordered,
)
from clirld.search.words import words
from clirld.settings import BASE

MAX_LIMIT = 25
"""Candidates of a query."""
FLOOR = 85.0
"""A match has at least this score, and is better than the next by `clirld.link.evidence.MARGIN`."""

_EXACT = 100.0
"""How alike names are that have the same words that tell something."""
_OTHERS = 0.9
"""What a name is worth where nothing else is known that could speak for it."""
_FIVE_DIGITS = ("insee", "postcode")
_LOST_ZERO_OF_TWO = re.compile("[1-9]")
_LOST_ZERO = re.compile("[1-9][0-9]{3}")
_SIRET = re.compile("[0-9]{14}")
_ARRONDISSEMENT = "territory/arrondissement-"
_COMMUNE = re.compile(r"territory/commune-\w+")


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
    best = _ranked(query, [*by_number(query, store), *by_words(query, store, index)], store)
    if not any(_by_register(one) or float(one.features["name"]) >= evidence.ALIKE for one in best):
        best = _ranked(query, [*(one.id for one in best), *mistyped(query, store, index)], store)
    if best and is_match(query, best):
        best[0] = replace(best[0], match=True)
    return best[: query.limit]


def _ranked(query: Query, ids: Sequence[str], store: Store) -> list[Candidate]:
    """Things as candidates, the most alike first; of two that are one thing (owl:sameAs), the one that stands for both.

    Of territories as alike, communes of today come first, those with more inhabitants before the others.
    """
    found = [facts(store, id_) for id_ in dict.fromkeys(ids)]
    scored = [_scored(query, one) for one in found if not any(same in ids for same in one.same)]
    return sorted((one for one in scored if one.score > 0), key=_order)


def _order(candidate: Candidate) -> tuple[bool, float, bool, int, str]:
    thing = candidate.facts
    is_commune = bool(_COMMUNE.fullmatch(thing.id)) and not thing.successors
    inhabitants = max((int(one) for one in thing.value("population") if one.isdecimal()), default=0)
    is_other = thing.type == "territory" and not is_commune
    return not _by_register(candidate), -candidate.score, is_other, -inhabitants if is_commune else 0, thing.id


def _scored(query: Query, thing: Facts) -> Candidate:
    """A thing, with how much of it is as the query says."""
    features: dict[str, float | bool] = {}
    asked = [query.words, *query.given.get("name", ())]
    features["name"] = max((_likeness(one, name) for one in asked if one.strip() for name in thing.names), default=0.0)
    for register in NUMBERS:
        if query.given.get(register) and (known := thing.numbers(register)):
            features[register] = bool(_clean(query.given[register]) & _clean(known))
    for name in ("commune", "insee", "departement", "postcode"):
        if query.given.get(name) and (known := _places(thing, name)):
            features[name] = bool(_folded(query.given[name]) & _folded(known))
    if query.given.get("website") and thing.websites:
        sites = {records.site(one) for one in thing.websites} - {None}
        features["website"] = bool({records.site(one) for one in query.given["website"]} & sites)
    points = score(features)
    label = thing.names[0] if thing.names else thing.id.rpartition("/")[2]
    return Candidate(thing.id, label, points, False, features, thing)


def _places(thing: Facts, name: str) -> list[str]:
    """What a place may be given by: a code, a name, the end of its IRI."""
    if name == "postcode":
        return thing.postcodes
    start = f"{BASE}id/territory/{'departement' if name == 'departement' else 'commune'}-"
    found = []
    places = thing.departements if name == "departement" else thing.places
    for place in (one for one in places if one.startswith(start)):  # sources may place it in several
        key = place.rpartition("/")[2]
        called = facts(thing.store, place.removeprefix(f"{BASE}id/")).names
        found += [place, f"territory/{key}", key, key.rpartition("-")[2], *called]
    return found


def score(features: Mapping[str, float | bool]) -> float:
    """0 to 100: how much is as the query says; what agrees never takes from it, what is not known neither."""
    if any(features.get(register) is True for register in NUMBERS):
        return 100.0
    place = [features[name] for name in ("insee", "commune", "postcode") if name in features]
    near = place or [features[name] for name in ("departement",) if name in features]
    name = float(features["name"])
    points = name * _OTHERS
    if any(near):
        # What agrees says more than what is not known; the département alone says less than the commune.
        points = name * 0.7 + (30.0 if any(place) else 24.0) if name >= evidence.LEAST else points
    elif near:  # a name is worth less elsewhere
        points = name * 0.7
    if features.get("website") is True and name >= evidence.LEAST:
        points = max(points, 70.0 + 0.3 * name)
    if any(features.get(register) is False for register in NUMBERS):
        points = min(points, 50.0)
    return round(points, 1)


def is_match(query: Query, best: Sequence[Candidate]) -> bool:
    """Whether the first candidate is surely it: a number, or a name and something that does not follow from it."""
    first, others = best[0], best[1:]
    if _by_register(first):
        # One number of a register that differs says that it is another, or that a number is wrong.
        contradicts = any(first.features.get(register) is False for register in ("siren", "rna"))
        return not contradicts and not any(map(_by_register, others))
    rivals = [one.score for one in others if not _is_within(one, first)]
    if first.score < FLOOR or first.score - max(rivals, default=0.0) < evidence.MARGIN:
        return False
    named = float(first.features["name"])
    placed = any(first.features.get(name) is True for name in ("commune", "insee", "postcode", "website"))
    # A part of a commune is in it, and has another code: there its name has to say that it is meant.
    by_code = bool(_codes(first) & _folded(query.given.get("insee", ())))
    # Of organizations too few have a place in what was measured (docs/link-your-table.md). An arrondissement is called
    # as its chief town, which is meant by a name that says no more.
    is_told = first.facts.type != "organization" and not first.id.startswith(_ARRONDISSEMENT)
    there = is_told and named == _EXACT and first.features.get("departement") is True
    return by_code or (named >= evidence.ALIKE and placed) or there


def _is_within(other: Candidate, first: Candidate) -> bool:
    """Whether a territory became the first, or has its code and is a part of it: a commune that gave it its name."""
    iri = f"{BASE}id/{first.id}"
    return iri in other.facts.successors or (first.features.get("insee") is True and iri in other.facts.wholes)


def _codes(candidate: Candidate) -> set[str]:
    """How the code of a commune, or of a part of one, may be given: the one that it has itself, now or in the past."""
    start, _, key = candidate.id.partition("/")
    is_commune = start == "territory" and key.startswith("commune-")
    return _folded([f"{BASE}id/{candidate.id}", candidate.id, key, key.rpartition("-")[2]]) if is_commune else set()


def _by_register(candidate: Candidate) -> bool:
    return any(candidate.features.get(register) is True for register in NUMBERS)


def _likeness(one: str, other: str) -> float:
    """0 to 100: how alike the sorted words of two names are; 80 where one has all the words of the other."""
    left, right = (" ".join(sorted(ordered(text))) for text in (one, other))
    within = 80.0 if fuzz.token_set_ratio(left, right) == 100 else 0.0
    return max(round(fuzz.ratio(left, right), 1), within)


def _clean(numbers: Collection[str]) -> set[str]:
    return set(map(compact, numbers))


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
        given["siren"] = [number[:9] for number in map(compact, given["siret"]) if _SIRET.fullmatch(number)]
    return given


def _as_written(pid: str, value: str | float) -> str:
    """A value of a property as text; a code that a spreadsheet took for a number as it was."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)[:500]
    if pid == "departement" and _LOST_ZERO_OF_TWO.fullmatch(text.strip()):
        return text.strip().zfill(2)
    return text.strip().zfill(5) if pid in _FIVE_DIGITS and _LOST_ZERO.fullmatch(text.strip()) else text
