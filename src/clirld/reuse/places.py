"""The grouping of communes (EPCI) that a code leads to: of today, through mergers and from commune to grouping."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clirld.query.failure import Failure
from clirld.reuse.facts import TERRITORY, Facts, Named
from clirld.reuse.names import Names

_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}|[0-9]{9}")
_KEY = re.compile(
    r"(commune|epci|arrondissement-municipal|departement|region|arrondissement|canton)-[0-9A-Z]{1,9}", re.IGNORECASE
)
_KINDS = ("commune", "epci", "arrondissement-municipal")


class Refused(Exception):  # noqa: N818
    """A question that cannot be answered, and why, in words."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


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
        raise Refused(Failure("reuse-no-grouping", detail={"given": asked.label}))
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
    code = text.replace(" ", "").upper()
    if code.isdecimal() and len(code) == 4:  # a spreadsheet has lost its zero
        code = f"0{code}"
    if _CODE.fullmatch(code):
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
            found = ", ".join(f"{facts.label(TERRITORY + key)} ({key})" for key in keys)
            raise Refused(Failure("reuse-several-territories", detail={"given": text[:80], "found": found}))
    known = [key for key in keys if facts.objects(TERRITORY + key, "rdfs:label")]
    if not known:
        raise Refused(Failure("reuse-territory", detail={"given": given.strip()[:80]}))
    return known[0]


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
