"""Cases side by side: needs, practices, phases, roles of the public actor, obstacles, results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from clirld.french import grouped
from clirld.reuse.cases import Obstacle, Outcome, Role, Statement
from clirld.reuse.comparison.facts_of import by_kind, named, row, values
from clirld.reuse.comparison.model import Form, Group, Item, Row
from clirld.reuse.comparison.wording import say
from clirld.reuse.facts import TERRITORY, Facts, Named, Source
from clirld.reuse.told import Told


def case_groups(facts: Facts, cases: Sequence[Told]) -> list[Group]:
    """What is told of some cases, a cell a case."""
    language = facts.language

    def told(name: str, form: Form, of: Callable[[Told], list[Item]]) -> Row:
        return row(facts, name, form, [of(one) for one in cases])

    def said(name: str, form: Form, *predicates: str) -> Row:
        return told(name, form, lambda one: values(facts, one.initiative.iri, *predicates))

    def group(name: str, *rows: Row) -> Group:
        return Group(name, say(f"group-{name}", language), list(rows))

    return [
        group(
            "about",
            said("place", "values", "clir:seatedIn", "clir:actsIn"),
            told("grouping", "values", lambda one: named(facts.named(TERRITORY + key) for key in one.groupings)),
            told("period", "values", _period),
            said("kind", "features", "clir:initiativeKind"),
            said("domain", "features", "clir:activityDomain"),
            said("status", "values", "clir:status"),
            said("governance", "features", "clir:governanceForm"),
            said("decision", "features", "clir:decisionRule"),
        ),
        group(
            "why",
            told("need", "features", lambda one: by_kind(one.experience.needs, lambda need: need.text)),
            told("practice", "features", lambda one: named(one.experience.practices)),
            told("process", "values", lambda one: _texts(one.experience.processes)),
            told("phase", "features", _phases),
        ),
        group(
            "who",
            told("public-role", "features", lambda one: _roles(one, is_public=True)),
            told("role", "features", lambda one: _roles(one, is_public=False)),
            told("instrument", "features", _instruments),
            told("resource", "features", lambda one: by_kind(one.resources, lambda means: means.text)),
            told("funding", "features", lambda one: by_kind(one.grants, lambda grant: _names(grant.funders))),
        ),
        group(
            "came",
            told("obstacle", "features", lambda one: by_kind(one.experience.obstacles, lambda o: _lifted(o, language))),
            told("outcome", "values", lambda one: [_outcome(found, language) for found in one.experience.outcomes]),
            told("scaling", "features", lambda one: by_kind(one.scalings, lambda scaling: scaling.text)),
            told("lesson", "values", lambda one: _texts(one.experience.lessons)),
        ),
    ]


def _by(source: Source | None) -> tuple[Source, ...]:
    return (source,) if source else ()


def _names(found: Iterable[Named]) -> str:
    return ", ".join(one.label for one in found)


def _texts(found: Iterable[Statement]) -> list[Item]:
    return [Item(one.text, one.iri, sources=_by(one.source)) for one in found]


def _period(one: Told) -> list[Item]:
    text = f"{one.start}–{one.end}" if one.start and one.end else one.start or one.end
    return [Item(text)] if text else []


def _phases(one: Told) -> list[Item]:
    """The phases of what was done, in their usual order."""
    found = {item.iri: item for item in by_kind(one.experience.activities, lambda _activity: "")}
    return [found[phase.iri] for phase in one.phases if phase.iri in found]


def _roles(one: Told, *, is_public: bool) -> list[Item]:
    held: list[Role] = [role for role in one.experience.roles if role.is_public == is_public]
    return by_kind(held, lambda role: role.actor.label)


def _instruments(one: Told) -> list[Item]:
    found = {i: role.source for role in one.experience.roles for i in role.instruments}
    return [Item(i.label, i.iri, sources=_by(source)) for i, source in found.items()]


def _lifted(one: Obstacle, language: str) -> str:
    how = one.lifted or _names(one.lifted_by)
    return f"{one.text} → {how or say('not-lifted', language)}"


def _outcome(one: Outcome, language: str) -> Item:
    """A result in a line: whether it worked, the figure, on what evidence and according to whom."""
    parts = [_names(one.kinds)]
    if one.value:
        whole, _point, decimals = one.value.partition(".")
        number = grouped(int(whole), language) if whole.isdecimal() else whole
        if decimals.rstrip("0"):
            number += f"{',' if language == 'fr' else '.'}{decimals.rstrip('0')}"
        year = f" ({one.year})" if one.year else ""
        parts.append(f"{_names(one.indicators)} {number}{year}".strip())
    parts.append(_names(one.evidence))
    parts += [say("said-by", language, who=who.label) for who in one.said_by]
    return Item(one.text, one.iri, " ; ".join(filter(None, parts)), _by(one.source))
