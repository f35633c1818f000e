"""Territories side by side: what they are, situations, programmes, figures, cooperation there, how alike they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from clirld.compare import features
from clirld.french import grouped
from clirld.reuse.comparison.facts_of import row, values
from clirld.reuse.comparison.figures import figure_groups, of_communes, of_groupings
from clirld.reuse.comparison.model import Cell, Form, Group, Item, Pair, Row, Thing
from clirld.reuse.comparison.wording import say
from clirld.reuse.facts import CONCEPT, TERRITORY, Facts, Named, Source, node
from clirld.reuse.likeness import load
from clirld.reuse.told import all_cases
from clirld.settings import BASE

_CANNOT = f"{CONCEPT}finding-answer/cannot-be-said"
_HOLDS = f"{CONCEPT}finding-answer/holds"
_MOST_INSIDE = 3000
_NAMED = 8
"""Initiatives that are named of a territory: cases and poles first."""
_POLE = f"{CONCEPT}initiative-kind/ptce"
_COMPARISONS = Source(f"{BASE}graph/comparisons", "")
RULE = f"{BASE}id/rule/"


def territory_groups(facts: Facts, release: Path, things: Sequence[Thing]) -> list[Group]:
    """What is said of some territories, a cell a territory; figures last."""
    language = facts.language
    inside = [_inside(facts, one.iri) for one in things]
    done = [_initiatives(facts, one.iri, communes) for one, communes in zip(things, inside, strict=True)]

    def of_both(name: str, predicate: str, form: Form) -> Row:
        cells = [_of_both(facts, one, communes, predicate) for one, communes in zip(things, inside, strict=True)]
        return row(facts, name, form, cells)

    # Of many communes some have nearly everything: that two groupings both have one of a class says nothing of them.
    of_communes_too: Form = "values" if any(inside) else "features"
    needs = [_needs(facts, {one.iri, *communes}) for one, communes in zip(things, inside, strict=True)]
    levels = [values(facts, one.iri, "clir:territoryKind") for one in things]
    groups = [
        Group(
            "about",
            say("group-about", language),
            [
                row(facts, "territory-kind", "values", levels),
                row(facts, "communes", "values", [_count(facts, communes) for communes in inside]),
                row(facts, "inhabitants", "values", [_inhabitants(facts, one.iri) for one in things]),
                of_both("density-level", "clir:densityLevel", of_communes_too),
                of_both("typology", "clir:typologyClass", of_communes_too),
            ],
        ),
        Group("situation", say("group-situation", language), [_situations(facts, things)]),
        Group("zoning", say("group-zoning", language), [of_both("zoning", "clir:officialZoning", "features")]),
        Group(
            "cooperation",
            say("group-cooperation", language),
            [
                row(facts, "initiative-kind", "features", [_kinds(facts, found) for found in done]),
                row(facts, "initiatives", "values", [_named(facts, found) for found in done]),
                row(facts, "need-here", "features", needs),
            ],
        ),
    ]
    keys = [one.iri.removeprefix(TERRITORY) for one in things]
    by_kind = {"epci": of_groupings, "commune": of_communes}
    kinds = [key.rpartition("-")[0] for key in keys]
    of = {kind: by_kind[kind](release) for kind in dict.fromkeys(kinds) if kind in by_kind}
    return [*groups, *figure_groups(keys, [of.get(kind) for kind in kinds], language)]


def pairs(facts: Facts, release: Path, things: Sequence[Thing]) -> list[Pair]:
    """How alike groupings are, two by two; a pair that cannot be compared, or of other territories, is not there."""
    likeness = load(release)
    keys = [one.iri.removeprefix(TERRITORY) for one in things]
    found = []
    for one, two in combinations(range(len(keys)), 2) if likeness else ():
        assert likeness is not None
        alike = likeness.of(keys[one])
        if keys[two] in alike:
            pair = alike[keys[two]]
            shares = {name: round(100 * share, 1) for name, share in pair.shares.items()}
            words = likeness.words(keys[one], keys[two], facts.language)
            found.append(Pair(one, two, pair.rank, len(alike), round(pair.distance, 3), shares, words))
    return found


def rule(facts: Facts) -> Named:
    """The rule by which likeness is measured."""
    return facts.named(RULE + features.load().key)


def _inside(facts: Facts, territory: str) -> list[str]:
    """The communes of a grouping or a département, those that are there today."""
    if not territory.removeprefix(TERRITORY).startswith(("epci-", "departement-")):
        return []
    found = facts.subjects("dct:isPartOf", territory)
    return [one for one in found if one.startswith(f"{TERRITORY}commune-")][:_MOST_INSIDE]


def _count(facts: Facts, communes: list[str]) -> list[Item]:
    graph = Source(f"{BASE}graph/territories", "")
    return [Item(grouped(len(communes), facts.language), sources=(graph,))] if communes else []


def _inhabitants(facts: Facts, territory: str) -> list[Item]:
    year = facts.text(territory, "clir:populationYear")
    return [
        Item(grouped(int(one.text), facts.language), note=year, sources=one.sources)
        for one in values(facts, territory, "clir:population")
        if one.text.isdecimal()
    ]


def _of_both(facts: Facts, thing: Thing, communes: list[str], predicate: str) -> list[Item]:
    """What is said of a territory; and of its communes, with of how many."""
    own = values(facts, thing.iri, predicate)
    if not communes:
        return own
    communes_of: dict[str, set[str]] = {}
    graphs: dict[str, set[str]] = {}
    for commune in communes:
        for quad in facts.store.quads_for_pattern(node(commune), node(predicate), None, None):
            value = str(getattr(quad.object, "value", ""))
            communes_of.setdefault(value, set()).add(commune)
            graphs.setdefault(value, set()).add(str(getattr(quad.graph_name, "value", "")))
    said = {item.iri for item in own}
    return [
        *own,
        *(
            Item(
                facts.label(iri),
                iri,
                say("in-communes", facts.language, count=grouped(len(having), facts.language)),
                tuple(Source(graph, "") for graph in sorted(graphs[iri])),
            )
            for iri, having in sorted(communes_of.items(), key=lambda pair: (-len(pair[1]), pair[0]))
            if iri not in said
        ),
    ]


def _situations(facts: Facts, things: Sequence[Thing]) -> Row:
    """The situations that hold, and those that cannot be said; of a grouping, those that do not hold, too."""
    every = [
        iri
        for iri in facts.subjects("skos:inScheme", f"{CONCEPT}territory-situation")
        if next(facts.store.quads_for_pattern(None, node("clir:situation"), node(iri), None), None)
    ]
    cells = []
    for one in things:
        items: list[Item] = []
        answered: set[str] = set()
        for finding in facts.subjects("clir:ofTerritory", one.iri):
            for situation in facts.iris(finding, "clir:situation"):
                answers = facts.iris(finding, "clir:answer")
                text = facts.text(finding, "dct:description")
                if _HOLDS in answers:
                    items.append(Item(facts.label(situation), situation, text, (_COMPARISONS,)))
                elif _CANNOT in answers:
                    items.append(Item(facts.label(situation), situation, text, (_COMPARISONS,), "doubtful"))
                else:
                    items.append(Item(facts.label(situation), situation, text, (_COMPARISONS,), "no"))
                answered.add(situation)
        if "/epci-" in one.iri and facts.subjects("clir:ofTerritory", one.iri):
            items += [Item(facts.label(iri), iri, "", (_COMPARISONS,), "no") for iri in every if iri not in answered]
        cells.append(Cell(sorted(items, key=lambda item: ("said", "doubtful", "no").index(item.state))))
    return Row("situation", say("situation", facts.language), "features", cells)


def _initiatives(facts: Facts, territory: str, communes: list[str]) -> dict[str, set[str]]:
    """The initiatives that are seated or act in a territory or in its communes, with the graphs that say so."""
    found: dict[str, set[str]] = {}
    for one in (territory, *communes):
        for predicate in ("clir:seatedIn", "clir:actsIn"):
            for quad in facts.store.quads_for_pattern(None, node(predicate), node(one), None):
                iri = str(getattr(quad.subject, "value", ""))
                if iri.startswith(f"{BASE}id/initiative/"):
                    graph = str(getattr(quad.graph_name, "value", ""))
                    found.setdefault(facts.stands_for(iri), set()).add(graph)
    return found


def _kinds(facts: Facts, initiatives: dict[str, set[str]]) -> list[Item]:
    """How many initiatives there are of each kind."""
    counts: Counter[str] = Counter()
    graphs: dict[str, set[str]] = {}
    for one, said in initiatives.items():
        for kind in facts.iris(one, "clir:initiativeKind"):
            counts[kind] += 1
            graphs.setdefault(kind, set()).update(said)
    return [
        Item(
            facts.label(kind),
            kind,
            grouped(count, facts.language),
            tuple(Source(graph, "") for graph in sorted(graphs[kind])),
        )
        for kind, count in counts.most_common()
    ]


def _named(facts: Facts, initiatives: dict[str, set[str]]) -> list[Item]:
    """The initiatives by name, told cases and poles first."""
    cases = all_cases(facts)
    poles = {one for one in initiatives if _POLE in facts.iris(one, "clir:initiativeKind")}
    ranked = sorted(initiatives, key=lambda iri: (iri not in cases, iri not in poles, iri))[:_NAMED]
    return [
        Item(
            facts.label(iri),
            iri,
            say("told-case", facts.language) if iri in cases else "",
            tuple(Source(graph, "") for graph in sorted(initiatives[iri])),
        )
        for iri in ranked
    ]


def _needs(facts: Facts, territories: set[str]) -> list[Item]:
    """The needs that are said of one of these territories."""
    found: dict[str, Item] = {}
    for need in facts.subjects("clir:lackedIn"):
        if territories.isdisjoint(facts.iris(need, "clir:lackedIn")):
            continue
        page = facts.source(need)
        for kind in facts.all_named(need, "clir:needKind"):
            found.setdefault(kind.iri, Item(kind.label, kind.iri, "", (page,) if page else ()))
    return list(found.values())
