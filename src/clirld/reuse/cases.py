"""What is said of a case: needs, process, roles, obstacles, outcomes, what was adapted, each with who says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clirld.reuse.facts import TERRITORY, Facts, Named, Source
from clirld.reuse.places import groupings

_CARRIER = "https://w3id.org/clirld/concept/participation-role/carrier"


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said: of which kinds, in which words, and by which page."""

    iri: str
    kinds: list[Named]
    text: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Step(Statement):
    """A step of a process: in its order, what it needs and gives, after which others and in which case."""

    order: str
    description: str
    inputs: list[str]
    outputs: list[str]
    after: list[Named]
    condition: str


@dataclass(frozen=True, slots=True)
class Process(Statement):
    """A process: what it asks for, how it can be taken over, its steps and its conditions."""

    description: str
    resources: str
    transfer: str
    steps: list[Step]
    conditions: list[Statement]


@dataclass(frozen=True, slots=True)
class Role(Statement):
    """Who held which roles (the kinds), by which instruments, from when to when, and why they were changed."""

    actor: Named
    is_public: bool
    instruments: list[Named]
    start: str
    end: str
    reason: str


@dataclass(frozen=True, slots=True)
class Obstacle(Statement):
    """An obstacle, the steps that it was met at, and what lifted it."""

    steps: list[Named]
    lifted: str
    lifted_by: list[Named]


@dataclass(frozen=True, slots=True)
class Outcome(Statement):
    """What came of it (the kinds: whether it worked): indicator and figures, with what evidence, who says so."""

    indicators: list[Named]
    baseline: str
    baseline_year: str
    value: str
    year: str
    target: str
    evidence: list[Named]
    said_by: list[Named]


@dataclass(frozen=True, slots=True)
class Activity(Statement):
    """What was done, when, following which steps."""

    steps: list[Named]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Adaptation(Statement):
    """What was kept, changed or dropped (the kinds) when a process was taken over: at which steps, why, where."""

    steps: list[Named]
    reason: str
    takeover: Named


@dataclass(frozen=True, slots=True)
class Experience:
    """All that is said of a case."""

    description: str
    needs: list[Statement]
    practices: list[Named]
    processes: list[Process]
    activities: list[Activity]
    roles: list[Role]
    obstacles: list[Obstacle]
    outcomes: list[Outcome]
    adaptations: list[Adaptation]
    lessons: list[Statement]
    sources: list[Source]
    pages: list[str]
    """Home pages of the case and of those who carry it: whom to write to."""


def candidates(facts: Facts) -> list[str]:
    """The initiatives from which something can be learnt: they say a need, a practice field or a process."""
    found = {iri for predicate in ("clir:addressedBy", "clir:capitalisedFrom") for iri in _values(facts, predicate)}
    initiatives = set(facts.subjects("clir:initiativeKind"))
    return sorted(found | (initiatives & set(facts.subjects("clir:practiceField"))))


def is_told(facts: Facts, case: str) -> bool:
    """Whether a page of its own says something of a case, or a process was drawn from it.

    One that a registry only lists has the need and the practice field of all those of the registry, and no page.
    """
    return facts.source(case) is not None or bool(facts.subjects("clir:capitalisedFrom", case))


def _values(facts: Facts, predicate: str) -> list[str]:
    return [iri for subject in facts.subjects(predicate) for iri in facts.iris(subject, predicate)]


def need_kinds(facts: Facts, case: str) -> list[str]:
    """The needs that a case answers, as concepts."""
    return list(
        dict.fromkeys(one for n in facts.subjects("clir:addressedBy", case) for one in facts.iris(n, "clir:needKind"))
    )


def practice_kinds(facts: Facts, case: str) -> list[str]:
    """The practice fields of a case and of its processes, as concepts."""
    processes = facts.subjects("clir:capitalisedFrom", case)
    return list(dict.fromkeys(one for thing in (case, *processes) for one in facts.iris(thing, "clir:practiceField")))


