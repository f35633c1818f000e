"""The state of a store, kept in a graph of its own there: which release it holds, or what is under way.

    <…/graph/publication>       dct:hasPart  each graph that was put, with void:triples and, as long as it is certain
                                what it holds, spdx:checksum: the SHA-256 of its N-Triples, sorted
                                dct:source the dump of each licence group, where not all groups were asked for
    <…/graph/publication#run>   a prov:Activity; prov:endedAtTime once it is done; prov:used the release; prov:generated
                                the staging graphs there are, with a checksum once they are whole

While a release is brought in, it dct:replaces the one before, and no graph that may be half replaced has a checksum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode, Quad, Triple

from clirld.release import code_lists
from clirld.release.statements import integer, iri, statements, typed
from clirld.settings import BASE

GRAPH = f"{BASE}graph/publication"
"""The graph of the state, in the store."""
_SET = NamedNode(GRAPH)
_RUN = NamedNode(f"{GRAPH}#run")

_LABELS = {
    "en": {
        "complete": "Release {release}, complete",
        "beside": "Release {before}, complete; {release} is being prepared: {done} of {all} graphs",
        "first": "Release {release} is being brought in: {done} of {all} graphs",
        "after": "From release {before} to {release}, not done yet: {done} of {all} graphs",
        "groups": "{release} (licence groups: {groups})",
    },
    "fr": {
        "complete": "Version {release}, complète",
        "beside": "Version {before}, complète ; {release} se prépare : {done} graphes sur {all}",
        "first": "Version {release} en cours d'arrivée : {done} graphes sur {all}",
        "after": "De la version {before} à {release}, pas encore achevé : {done} graphes sur {all}",
        "groups": "{release} (groupes de licences : {groups})",
    },
}


@dataclass(frozen=True, slots=True)
class Part:
    """A graph in the store: its triples, and the SHA-256 of what was put, None where what it holds is not certain."""

    triples: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What a store says of itself: its graphs by IRI, and those that nobody is to read.

    `ended` is None while `release` is being brought in; `before` is the one that was there whole until then.
    `groups` are the licence groups that were asked for; none: all that the release has.
    """

    run: str
    release: str
    started: str
    ended: str | None = None
    before: str | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    staging: Mapping[str, Part] = field(default_factory=dict)
    groups: tuple[str, ...] = ()

    @property
    def held(self) -> str | None:
        """The release that was there whole, last."""
        return self.release if self.ended else self.before

    @property
    def kind(self) -> str:
        """Of what is read in the store: `complete`, `beside` (the one before is, and the next is prepared),
        `first` (nothing was there before) or `after` (a mix of two).
        """
        if self.ended:
            return "complete"
        if self.before is None:
            return "first"
        return "beside" if self.parts and all(part.sha256 for part in self.parts.values()) else "after"

    @property
    def under_way(self) -> Mapping[str, Part]:
        """The graphs that are being brought in: those that have a checksum are."""
        return self.staging if self.kind == "beside" else self.parts

    def labels(self) -> dict[str, str]:
        """It in one sentence, in French and English."""
        done = sum(part.sha256 is not None for part in self.under_way.values())
        numbers = {"before": self.before, "done": done, "all": len(self.under_way)}
        return {
            language: texts[self.kind].format(release=self._named(texts["groups"]), **numbers)
            for language, texts in _LABELS.items()
        }

    def _named(self, text: str) -> str:
        return text.format(release=self.release, groups=", ".join(self.groups)) if self.groups else self.release


def written(state: State) -> list[str]:
    """A state as lines of N-Triples."""
    return sorted({f"{quad.triple} .\n" for quad in _statements(state)})


def _release(identifier: str) -> NamedNode:
    return NamedNode(f"{BASE}release/{identifier}/")


def _statements(state: State) -> Iterator[Quad]:
    release = _release(state.release)
    yield from statements(_RUN, "a", iri("prov:Activity"))
    yield from statements(_RUN, "dct:identifier", Literal(state.run))
    yield from statements(_RUN, "rdfs:label", *(Literal(text, language=tag) for tag, text in state.labels().items()))
    yield from statements(_RUN, "prov:startedAtTime", typed(state.started, "xsd:dateTime"))
    if state.ended:
        yield from statements(_RUN, "prov:endedAtTime", typed(state.ended, "xsd:dateTime"))
    yield from statements(_RUN, "prov:used", release)
    yield from statements(release, "dct:identifier", Literal(state.release))
    if state.before:
        yield from statements(release, "dct:replaces", _release(state.before))
        yield from statements(_release(state.before), "dct:identifier", Literal(state.before))
    yield from statements(_SET, "a", iri("prov:Collection"))
    yield from statements(_SET, "prov:wasGeneratedBy", _RUN)
    for group in state.groups:
        dump = NamedNode(f"{release.value}dump/clirld-{group}.nq.gz")
        yield from statements(_SET, "dct:source", dump)
        yield from statements(dump, "dct:identifier", Literal(group))
    for owner, predicate, parts in ((_SET, "dct:hasPart", state.parts), (_RUN, "prov:generated", state.staging)):
        for name, part in parts.items():
            graph = NamedNode(name)
            yield from statements(owner, predicate, graph)
            yield from statements(graph, "a", iri("prov:Entity"))
            yield from statements(graph, "void:triples", integer(part.triples))
            if part.sha256:
                yield from code_lists.sha256(graph, part.sha256, NamedNode(f"{BASE}id/checksum/sha256-{part.sha256}"))


def read(triples: Iterable[Triple]) -> State | None:
    """The state that triples tell; None where they tell none.

    Raises ValueError where they are something else.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
            found.setdefault((triple.subject.value, triple.predicate.value), []).append(triple.object.value)
    if not found:
        return None

    def values(subject: str, predicate: str) -> list[str]:
        return found.get((subject, iri(predicate).value), [])

    def one(subject: str, predicate: str) -> str:
        return values(subject, predicate)[0]

    def parts(owner: str, predicate: str) -> dict[str, Part]:
        return {name: Part(int(one(name, "void:triples")), checksum(name)) for name in sorted(values(owner, predicate))}

    def checksum(name: str) -> str | None:
        nodes = values(name, "spdx:checksum")
        return one(nodes[0], "spdx:checksumValue").lower() if nodes else None

    try:
        release = one(_RUN.value, "prov:used")
        before = values(release, "dct:replaces")
        return State(
            run=one(_RUN.value, "dct:identifier"),
            release=one(release, "dct:identifier"),
            started=one(_RUN.value, "prov:startedAtTime"),
            ended=next(iter(values(_RUN.value, "prov:endedAtTime")), None),
            before=one(before[0], "dct:identifier") if before else None,
            parts=parts(GRAPH, "dct:hasPart"),
            staging=parts(_RUN.value, "prov:generated"),
            groups=tuple(sorted(one(dump, "dct:identifier") for dump in values(GRAPH, "dct:source"))),
        )
    except IndexError:
        raise ValueError("no state of a publication") from None
