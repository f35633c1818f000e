"""Initiatives side by side: what they are, where, who takes part, what recognised them."""

from __future__ import annotations

from collections.abc import Sequence

from clirld.reuse import cases
from clirld.reuse.comparison.facts_of import row, values
from clirld.reuse.comparison.model import Group, Item, Row
from clirld.reuse.comparison.wording import say
from clirld.reuse.facts import TERRITORY, Facts, Source

_PUBLIC = "http://data.europa.eu/m8g/PublicOrganisation"
_MOST = 200
"""Roles and recognitions of an initiative that are read."""


def initiative_groups(facts: Facts, initiatives: Sequence[str]) -> list[Group]:
    """What is said of some initiatives, a cell an initiative."""
    language = facts.language

    def said(name: str, *predicates: str) -> Row:
        return row(facts, name, "features", [values(facts, one, *predicates) for one in initiatives])

    groupings = [
        [Item(facts.label(TERRITORY + key), TERRITORY + key) for key in cases.places(facts, one)] for one in initiatives
    ]
    return [
        Group(
            "about",
            say("group-about", language),
            [
                said("kind", "clir:initiativeKind"),
                said("place", "clir:seatedIn", "clir:actsIn"),
                row(facts, "grouping", "features", groupings),
                row(facts, "period", "values", [values(facts, one, "clir:startYear") for one in initiatives]),
                said("status", "clir:status"),
                said("domain", "clir:activityDomain"),
                said("governance", "clir:governanceForm"),
            ],
        ),
        Group(
            "why",
            say("group-why", language),
            [
                row(facts, "need", "features", [_needs(facts, one) for one in initiatives]),
                said("practice", "clir:practiceField"),
            ],
        ),
        Group(
            "who",
            say("group-who", language),
            [
                row(facts, "public-role", "features", [_roles(facts, one, is_public=True) for one in initiatives]),
                row(facts, "role", "features", [_roles(facts, one, is_public=False) for one in initiatives]),
                row(facts, "recognition", "features", [_recognitions(facts, one) for one in initiatives]),
                row(facts, "homepage", "values", [values(facts, one, "foaf:homepage") for one in initiatives]),
            ],
        ),
    ]


def _needs(facts: Facts, initiative: str) -> list[Item]:
    found: dict[str, Item] = {}
    for need in facts.subjects("clir:addressedBy", initiative)[:_MOST]:
        for item in values(facts, need, "clir:needKind"):
            found.setdefault(item.iri, item)
    return list(found.values())


def _roles(facts: Facts, initiative: str, *, is_public: bool) -> list[Item]:
    found: dict[str, Item] = {}
    for role in facts.subjects("org:organization", initiative)[:_MOST]:
        members = facts.iris(role, "org:member")
        if any(_PUBLIC in facts.iris(one, "rdf:type") for one in members) != is_public:
            continue
        who = ", ".join(facts.label(one) for one in members)
        for item in values(facts, role, "org:role"):
            before = found.get(item.iri)
            note = f"{before.note}, {who}" if before and who not in before.note else before.note if before else who
            found[item.iri] = Item(item.text, item.iri, note, item.sources)
    return list(found.values())


def _recognitions(facts: Facts, initiative: str) -> list[Item]:
    found: dict[str, Item] = {}
    for one in facts.subjects("clir:recognises", initiative)[:_MOST]:
        page = facts.source(one)
        for item in values(facts, one, "clir:recognitionKind"):
            sources: tuple[Source, ...] = (page,) if page else item.sources
            found.setdefault(item.iri, Item(item.text, item.iri, facts.text(one, "clir:year"), sources))
    return list(found.values())
