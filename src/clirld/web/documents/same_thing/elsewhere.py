"""The same thing elsewhere: what numbers or people say is one, what people say is not, what may be; each with why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode

from clirld.link.judgements.judgement import PROCESSES, iri
from clirld.settings import BASE
from clirld.web import number_formats
from clirld.web.documents.same_thing import candidates
from clirld.web.documents.same_thing.candidates import Candidate
from clirld.web.documents.sources import graph_of, source_of_graph
from clirld.web.documents.things import Thing, naming_it, read
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page
from clirld.web.documents.wording import Words

MAYBE, JUDGED = 3, 20
"""Records that may be the same, and records that are judged or joined, before the rest is only counted."""

_NUMBERS = ("clir:siren", "clir:siret", "clir:rna")
_PROCESSES = frozenset(map(iri, PROCESSES))
_SAME, _DIFFERENT = "owl:sameAs", "owl:differentFrom"


@dataclass(frozen=True, slots=True)
class Other:
    """Another record: whether it is the same (`same`, `different`, `maybe`, `conflict`), and why, in sentences."""

    thing: Thing
    name: Value
    verdict: str
    why: list[str]
    where: Value
    """The sources that it comes from, with their numbers."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The records that are or may be this thing, the surest first, and how many more may be."""

    others: list[Other] = field(default_factory=list)
    more: int = 0


def elsewhere(page: Page, words: Words, thing: Thing, release: Path) -> Elsewhere:
    """What is known of other records of a thing."""
    judged = list(_judgements(page, words, thing))
    found: dict[str, Other] = {}
    same = dict.fromkeys([*thing.nodes(_SAME), *naming_it(page.naming.store, thing.node, _SAME)])
    different = dict.fromkeys([*thing.nodes(_DIFFERENT), *naming_it(page.naming.store, thing.node, _DIFFERENT)])
    for verdict, nodes in (("same", same), ("different", different)):
        for node in nodes:
            if node.value.startswith(BASE) and node.value not in found:
                other = read(page.naming.store, node)
                judgements = (said for iri, said in judged if iri == node.value)
                why = [*_shared_numbers(words, thing, other), *judgements]
                why = why or [words("same-through-another")]
                found[node.value] = Other(other, page.value(node), verdict, why, source_title(page, other))
    for one in candidates.load(release).get(thing.iri, ()):
        if one.other not in found:
            other = read(page.naming.store, NamedNode(one.other))
            if other.quads:
                verdict = "conflict" if one.verdict == "conflict" else "maybe"
                why = [evidence(words, one)]
                found[one.other] = Other(other, page.value(other.node), verdict, why, source_title(page, other))
    known = [one for one in found.values() if one.verdict in ("same", "different")][:JUDGED]
    maybe = [one for one in found.values() if one.verdict in ("maybe", "conflict")][:MAYBE]
    return Elsewhere([*known, *maybe], len(found) - len(known) - len(maybe))


def sources_of(page: Page, thing: Thing) -> list[str]:
    """The graphs of the sources that speak of a thing; what is derived of them is none."""
    graphs = dict.fromkeys(map(graph_of, thing.quads))
    return [graph for graph in graphs if source_of_graph(page.release, graph).entry]


def source_title(page: Page, thing: Thing) -> Value:
    """The sources that a record comes from, in words, with their numbers."""
    graphs = sources_of(page, thing)
    titles = [source_of_graph(page.release, graph).title(page.naming.language) for graph in graphs]
    return Value(", ".join(titles), sources=tuple(sorted({page.number(graph) for graph in graphs})))


def evidence(words: Words, one: Candidate) -> str:
    """What speaks for it and against it, in a sentence."""
    return words("evidence", parts=_listed(words, _parts(words, one)))


def _parts(words: Words, one: Candidate) -> Iterator[str]:
    told = one.evidence
    if told.get("acronym") == "true":
        yield words("evidence-acronym")
    elif one.name == 100:
        yield words("evidence-same-name")
    elif one.name:
        yield words("evidence-name", score=one.name)
    elif told.get("within") == "true":
        yield words("evidence-within")
    for column in ("commune", "kind", "website", "address"):
        if told.get(column) == "true":
            yield words(f"evidence-{column}")
        elif told.get(column) == "false" and column in ("commune", "kind"):
            yield words(f"evidence-other-{column}")
    if told.get("departement") == "true" and told.get("commune") != "true":
        yield words("evidence-departement")
    if told.get("numbers") == "true":
        yield words("evidence-numbers")


def _listed(words: Words, parts: Iterable[str]) -> str:
    return words("list-separator").join(parts)


def _shared_numbers(words: Words, one: Thing, two: Thing) -> Iterator[str]:
    for name in _NUMBERS:
        for number in set(one.texts(name)) & set(two.texts(name)):
            yield words("same-number", register=name.partition(":")[2].upper(), number=number)
    # A SIRET begins with the SIREN of whoever has the establishment.
    for left, right in ((one, two), (two, one)):
        for number in set(left.texts("clir:siren")) & {siret[:9] for siret in right.texts("clir:siret")}:
            yield words("same-siret", number=number)


def _judgements(page: Page, words: Words, thing: Thing) -> Iterator[tuple[str, str]]:
    """The other record of each judgement about a thing, and who says what of the two, when and why."""
    store = page.naming.store
    for side, opposite in (("rdf:subject", "rdf:object"), ("rdf:object", "rdf:subject")):
        for node in naming_it(store, thing.node, side):
            told = read(store, node)
            others = told.nodes(opposite)
            predicates = [one.value for one in told.nodes("rdf:predicate")]
            if not others or not predicates:
                continue
            verdict = "different" if predicates[0].endswith("differentFrom") else "same"
            author = next((one.value for one in told.nodes("prov:wasAttributedTo")), "")
            who = words("judged-by-process") if author in _PROCESSES else author.rpartition("/")[2]
            day = number_formats.date(told.text("dct:created"), page.naming.language)
            why = " ; ".join((*told.texts("dct:description"), *told.texts("dct:references")))
            text = words(f"judged-{verdict}", who=who, day=day)
            yield others[0].value, f"{text}{words('because', why=why)}" if why else text
