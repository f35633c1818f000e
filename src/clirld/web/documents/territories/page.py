"""What the page of a territory shows, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from clirld.release.maps import write as map_file
from clirld.settings import BASE
from clirld.web.documents.initiatives.roles import numbers
from clirld.web.documents.territories import activity, relations
from clirld.web.documents.territories.activity import NOTHING, Many, Zoning
from clirld.web.documents.territories.alike import Alike, alike, departements
from clirld.web.documents.territories.communes import OfItsSize, of_its_size
from clirld.web.documents.territories.experience import Experience, experiences
from clirld.web.documents.territories.queries import Download, downloads
from clirld.web.documents.territories.relations import Event, Parts
from clirld.web.documents.territories.situation import Measure, Situation, measures, situations
from clirld.web.documents.territories.standing import Standing, standings
from clirld.web.documents.things import Thing, naming_it, read
from clirld.web.documents.told import Fact, Group, Part, Value
from clirld.web.documents.view import Page
from clirld.web.documents.wording import Words
from clirld.web.search.sheet import MOST_ROWS

_TERRITORY = f"{BASE}id/territory/"
_GROUPINGS = (f"{_TERRITORY}epci-", f"{_TERRITORY}ept-")
_SAID_ELSEWHERE = (
    *("dct:isPartOf", "dct:isReplacedBy", "clir:officialZoning", "clir:hasSituation", "geo:hasGeometry"),
    *("clir:population", "clir:populationYear", "schema:startDate", "schema:endDate", "dct:identifier"),
)
"""What the opening or a section says, so that the list of facts does not."""
_ON_MAP = ("epci", "departement")
_NEAREST_OF_COMMUNE = 3
_APART = ("clir:toTerritory", "clir:lackedIn")
"""What links to a territory and is shown as it is on other pages."""


@dataclass(frozen=True, slots=True)
class TerritoryPage:
    """The page of a territory. `grouping` is the grouping of communes that its situation is that of."""

    key: str
    kind: Value | None
    departements: list[Value]
    population: tuple[str, str, tuple[int, ...]] | None
    today: list[Value]
    end: Event | None
    end_day: str
    facts: list[Fact]
    wholes: list[Value]
    parts: list[Parts]
    grouping: Value | None
    situations: list[Situation]
    measures: list[Measure]
    standings: list[Standing]
    """Where its figures stand among those of its kind, where it is a grouping."""
    alike: Alike | None
    communes: OfItsSize | None
    """The communes that are like it, where it is a commune."""
    initiatives: Many
    organizations: Many
    bodies: list[tuple[Value, list[Part]]]
    zonings: list[Zoning]
    known_there: dict[str, int]
    experiences: list[Experience]
    events: list[Event]
    others: list[Group]
    downloads: list[Download]
    most_rows: int
    """Of the sheet of all that is found in it."""
    has_map: bool
    """Whether the release can be asked for a map."""
    missing: list[str] = field(default_factory=list)

    @property
    def above(self) -> Value | None:
        """What it lies in, where it does not say so itself: its département, or what it has become a part of."""
        found = self.today or self.departements
        return found[0] if len(found) == 1 else None

    @property
    def on_map(self) -> str:
        """The query string of its initiatives on the map; empty where the map cannot be asked for them."""
        level, _, code = self.key.rpartition("-")
        return urlencode({level: code}) if level in _ON_MAP and self.has_map and self.initiatives.count else ""

    @property
    def reuse(self) -> str:
        """The query string of the question of reuse; empty where it cannot be asked."""
        return urlencode({"territory": self.key}) if self.grouping else ""

    @property
    def opening_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of the opening."""
        values = (value.sources for fact in self.facts for value in fact.values)
        return numbers(*values, self.population[2] if self.population else ())

    @property
    def situation_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of its situation and figures."""
        figures = (figure.sources for measure in self.measures for figure in measure.figures)
        return numbers(*(one.sources for one in self.situations), *figures)

    @property
    def activity_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of what is done there."""
        found = (one.sources for one in (*self.initiatives.first, *self.organizations.first))
        held = (part.sources for _, parts in self.bodies for part in parts)
        return numbers(*found, *held, *(one.sources for one in self.zonings))

    @property
    def part_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of what lies in it."""
        return numbers(*(member.sources for one in self.parts for member in one.first))

    @property
    def event_sources(self) -> tuple[int, ...]:
        """Numbers of the sources of what happened to it."""
        return numbers(*(one.sources for one in self.events))


def territory(page: Page, words: Words, thing: Thing, title: str, link_properties: Iterable[str]) -> TerritoryPage:
    """The page of a territory."""
    store, release = page.naming.store, page.release.folder
    key = thing.iri.removeprefix(_TERRITORY)
    kind = next(iter(thing.nodes("clir:territoryKind")), None)
    facts = page.facts(thing.quads, title, _SAID_ELSEWHERE)
    population = _population(page, thing)
    wholes, parts = relations.wholes(page, thing), relations.parts(page, thing)
    events = relations.events(page, thing)
    grouping = _grouping(thing, wholes, page)
    about = [read(store, node) for node in naming_it(store, grouping, "clir:ofTerritory")] if grouping else []
    ended = bool(thing.of("schema:endDate"))
    comparison = next((one for one in about if "/id/comparison/" in one.iri), None)
    own = (
        about
        if grouping == thing.node
        else [read(store, node) for node in naming_it(store, thing.node, "clir:ofTerritory")]
    )
    # The page of a commune shows the beginning of what is said of its grouping, after what is said of itself.
    communes = of_its_size(page, release, key) if key.startswith("commune-") and not ended else None
    nearest = alike(page, comparison, 10 if grouping == thing.node else _NEAREST_OF_COMMUNE) if comparison else None
    bodies = activity.public_bodies(page, thing)
    made = TerritoryPage(
        key,
        page.value(kind) if kind else None,
        departements(page, thing.node, looked_at=200) if grouping == thing.node else [],
        population,
        [page.value(node) for node in thing.nodes("dct:isReplacedBy")],
        relations.end(events, thing) if ended else None,
        thing.text("schema:endDate"),
        [*_opening(page, words, thing, wholes), *facts],
        wholes,
        parts,
        page.value(grouping) if grouping else None,
        situations(page, [one for one in about if "/id/situation-finding/" in one.iri], comparison),
        measures(page, words, [one for one in own if "/id/territory-observation/" in one.iri]),
        standings(release, key, page.naming.language) if grouping == thing.node else [],
        nearest,
        communes,
        activity.initiatives(page, release, key) if not ended else NOTHING,
        activity.organizations(page, release, key, [body.iri for body, _ in bodies]) if not ended else NOTHING,
        bodies,
        activity.zonings(page, thing, _communes(parts) if grouping == thing.node else ()),
        activity.counts(
            release, [one.key for found in (nearest, communes and communes.alike) if found for one in found.neighbours]
        ),
        _experiences(page, grouping, nearest) if grouping else [],
        events,
        page.groups_by(thing.node, *_APART),
        downloads(words, thing.iri, key, bool(thing.of("geo:hasGeometry"))),
        MOST_ROWS,
        (release / map_file.FILE).is_file(),
    )
    made.missing.extend(_missing(words, thing, made))
    return made


def _grouping(thing: Thing, wholes: Iterable[Value], page: Page) -> NamedNode | None:
    """The grouping of communes that a territory is or lies in: that of its commune, where it is a part of one."""
    if "/epci-" in thing.iri:
        return thing.node
    for one in wholes:
        if "/epci-" in one.iri:
            return NamedNode(one.iri)
    for one in wholes:
        if "/commune-" in one.iri:
            found = (
                node
                for node in read(page.naming.store, NamedNode(one.iri)).nodes("dct:isPartOf")
                if "/epci-" in node.value
            )
            return next(found, None)
    return None


def _communes(parts: Iterable[Parts]) -> list[str]:
    return [iri for one in parts for iri in one.keys if "/commune-" in iri]


def _opening(page: Page, words: Words, thing: Thing, wholes: list[Value]) -> Iterator[Fact]:
    """What it lies in; the number of a grouping of communes, which is what identifies it."""
    if wholes:
        yield Fact("", words("lies-in"), wholes)
    if thing.iri.startswith(_GROUPINGS):
        for quad in thing.of("dct:identifier"):
            yield Fact("", words("row-siren"), [page.value(quad.object, [quad])])


def _population(page: Page, thing: Thing) -> tuple[str, str, tuple[int, ...]] | None:
    count = thing.text("clir:population")
    return (count, thing.text("clir:populationYear"), page.numbers(thing.of("clir:population"))) if count else None


def _experiences(page: Page, grouping: NamedNode, nearest: Alike | None) -> list[Experience]:
    neighbours = [(one.rank, one.key) for one in nearest.neighbours] if nearest else []
    return experiences(page, grouping.value.removeprefix(_TERRITORY), neighbours)


def _missing(words: Words, thing: Thing, made: TerritoryPage) -> Iterator[str]:
    if made.end_day:
        if not made.today:
            yield words("missing-successor")
        return
    if not made.initiatives.count:
        yield words("missing-initiatives")
    if not made.organizations.count:
        yield words("missing-organizations")
    if made.grouping and made.grouping.iri == thing.iri:
        if made.alike is None or not made.alike.neighbours:
            yield words("missing-comparison")
        if not made.measures:
            yield words("missing-measures")
    if made.grouping and not made.experiences:
        yield words("missing-experience")
