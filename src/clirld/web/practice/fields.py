"""The page of a practice field or a need: the cases that are told, what worked, and who else does it, by region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from clirld.query.failure import Language
from clirld.reuse.cases import Obstacle, Outcome
from clirld.reuse.facts import CONCEPT, TERRITORY, Facts, Named, Source, node
from clirld.reuse.told import Told
from clirld.web import number_formats
from clirld.web.documents import lookup
from clirld.web.documents.sources import GraphSource, graph_of, source_of_graph
from clirld.web.local_links import document_path
from clirld.web.practice.citations import Citations
from clirld.web.practice.regions import regions_of
from clirld.web.practice.story import is_shown_to_work, level, read_case, said_in, span
from clirld.web.practice.wording import wording
from clirld.web.release import ServedRelease

SCHEMES = ("practice-field", "need")
SHOWN = 60
"""Initiatives that are named on one page; where there are more, a region is chosen first."""
_POLE = f"{CONCEPT}initiative-kind/ptce"
_COMPARED = 4
_PLACES = 2  # that are named of an initiative


@dataclass(frozen=True, slots=True)
class Card:
    """A case that is told: the processes that were drawn from it, what worked, what is said, which obstacles went."""

    told: Told
    worked: list[Outcome]
    said: list[Outcome]
    lifted: list[Obstacle]
    public_roles: list[Named]


@dataclass(frozen=True, slots=True)
class Entry:
    """An initiative that only has its name here: where it is, and who says that it does this."""

    initiative: Named
    is_pole: bool
    places: list[Named]
    concepts: list[Named]
    """The narrower concepts that it has, where it does not have this one itself."""
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class _Having:
    """Who has a concept, or a narrower one: by initiative, which of them, and in which graphs that is said."""

    concepts: dict[str, set[str]]
    graphs: dict[str, set[str]]
    told: list[str]
    """Those that are told as cases."""
    others: list[str]
    poles: list[str]
    """Those of the others that are PTCE."""
    by_region: dict[str, list[str]]
    """The others by key of the region; "" where none is known."""


def concept_page(release: ServedRelease, iri: str, language: Language, region: str) -> dict[str, Any] | None:
    """What the page of a practice field or a need shows; None for another concept.

    `region` is the key of the region that is looked at; all where it is empty or none that has one.
    """
    scheme = iri.removeprefix(CONCEPT).partition("/")[0]
    if scheme not in SCHEMES or not iri.removeprefix(f"{CONCEPT}{scheme}"):
        return None
    facts = Facts(lookup.open_store(release.store), language)
    words, citations = wording(language), Citations()
    having, label = _having(release.store, scheme, iri), facts.label(iri)
    told_of, others, by_region = having.told, having.others, having.by_region
    chosen = region if region in by_region else ""
    shown = by_region[chosen] if chosen else others if len(others) <= SHOWN else having.poles[:SHOWN]
    entries = [_entry(facts, release, one, iri, having) for one in shown]
    cases = [read_case(release.folder, release.store, one, language) for one in told_of]
    languages = {**facts.languages, **{text: own for case in cases for text, own in case.languages.items()}}
    cards = sorted((_card(case.told) for case in cases), key=lambda card: (not card.worked, card.told.initiative.label))
    return {
        "w": words,
        "title": label[:1].upper() + label[1:],
        "scheme": scheme,
        "definition": facts.text(iri, "skos:definition"),
        "other_names": facts.texts(iri, "skos:altLabel"),
        "broader": facts.all_named(iri, "skos:broader"),
        "narrower": [facts.named(one) for one in facts.subjects("skos:broader", iri)],
        "related": facts.all_named(iri, "skos:related", "skos:relatedMatch"),
        "cards": cards,
        "compared": [card.told.initiative.iri for card in cards[:_COMPARED]],
        "counterparts": _counterparts(facts, scheme, having.concepts) if len(having.concepts) <= SHOWN else [],
        "poles": sorted((one for one in entries if one.is_pole), key=lambda one: one.initiative.label.casefold()),
        "others": sorted((one for one in entries if not one.is_pole), key=lambda one: one.initiative.label.casefold()),
        "by_region": _regions(facts, by_region) if len(others) > SHOWN or chosen else [],
        "region": facts.named(TERRITORY + chosen) if chosen else None,
        "counts": (len(told_of), len(others)),
        "cite": citations.number,
        "citations": citations.sources,
        "said": lambda text: said_in(text, languages, language),
        "span": lambda start, end: span(start, end, language, words),
        "level": level,
    }


def _narrower(facts: Facts, iri: str) -> list[str]:
    found: list[str] = []
    ahead = facts.subjects("skos:broader", iri)
    while ahead:
        one = ahead.pop(0)
        if one not in found:
            found.append(one)
            ahead += facts.subjects("skos:broader", one)
    return found


@lru_cache(maxsize=256)  # a release does not change, and there may be hundreds
def _having(store: Path, scheme: str, iri: str) -> _Having:
    """The initiatives that have a concept or a narrower one; those of processes lead to what they were drawn from."""
    facts = Facts(lookup.open_store(store), "fr")
    concepts: dict[str, set[str]] = {}
    graphs: dict[str, set[str]] = {}
    predicate = node("clir:practiceField" if scheme == "practice-field" else "clir:needKind")
    for concept in (iri, *_narrower(facts, iri)):
        for quad in facts.store.quads_for_pattern(None, predicate, NamedNode(concept), None):
            if not isinstance(quad.subject, NamedNode):
                continue
            thing = facts.stands_for(quad.subject.value)
            if scheme == "need":
                initiatives = facts.iris(thing, "clir:addressedBy")
            else:
                initiatives = [thing] if "/id/initiative/" in thing else facts.iris(thing, "clir:capitalisedFrom")
            for one in initiatives:
                concepts.setdefault(one, set()).add(concept)
                graphs.setdefault(one, set()).add(graph_of(quad))
    cases = {
        one for process in facts.subjects("clir:capitalisedFrom") for one in facts.iris(process, "clir:capitalisedFrom")
    }
    others = sorted(concepts.keys() - cases)
    where = regions_of(facts, others)
    by_region: dict[str, list[str]] = {}
    for one in others:
        for key in where.get(one) or [""]:
            by_region.setdefault(key, []).append(one)
    poles = [one for one in others if _POLE in facts.iris(one, "clir:initiativeKind")]
    return _Having(concepts, graphs, sorted(concepts.keys() & cases), others, poles, by_region)


def _counterparts(facts: Facts, scheme: str, initiatives: Iterable[str]) -> list[Named]:
    """The needs that the same initiatives answer, or the practice fields that they are in."""
    found: dict[str, int] = {}
    for one in initiatives:
        if scheme == "practice-field":
            kinds = {
                kind for need in facts.subjects("clir:addressedBy", one) for kind in facts.iris(need, "clir:needKind")
            }
        else:
            kinds = set(facts.iris(one, "clir:practiceField"))
        for kind in kinds:
            found[kind] = found.get(kind, 0) + 1
    ranked = sorted(found, key=lambda iri: (-found[iri], iri))
    return [facts.named(iri) for iri in ranked[:12]]


def _card(found: Told) -> Card:
    case = found.experience
    worked = [one for one in case.outcomes if is_shown_to_work(one)]
    return Card(
        found,
        worked,
        [one for one in case.outcomes if one not in worked],
        [one for one in case.obstacles if one.lifted or one.lifted_by],
        list(dict.fromkeys(kind for role in case.roles if role.is_public for kind in role.kinds)),
    )


def _entry(facts: Facts, release: ServedRelease, initiative: str, concept: str, having: _Having) -> Entry:
    concepts = having.concepts[initiative]
    own = facts.source(initiative)
    where = facts.iris(initiative, "clir:seatedIn") or facts.iris(initiative, "clir:actsIn")
    graphs = [source_of_graph(release, graph) for graph in sorted(having.graphs[initiative])]
    return Entry(
        facts.named(initiative),
        initiative in having.poles,
        [facts.named(iri) for iri in where[:_PLACES]],
        [] if concept in concepts else [facts.named(one) for one in sorted(concepts)],
        [own] if own else [as_source(one, facts.language) for one in graphs],
    )


def as_source(graph: GraphSource, language: Language) -> Source:
    """A source of the release, cited as a page is."""
    title = str((graph.entry.get("title") or {}).get(language) or graph.name)
    parts = [title]
    if graph.retrieved:
        parts.append(number_formats.date(graph.retrieved, language))
    licence = (graph.licence.get("title") or {}).get(language)
    return Source(document_path(graph.graph), ", ".join([*parts, *([str(licence)] if licence else [])]))


def _regions(facts: Facts, by_region: dict[str, list[str]]) -> list[tuple[str, str, int]]:
    """Key, name and count of each region, most first; "" is where no place is said."""
    named = [(key, facts.label(TERRITORY + key) if key else "", len(found)) for key, found in by_region.items()]
    return sorted(named, key=lambda one: (not one[0], -one[2], one[1]))
