"""What the page of an initiative or of an organization shows, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode

from clirld.web.documents.initiatives.moments import Timeline, timeline
from clirld.web.documents.initiatives.roles import MOST, Roles, is_unspecified, numbers, roles
from clirld.web.documents.naming import whole
from clirld.web.documents.same_thing.elsewhere import Elsewhere, elsewhere
from clirld.web.documents.same_thing.side_by_side import SideBySide, side_by_side
from clirld.web.documents.things import Thing, naming_it, objects, readable
from clirld.web.documents.told import Fact, Group, Part, Value
from clirld.web.documents.view import PUBLIC_BODY, Page
from clirld.web.documents.wording import Words

_IN_THE_LINE = (
    *("clir:initiativeKind", "clir:seatedIn", "dct:description"),
    *("clir:startYear", "clir:legalForm", "schema:foundingDate"),
)
"""What the opening says, so that the list of facts does not."""
_PLACED = {whole("locn:address"), whole("clir:seatedIn")}
"""Properties that say where something is."""
_LEVELS = 3
"""Of territories above a commune: its grouping or département, its region."""
_TOLD_APART = (
    *("org:organization", "clir:recognises", "clir:withinInitiative"),
    *("org:member", "owl:sameAs", "owl:differentFrom"),
)
"""What links here and has its own section."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The page of an initiative or of an organization."""

    kinds: list[Value]
    places: list[Value]
    wider: list[Value]
    since: list[Value]
    description: list[Value]
    facts: list[Fact]
    roles: Roles | None
    held: list[Part]
    timeline: Timeline
    elsewhere: Elsewhere
    compared: SideBySide | None
    others: list[Group]
    cut: dict[str, Group]
    """Roles of which the page may not have all, by the property that leads to them."""
    is_public: bool
    """Whether it is a public body."""
    names: list[Value] = field(default_factory=list)
    """Its names, where sources give it several: one of them stands at the top."""
    missing: list[str] = field(default_factory=list)

    @property
    def above(self) -> Value | None:
        """Where it is, if that is one place."""
        return self.places[0] if len(self.places) == 1 else None

    @property
    def fact_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of the opening."""
        values = [value for fact in self.facts for value in fact.values]
        return numbers(*(one.sources for one in (*self.kinds, *self.places, *self.since, *self.description, *values)))

    @property
    def has_network(self) -> bool:
        """Whether several take part, or it takes part in several: who cooperates with whom is worth a drawing."""
        return bool(self.roles and len(self.roles.public) + len(self.roles.others) > 1) or len(self.held) > 1

    @property
    def held_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of the roles that it holds."""
        return numbers(*(part.sources for part in self.held))


def initiative(page: Page, words: Words, thing: Thing, title: str, link_properties: Iterable[str]) -> Actor:
    """The page of an initiative. `link_properties` are those by which other things may name it."""
    groups = page.groups(thing.node, link_properties)
    made = _actor(page, words, thing, title, groups, _values(page, thing, "clir:initiativeKind"))
    made.missing.extend(_missing_of_initiative(words, thing, made))
    return made


def organization(page: Page, words: Words, thing: Thing, title: str, link_properties: Iterable[str]) -> Actor:
    """The page of an organization. `link_properties` are those by which other things may name it."""
    groups = page.groups(thing.node, link_properties)
    made = _actor(page, words, thing, title, groups, _values(page, thing, "clir:legalForm"))
    made.missing.extend(_missing_of_organization(words, thing, made))
    return made


def _actor(page: Page, words: Words, thing: Thing, title: str, groups: Sequence[Group], kinds: list[Value]) -> Actor:
    parts = _parts(groups)
    places = _values(page, thing, "clir:seatedIn") or _values(page, thing, "clir:jurisdiction")
    acting = [] if places else _values(page, thing, "clir:actsIn")
    if innermost := _innermost(page, acting):
        places, acting = [innermost], []
    since = _values(page, thing, "clir:startYear", "schema:foundingDate")
    description = _values(page, thing, "dct:description")
    every_fact = page.facts(thing.quads, title, ("owl:sameAs", "owl:differentFrom", "clir:completeness"))
    if _is_address_corrected(page, thing):
        every_fact = [_of_before(fact, words) for fact in every_fact]
    hidden = {whole(name) for name in _IN_THE_LINE}
    contradicted = [fact for fact in every_fact if fact.by_source]
    facts = [fact for fact in every_fact if fact.predicate not in hidden or fact in contradicted]
    is_initiative = whole("clir:Initiative") in {node.value for node in thing.nodes("rdf:type")}
    told = roles(page.naming, parts.get("org:organization", ())) if is_initiative else None
    line = timeline(words, every_fact, parts)
    found = elsewhere(page, words, thing, page.release.folder)
    return Actor(
        kinds,
        places,
        acting,
        since,
        description,
        facts,
        told,
        list(parts.get("org:member", ()))[:MOST],
        line,
        found,
        side_by_side(page, words, thing, found.others),
        [group for group in groups if group.name not in _TOLD_APART],
        {group.name: group for group in groups if group.more or group.count > MOST},
        PUBLIC_BODY in thing.nodes("rdf:type"),
        _names(page, thing),
    )


