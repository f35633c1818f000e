"""Who cooperates with whom around one thing: its participations, and what else they lead to.

Of an initiative: who takes part, and in what else they do. Of an organization: in what it takes part, and who else
does. Both are bounded, and laid out in three columns by name and by the mean place of the neighbours (Sugiyama, Tagawa
and Toda 1981, one pass): the same data give the same drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from statistics import fmean

from pyoxigraph import NamedNode

from clirld.query.failure import Failure
from clirld.settings import BASE
from clirld.web import number_formats, protocol
from clirld.web.documents.lookup import kind, outgoing
from clirld.web.documents.naming import Naming, whole
from clirld.web.documents.sources import graph_of
from clirld.web.figures.layout import Line, Node, columns
from clirld.web.figures.picture import Column, Picture

NETWORK = "network"
KINDS = ("initiative", "organization")
"""What has a network."""
_READ, _READ_OF_EACH, _LISTED = 400, 60, 120
"""Participations that are read of the thing and of each neighbour; neighbours that the list has."""
DRAWN = 24
"""Neighbours, and things beyond them, that are drawn."""
_WHOLE, _MEMBER, _ROLE = (NamedNode(whole(f"org:{name}")) for name in ("organization", "member", "role"))
_PUBLIC_ROLE = f"{BASE}concept/public-actor-role/"
_PUBLIC_BODY = NamedNode("http://data.europa.eu/m8g/PublicOrganisation")
_TYPE = NamedNode(whole("rdf:type"))


@dataclass(slots=True)
class Neighbour:
    """What takes part with the thing, or what it takes part in."""

    iri: str
    roles: set[str] = field(default_factory=set)
    graphs: set[str] = field(default_factory=set)
    beyond: set[str] = field(default_factory=set)
    """IRIs of what else it takes part in, or who else takes part in it."""
    is_public: bool = False


@dataclass(slots=True)
class Network:
    """A thing and its neighbours; `is_cut` says that there are more than were read."""

    iri: str
    neighbours: list[Neighbour]
    is_cut: bool


def read(naming: Naming, iri: str) -> Network:
    """The network around an initiative or an organization, its neighbours by name, public actors first."""
    thing, store = NamedNode(iri), naming.store
    here, there = (_WHOLE, _MEMBER) if kind(iri) == "initiative" else (_MEMBER, _WHOLE)
    found: dict[str, Neighbour] = {}
    quads = list(islice(store.quads_for_pattern(None, here, thing, None), _READ + 1))
    for quad in quads[:_READ]:
        if not isinstance(quad.subject, NamedNode):
            continue
        said = outgoing(store, quad.subject)
        for other in (one.object for one in said if one.predicate == there and isinstance(one.object, NamedNode)):
            neighbour = found.setdefault(other.value, Neighbour(other.value))
            roles = {one.object.value for one in said if one.predicate == _ROLE and isinstance(one.object, NamedNode)}
            neighbour.roles |= roles
            neighbour.graphs |= {graph_of(one) for one in said if one.predicate == there}
            neighbour.is_public |= any(role.startswith(_PUBLIC_ROLE) for role in roles)
    for neighbour in found.values():
        neighbour.is_public |= _is_public_body(naming, neighbour.iri)
    order = sorted(found.values(), key=lambda one: (not one.is_public, naming.label(one.iri).casefold(), one.iri))
    for neighbour in order[:_LISTED]:
        neighbour.beyond = set(_beyond(naming, neighbour.iri, here, there)) - {iri}
    return Network(iri, order[:_LISTED], len(quads) > _READ or len(order) > _LISTED)


def _beyond(naming: Naming, iri: str, here: NamedNode, there: NamedNode) -> Iterable[str]:
    found = naming.store.quads_for_pattern(None, there, NamedNode(iri), None)
    for quad in sorted(islice(found, _READ_OF_EACH), key=str):
        if isinstance(quad.subject, NamedNode):
            for one in naming.store.quads_for_pattern(quad.subject, here, None, None):
                if isinstance(one.object, NamedNode):
                    yield one.object.value


def _is_public_body(naming: Naming, iri: str) -> bool:
    found = naming.store.quads_for_pattern(NamedNode(iri), _TYPE, _PUBLIC_BODY, None)
    return next(found, None) is not None


def picture(naming: Naming, thing: str, say: Mapping[str, str], titles: Mapping[str, str]) -> Picture:
    """The network around a thing, `initiative/…` or `organization/…`. Raises protocol.Refused where there is none."""
    iri = f"{BASE}id/{thing}"
    try:
        is_there = next(naming.store.quads_for_pattern(NamedNode(iri), None, None, None), None) is not None
    except ValueError:  # no IRI
        is_there = False
    if kind(iri) not in KINDS or not is_there:
        raise protocol.Refused(Failure("unknown-iri", detail={"iri": iri[:200]}))
    network = read(naming, iri)
    of_initiative = kind(iri) == "initiative"
    name, language = naming.label(iri), naming.language
    shown = network.neighbours[:DRAWN]
    beyond = _shared_first(shown, naming)
    said = {
        "name": name,
        "members": number_formats.number(len(network.neighbours), language),
        "public": number_formats.number(sum(one.is_public for one in network.neighbours), language),
        "others": number_formats.number(len({other for one in network.neighbours for other in one.beyond}), language),
    }
    which = "initiative" if of_initiative else "organization"
    first, last = ("member", "initiative") if of_initiative else ("initiative", "member")
    notes = [say["network_note"]] if network.neighbours else [say["network_none"]]
    if len(network.neighbours) > DRAWN:
        listed = number_formats.number(len(network.neighbours), language)
        notes.append(say["network_cut"].format(shown=DRAWN, listed=listed))
    if network.is_cut:
        notes.append(say["network_more"])
    rows = [
        [
            naming.label(one.iri),
            say["yes_public"] if one.is_public else "",
            ", ".join(sorted(naming.label(role) for role in one.roles)),
            ", ".join(sorted(titles.get(graph, graph) for graph in map(_source, one.graphs))),
            "; ".join(sorted(naming.label(other) for other in one.beyond)),
        ]
        for one in network.neighbours
    ]
    return Picture(
        NETWORK,
        f"thing={thing}",
        say["network_title"].format(name=name),
        say[f"network_description_{which}"].format(**said),
        [
            Column(first, say[first], is_number=False),
            Column("public", say["is_public"], is_number=False),
            Column("role", say["role"], is_number=False),
            Column("source", say["attested"], is_number=False),
            Column(f"other_{last}", say[last], is_number=False),
        ],
        rows,
        partial(columns, nodes=_nodes(naming, network, shown, beyond), lines=_lines(iri, shown, beyond),
                words=(say["network_public"], say["network_other"], say["network_initiative"])),
        sorted({_source(graph) for one in network.neighbours for graph in one.graphs}),
        notes,
        [one.iri for one in network.neighbours],
        width=900,
    )  # fmt: skip


def _source(graph: str) -> str:
    return graph.removeprefix(f"{BASE}graph/")


def _shared_first(shown: Sequence[Neighbour], naming: Naming) -> list[str]:
    """What lies beyond the neighbours that are drawn: what most of them share first, as many as are drawn."""
    count: dict[str, int] = {}
    for one in shown:
        for other in one.beyond:
            count[other] = count.get(other, 0) + 1
    return sorted(count, key=lambda one: (-count[one], naming.label(one).casefold(), one))[:DRAWN]


def _nodes(
    naming: Naming, network: Network, shown: Sequence[Neighbour], beyond: Sequence[str]
) -> tuple[list[Node], list[Node], list[Node]]:
    places = {one: [n for n, neighbour in enumerate(shown) if one in neighbour.beyond] for one in beyond}
    last = sorted(beyond, key=lambda one: (fmean(places[one]), naming.label(one).casefold(), one))
    public = {one.iri for one in shown if one.is_public}

    def node(iri: str) -> Node:
        if kind(iri) == "initiative":
            return Node(iri, naming.label(iri), "diamond")
        is_public = iri in public or _is_public_body(naming, iri)
        return Node(iri, naming.label(iri), "square" if is_public else "circle")

    return [node(network.iri)], [node(one.iri) for one in shown], [node(one) for one in last]


def _lines(iri: str, shown: Sequence[Neighbour], beyond: Sequence[str]) -> list[Line]:
    near = [Line(iri, one.iri) for one in shown]
    return near + [Line(one.iri, other) for one in shown for other in beyond if other in one.beyond]
