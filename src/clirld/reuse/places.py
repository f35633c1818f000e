"""The grouping of communes (EPCI) that a code leads to: of today, through mergers and from commune to grouping."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clirld.query.failure import Failure
from clirld.reuse.facts import TERRITORY, Facts, Named
from clirld.reuse.names import Names
from clirld.territory.codes import padded, read_code

_SIREN = re.compile(r"[0-9]{9}")
_SIGNS = re.compile(r"[0-9][0-9A-Z]{4}")
_KEY = re.compile(
    r"(commune|epci|arrondissement-municipal|departement|region|arrondissement|canton)-[0-9A-Z]{1,9}", re.IGNORECASE
)
_KINDS = ("commune", "epci", "arrondissement-municipal")


class Refused(Exception):  # noqa: N818
    """A question that cannot be answered, and why, in words; `about` is what of it: territory, need or practice."""

    def __init__(self, failure: Failure, about: str = "territory") -> None:
        super().__init__(failure.kind)
        self.failure = failure
        self.about = about


@dataclass(frozen=True, slots=True)
class Place:
    """A territory that was asked for, what it is today, and its grouping: the first where there are several."""

    asked: Named
    today: list[Named]
    epci: Named
    others: list[Named]
    """Groupings that the other parts of it are in today."""


def find_place(facts: Facts, given: str, names: Names | None = None) -> Place:
    """What a code, the end of an IRI, an IRI or the whole name of a commune or grouping leads to.

    Raises Refused where it is neither, where several have that name, or for a commune in no grouping.
    """
    key = _key(facts, given, names)
    today = _today(facts, key)
    epcis = list(dict.fromkeys(epci for one in today for epci in groupings(facts, one)))
    asked = facts.named(TERRITORY + key)
    if not epcis:
        code = key.rpartition("-")[2]
        raise Refused(Failure("reuse-no-grouping", detail={"given": f"{asked.label} ({code})"}))
    first, *others = [facts.named(TERRITORY + one) for one in epcis]
    return Place(asked, [facts.named(TERRITORY + one) for one in today], first, others)


def groupings(facts: Facts, key: str) -> list[str]:
    """The groupings that a territory is or is in, by key; none of a département or a region."""
    if key.startswith("epci-"):
        return [key]
    within = [one.removeprefix(TERRITORY) for one in facts.iris(TERRITORY + key, "dct:isPartOf")]
    found = [one for one in within if one.startswith("epci-")]
    # An arrondissement of Paris, Lyon or Marseille is in the grouping of its commune.
    return found or [epci for one in within if one.startswith("commune-") for epci in groupings(facts, one)]


def _key(facts: Facts, given: str, names: Names | None) -> str:
    text = given.strip().removeprefix(TERRITORY)
    if not text:
        raise Refused(Failure("reuse-no-territory"))
    bare = re.sub(r"\s", "", text).upper()
    code = read_code(text).code or (bare if _SIREN.fullmatch(bare) or _SIGNS.fullmatch(bare) else "")
    if code:
        keys = [f"{kind}-{code}" for kind in _KINDS]
    elif _KEY.fullmatch(text):
        kind, _, code = text.rpartition("-")
        keys = [f"{kind.lower()}-{code.upper()}"]
        if kind.lower() not in _KINDS:
            raise Refused(Failure("reuse-wide-territory", detail={"given": text}))
    else:
        found_so = names(text) if names else []
        # Those that are there today come before those that are no more.
        keys = [key for key in found_so if not facts.iris(TERRITORY + key, "dct:isReplacedBy")] or found_so
        if len(keys) > 1:
            found = ", ".join(f"{facts.label(TERRITORY + key)} ({_where(facts, key)})" for key in keys)
            raise Refused(Failure("reuse-several-territories", detail={"given": text[:80], "found": found}))
    known = [key for key in keys if facts.objects(TERRITORY + key, "rdfs:label")]
    if not known:
        meant = facts.label(f"{TERRITORY}commune-{near}") if (near := padded(text)) else ""
        detail = {"given": text[:80], "near_fr": "", "near_en": ""}
        if near and not meant.startswith("commune-"):
            detail |= {"near_fr": f" ; vouliez-vous dire {near} {meant} ?"}
            detail |= {"near_en": f"; did you mean {near} {meant}?"}
        raise Refused(Failure("reuse-territory", detail=detail))
    return known[0]


def _where(facts: Facts, key: str) -> str:
    """What tells namesakes apart: the département where it is known, and the code."""
    ahead, seen = [key], {key}
    while ahead:
        within = [one.removeprefix(TERRITORY) for one in facts.iris(TERRITORY + ahead.pop(0), "dct:isPartOf")]
        for one in within:
            if one.startswith(("departement-", "overseas-collectivity-")):
                return f"{facts.label(TERRITORY + one)}, {key.rpartition('-')[2]}"
        ahead += [one for one in within if one not in seen]
        seen.update(within)
    return key.rpartition("-")[2]


def _today(facts: Facts, key: str) -> list[str]:
    """What took the place of a territory, and of that, until those that are there today."""
    today: list[str] = []
    seen, ahead = {key}, [key]
    while ahead:
        one = ahead.pop(0)
        after = [iri.removeprefix(TERRITORY) for iri in facts.iris(TERRITORY + one, "dct:isReplacedBy")]
        if not after:
            today.append(one)
        ahead += [new for new in after if new not in seen]
        seen.update(after)
    return today