def _is_address_corrected(page: Page, thing: Thing) -> bool:
    """Whether an accepted contribution contradicts where it is said to be."""
    store = page.naming.store
    return any(
        objects(store, one, "clir:contradicts")
        and _PLACED & {node.value for node in objects(store, one, "rdf:predicate")}
        for one in naming_it(store, thing.node, "rdf:subject")
    )


def _of_before(fact: Fact, words: Words) -> Fact:
    """A position with the note that it is that of the address before its correction; any other fact as it is."""
    if fact.predicate != whole("geo:hasGeometry"):
        return fact
    return replace(fact, values=[replace(one, note=words("position-before")) for one in fact.values])


def _innermost(page: Page, acting: Sequence[Value]) -> Value | None:
    """The one of some territories that lies in all the others; None where they are side by side."""
    for value in acting:
        around, ahead = {value.iri}, [value.iri]
        for _ in range(_LEVELS):
            ahead = [node.value for iri in ahead for node in objects(page.naming.store, NamedNode(iri), "dct:isPartOf")]
            around.update(ahead)
        if all(one.iri in around for one in acting):
            return value
        if len(acting) > _LEVELS + 1:
            return None
    return None


def _parts(groups: Iterable[Group]) -> Mapping[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for group in groups:
        found.setdefault(group.name, []).extend(group.parts)
    return found


def _values(page: Page, thing: Thing, *properties: str) -> list[Value]:
    """The values of some properties in the reader's language, each once, with all who say it."""
    quads = list(readable(thing.of(*properties), page.naming.language))
    said = dict.fromkeys(quad.object for quad in quads)
    return [page.value(term, [quad for quad in quads if quad.object == term]) for term in said]


def _names(page: Page, thing: Thing) -> list[Value]:
    found = {value.text: value for value in _values(page, thing, "rdfs:label", "rov:legalName")}
    return list(found.values()) if len(found) > 1 else []


def _missing_of_initiative(words: Words, thing: Thing, made: Actor) -> Iterator[str]:
    yield from _missing(words, thing, made, ("place", "start", "description", "website"))
    told = made.roles
    if not told:
        return
    every = [part for one in (told.public, told.others) for part in (*one.told, *one.untold, *one.rest)]
    if not every:
        yield words("missing-participants")
    elif not len(told.public):
        yield words("missing-public-actor")
    if unspecified := sum(any(map(is_unspecified, part.lead)) for part in every):
        yield words("missing-roles", count=unspecified)
    members = {one.iri for part in every for one in part.main if "/id/organization/" in one.iri}
    if unnumbered := sum("/siren-" not in iri and "/rna-" not in iri for iri in members):
        yield words("missing-numbers", count=unnumbered, of=len(members))


def _missing_of_organization(words: Words, thing: Thing, made: Actor) -> Iterator[str]:
    yield from _missing(words, thing, made, ("place",))
    if not thing.of("clir:siren", "clir:siret", "clir:rna"):
        yield words("missing-own-number")
    if not made.held:
        yield words("missing-held")


def _missing(words: Words, thing: Thing, made: Actor, names: Iterable[str]) -> Iterator[str]:
    has = {
        "place": bool(made.places or made.wider),
        "start": bool(made.since),
        "description": bool(made.description),
        "website": bool(thing.of("foaf:homepage", "foaf:page")),
    }
    for name in names:
        if not has[name]:
            yield words(f"missing-{name}")
    undated = [one for one in made.timeline.moments if one.lane == "recognition" and (one.is_of_call or not one.years)]
    if undated:
        yield words("missing-years", count=len(undated))