def places(facts: Facts, case: str) -> dict[str, str]:
    """The groupings where a case is, by key, each with the territory that says so.

    Where it is seated, acts or answers a need; only where nothing of that is known in a grouping, the seats of those
    who carry it. A département or a region is no grouping.
    """
    own = facts.iris(case, "clir:seatedIn", "clir:actsIn")
    own += [iri for need in facts.subjects("clir:addressedBy", case) for iri in facts.iris(need, "clir:lackedIn")]
    carried = (iri for carrier in _carriers(facts, case) for iri in facts.iris(carrier, "clir:seatedIn"))
    return _grouped(facts, own) or _grouped(facts, carried)


def _grouped(facts: Facts, territories: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for iri in territories:
        for key in groupings(facts, iri.removeprefix(TERRITORY)):
            found.setdefault(key, iri)
    return found


def _carriers(facts: Facts, case: str) -> list[str]:
    roles = [one for one in facts.subjects("org:organization", case) if _CARRIER in facts.iris(one, "org:role")]
    return [actor for role in roles for actor in facts.iris(role, "org:member")]


def experience(facts: Facts, case: str) -> Experience:
    """All that the store says of a case."""
    processes = [_process(facts, one) for one in facts.subjects("clir:capitalisedFrom", case)]
    takeovers = {takeover for one in processes for takeover in facts.subjects("clir:transfersProcess", one.iri)} | set(
        facts.subjects("clir:fromInitiative", case)
    )
    adaptations = [
        adaptation(facts, one, takeover)
        for takeover in sorted(takeovers)
        for one in facts.subjects("clir:adaptationOf", takeover)
    ]
    about = {one for thing in (case, *(p.iri for p in processes)) for one in facts.subjects("clir:about", thing)}
    said = Experience(
        facts.text(case, "dct:description"),
        [_statement(facts, one, "clir:needKind") for one in facts.subjects("clir:addressedBy", case)],
        [facts.named(one) for one in practice_kinds(facts, case)],
        processes,
        sorted((_activity(facts, o) for o in facts.subjects("clir:withinInitiative", case)), key=lambda a: a.start),
        sorted((_role(facts, o) for o in facts.subjects("org:organization", case)), key=_role_order),
        [_obstacle(facts, one) for one in facts.subjects("clir:metBy", case)],
        [_outcome(facts, one) for one in facts.subjects("clir:outcomeOf", case)],
        adaptations,
        [_lesson(facts, one) for one in sorted(about)],
        [],
        list(dict.fromkeys(p for one in (case, *_carriers(facts, case)) for p in facts.iris(one, "foaf:homepage"))),
    )
    said.sources.extend(_sources(facts, case, said))
    return said


def _statement(facts: Facts, iri: str, kind: str) -> Statement:
    return Statement(*_said(facts, iri, kind))


def _said(facts: Facts, iri: str, *kinds: str) -> tuple[str, list[Named], str, Source | None]:
    return iri, facts.all_named(iri, *kinds), facts.text(iri, "dct:description"), facts.source(iri)


def _process(facts: Facts, iri: str) -> Process:
    steps = [_step(facts, one) for one in facts.subjects("clir:isStepOf", iri)]
    return Process(
        iri,
        facts.all_named(iri, "clir:practiceField"),
        facts.label(iri),
        facts.source(iri),
        facts.text(iri, "dct:description"),
        facts.text(iri, "clir:resourcesNeeded"),
        facts.text(iri, "clir:transferPotential"),
        sorted(steps, key=lambda step: (int(step.order) if step.order.isdecimal() else 0, step.iri)),
        [_statement(facts, one, "clir:conditionKind") for one in facts.subjects("clir:conditionFor", iri)],
    )


def _step(facts: Facts, iri: str) -> Step:
    return Step(
        iri,
        facts.all_named(iri, "clir:phase"),
        facts.label(iri),
        facts.source(iri),
        facts.text(iri, "clir:stepOrder"),
        facts.text(iri, "dct:description"),
        facts.texts(iri, "clir:input"),
        facts.texts(iri, "clir:output"),
        facts.all_named(iri, "clir:isPrecededBy"),
        facts.text(iri, "clir:branchCondition"),
    )


def _role(facts: Facts, iri: str) -> Role:
    actor = next(iter(facts.all_named(iri, "org:member")), Named("", ""))
    is_public = bool(actor.iri) and "http://data.europa.eu/m8g/PublicOrganisation" in facts.iris(actor.iri, "rdf:type")
    return Role(
        *_said(facts, iri, "org:role"),
        actor,
        is_public,
        facts.all_named(iri, "clir:instrument"),
        _day(facts, iri, "schema:startDate", "clir:startYear"),
        _day(facts, iri, "schema:endDate", "clir:endYear"),
        facts.text(iri, "clir:changeReason"),
    )


def _role_order(role: Role) -> tuple[bool, str, str, str]:
    return not role.is_public, role.actor.label, role.start, role.iri


def _day(facts: Facts, iri: str, day: str, year: str) -> str:
    return facts.text(iri, day) or facts.text(iri, year)


def _activity(facts: Facts, iri: str) -> Activity:
    name, more = facts.label(iri), facts.text(iri, "dct:description")
    steps = facts.all_named(iri, "clir:followsStep")
    start, end = (
        _day(facts, iri, "schema:startDate", "clir:startYear"),
        _day(facts, iri, "schema:endDate", "clir:endYear"),
    )
    text = f"{name}. {more}" if more else name
    return Activity(iri, facts.all_named(iri, "clir:phase"), text, facts.source(iri), steps, start, end)


def _obstacle(facts: Facts, iri: str) -> Obstacle:
    steps, lifted_by = facts.all_named(iri, "clir:atStep"), facts.all_named(iri, "clir:overcomeBy")
    return Obstacle(*_said(facts, iri, "clir:obstacleKind"), steps, facts.text(iri, "clir:overcomeHow"), lifted_by)


def _outcome(facts: Facts, iri: str) -> Outcome:
    return Outcome(
        *_said(facts, iri, "clir:assessment"),
        indicators=facts.all_named(iri, "schema:measuredProperty"),
        baseline=facts.text(iri, "clir:baseline"),
        baseline_year=facts.text(iri, "clir:baselineYear"),
        value=facts.text(iri, "schema:value"),
        year=facts.text(iri, "clir:year"),
        target=facts.text(iri, "clir:targetValue"),
        evidence=facts.all_named(iri, "clir:evidenceLevel"),
        said_by=facts.all_named(iri, "clir:saidBy"),
    )


def adaptation(facts: Facts, iri: str, takeover: str) -> Adaptation:
    """What was adapted when a process was taken over."""
    steps, reason = facts.all_named(iri, "clir:adaptedStep"), facts.text(iri, "clir:changeReason")
    return Adaptation(*_said(facts, iri, "clir:adaptationKind"), steps, reason, facts.named(takeover))


def _lesson(facts: Facts, iri: str) -> Statement:
    return Statement(iri, facts.all_named(iri, "clir:inSituation"), facts.label(iri), facts.source(iri))


def _sources(facts: Facts, case: str, said: Experience) -> list[Source]:
    """The pages that say it, each once, under its shortest citation: the one without a page number, where there is."""
    parts: list[Statement] = [*said.needs, *said.processes, *said.activities, *said.roles, *said.obstacles]
    parts += [*said.outcomes, *said.adaptations, *said.lessons]
    parts += [part for one in said.processes for part in (*one.steps, *one.conditions)]
    found: dict[str, str] = {}
    for source in (facts.source(case), *(part.source for part in parts)):
        if source:
            told = {found.get(source.iri, source.iri), source.citation} - {source.iri}  # a bare address says the least
            found[source.iri] = min(told, key=lambda citation: (len(citation), citation), default=source.iri)
    return [Source(iri, citation) for iri, citation in found.items()]
