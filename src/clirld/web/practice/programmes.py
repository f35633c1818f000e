"""What the page of a programme shows besides what is said of it: what it recognised and paid for, when and where."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from clirld.query.failure import Language
from clirld.reuse.facts import TERRITORY, Facts, Named, Source
from clirld.web.documents import lookup
from clirld.web.practice.regions import regions_of
from clirld.web.practice.story import figure
from clirld.web.practice.wording import wording
from clirld.web.release import ServedRelease

_MOST = 500


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was recognised, or paid for: as what, when, where it is, how much was given, and who says so."""

    things: list[Named]
    kinds: list[Named]
    year: str
    regions: list[Named]
    amount: str
    source: Source | None
    is_told: bool


def programme_page(release: ServedRelease, iri: str, language: Language) -> dict[str, Any]:
    """What the page of a programme adds."""
    facts = Facts(lookup.open_store(release.store), language)
    named = [one for one in facts.subjects("clir:underProgramme", iri) if "/recognition/" in one][:_MOST]
    paid = [one for one in facts.subjects("clir:underProgramme", iri) if "/grant/" in one][:_MOST]
    recognised = [_recognised(facts, one, "clir:recognises", "clir:recognitionKind") for one in named]
    grants = [_recognised(facts, one, "schema:fundedItem", "clir:fundingKind") for one in paid]
    years = Counter(one.year for one in recognised)
    regions = Counter(region for one in recognised for region in one.regions)
    return {
        "w": wording(language),
        "recognised": sorted(recognised, key=_order),
        "grants": sorted(grants, key=_order),
        "years": sorted(years.items()),
        "regions": sorted(regions.items(), key=lambda pair: (-pair[1], pair[0].label)),
        "figure": lambda text: figure(text, language),
    }


def _order(one: Recognised) -> tuple[str, str]:
    return one.year or "9", one.things[0].label.casefold() if one.things else ""


def _recognised(facts: Facts, iri: str, to: str, kind: str) -> Recognised:
    things = facts.all_named(iri, to)
    where = regions_of(facts, [one.iri for one in things])
    amounts = [text for one in facts.iris(iri, "schema:amount") for text in facts.texts(one, "schema:value")]
    return Recognised(
        things,
        facts.all_named(iri, kind),
        facts.text(iri, "clir:year") or facts.text(iri, "clir:startYear"),
        [facts.named(TERRITORY + key) for keys in where.values() for key in keys],
        next(iter(amounts), ""),
        facts.source(iri),
        any(facts.subjects("clir:capitalisedFrom", one.iri) for one in things),
    )
