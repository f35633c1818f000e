"""A case as its page and a comparison tell it: also who governs, what was shared, who paid, where it went on to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clirld.reuse import cases
from clirld.reuse.cases import Adaptation, Experience, Statement
from clirld.reuse.facts import CONCEPT, Facts, Named

_ORDER = f"{CONCEPT}phase/in-order"
_MOST_PHASES = 50
_READ_AGAIN = f"{CONCEPT}page-check/supported"


@dataclass(frozen=True, slots=True)
class Resource(Statement):
    """What was put in common (the kinds), and by whom."""

    provided_by: list[Named]


@dataclass(frozen=True, slots=True)
class Grant(Statement):
    """Who paid, in which way (the kinds), how much in euros, under which programme."""

    funders: list[Named]
    programmes: list[Named]
    amount: str
    year: str


@dataclass(frozen=True, slots=True)
class Count(Statement):
    """The value of an indicator (the kinds) in a year."""

    value: str
    year: str


@dataclass(frozen=True, slots=True)
class Scaling(Statement):
    """How it was passed on (the kinds are strategies): from whom to whom, where, when, and what was adapted."""

    is_from_here: bool
    others: list[Named]
    territories: list[Named]
    year: str
    adaptations: list[Adaptation]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a step asks for: who is expected to take part, as which public actor, and means."""

    roles: list[Named]
    public_roles: list[Named]
    resources: list[Named]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of a case. `groupings` are keys of EPCI, each with the territory that says so."""

    initiative: Named
    kinds: list[Named]
    domains: list[Named]
    statuses: list[Named]
    governance: list[Named]
    decision: list[Named]
    forms: list[Named]
    start: str
    end: str
    seats: list[Named]
    groupings: Mapping[str, str]
    experience: Experience
    expected: Mapping[str, Expected]
    """What is expected at each step, by the IRI of the step."""
    resources: list[Resource]
    grants: list[Grant]
    counts: list[Count]
    scalings: list[Scaling]
    phases: list[Named]
    """All phases, in their usual order."""
    unread: frozenset[str]
    """Statements whose page nobody could read again, or that another page supports."""


def initiative_of(facts: Facts, iri: str) -> str | None:
    """The initiative of a case: itself, or that which a process was drawn from; None for what is no case."""
    found = facts.iris(iri, "clir:capitalisedFrom")
    if found:
        return found[0]
    return iri if facts.subjects("clir:capitalisedFrom", iri) else None


def all_cases(facts: Facts) -> set[str]:
    """The initiatives that a process was drawn from."""
    drawn = "clir:capitalisedFrom"
    return {one for process in facts.subjects(drawn) for one in facts.iris(process, drawn)}


def told(facts: Facts, initiative: str) -> Told:
    """All that the store tells of a case."""
    said = cases.experience(facts, initiative)
    steps = [step for process in said.processes for step in process.steps]
    statements: list[Statement] = [*said.needs, *said.activities, *said.roles, *said.obstacles, *said.outcomes, *steps]
    resources = [_resource(facts, one) for one in facts.subjects("clir:sharedIn", initiative)]
    return Told(
        facts.named(initiative),
        facts.all_named(initiative, "clir:initiativeKind"),
        facts.all_named(initiative, "clir:activityDomain"),
        facts.all_named(initiative, "clir:status"),
        facts.all_named(initiative, "clir:governanceForm"),
        facts.all_named(initiative, "clir:decisionRule"),
        facts.all_named(initiative, "clir:cooperationForm"),
        facts.text(initiative, "clir:startYear"),
        facts.text(initiative, "clir:endYear"),
        facts.all_named(initiative, "clir:seatedIn", "clir:actsIn"),
        cases.places(facts, initiative),
        said,
        {step.iri: _expected(facts, step.iri) for step in steps},
        resources,
        sorted((_grant(facts, o) for o in facts.subjects("schema:fundedItem", initiative)), key=lambda g: g.year),
        sorted((_count(facts, o) for o in facts.subjects("schema:observationAbout", initiative)), key=_count_order),
        sorted(_scalings(facts, initiative), key=lambda one: (one.year or "9", one.iri)),
        phases(facts),
        frozenset(one.iri for one in (*statements, *resources) if _is_unread(facts, one.iri)),
    )


def phases(facts: Facts) -> list[Named]:
    """The phases in their usual order, as the scheme has them; without an order, by name."""
    found: list[Named] = []
    ahead = facts.iris(_ORDER, "skos:memberList")
    while ahead and len(found) < _MOST_PHASES:
        found += facts.all_named(ahead[0], "rdf:first")
        ahead = [one for one in facts.iris(ahead[0], "rdf:rest") if one != _NIL]
    return found or [facts.named(one) for one in facts.subjects("skos:inScheme", f"{CONCEPT}phase")]


_NIL = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"


def _said(facts: Facts, iri: str, kind: str) -> Statement:
    return Statement(
        iri,
        facts.all_named(iri, kind),
        facts.text(iri, "dct:description") or facts.text(iri, "rdfs:label"),
        facts.source(iri),
    )


def _resource(facts: Facts, iri: str) -> Resource:
    said = _said(facts, iri, "clir:resourceKind")
    return Resource(said.iri, said.kinds, said.text, said.source, facts.all_named(iri, "clir:providedBy"))


def _grant(facts: Facts, iri: str) -> Grant:
    said = _said(facts, iri, "clir:fundingKind")
    amounts = [text for one in facts.iris(iri, "schema:amount") for text in facts.texts(one, "schema:value")]
    return Grant(
        said.iri,
        said.kinds,
        said.text,
        said.source,
        facts.all_named(iri, "schema:funder"),
        facts.all_named(iri, "clir:underProgramme"),
        next(iter(amounts), ""),
        facts.text(iri, "clir:startYear"),
    )


def _count(facts: Facts, iri: str) -> Count:
    said = _said(facts, iri, "schema:measuredProperty")
    return Count(
        said.iri, said.kinds, said.text, said.source, facts.text(iri, "schema:value"), facts.text(iri, "clir:year")
    )


def _count_order(count: Count) -> tuple[list[str], str]:
    return [one.label for one in count.kinds], count.year


def _scalings(facts: Facts, initiative: str) -> list[Scaling]:
    found = dict.fromkeys(facts.subjects("clir:fromInitiative", initiative), True)
    found |= {one: False for one in facts.subjects("clir:toInitiative", initiative) if one not in found}
    told_of = []
    for iri, is_from_here in found.items():
        said = _said(facts, iri, "clir:scalingStrategy")
        name, more = facts.text(iri, "rdfs:label"), facts.text(iri, "dct:description")
        text = f"{name}. {more}" if name and more else name or more
        adaptations = [cases.adaptation(facts, one, iri) for one in facts.subjects("clir:adaptationOf", iri)]
        other = "clir:toInitiative" if is_from_here else "clir:fromInitiative"
        told_of.append(
            Scaling(
                iri,
                said.kinds,
                text,
                said.source,
                is_from_here,
                facts.all_named(iri, other),
                facts.all_named(iri, "clir:toTerritory"),
                facts.text(iri, "clir:startYear"),
                adaptations,
            )
        )
    return told_of


def _expected(facts: Facts, step: str) -> Expected:
    roles = facts.all_named(step, "clir:expectsRole")
    public = [one for one in roles if "/public-actor-role/" in one.iri]
    others = [one for one in roles if one not in public]
    return Expected(others, public, facts.all_named(step, "clir:needsResourceKind"))


def _is_unread(facts: Facts, statement: str) -> bool:
    records = facts.iris(statement, "prov:wasDerivedFrom")
    return any(check != _READ_AGAIN for one in records for check in facts.iris(one, "clir:pageCheck"))
