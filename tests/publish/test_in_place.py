"""A store that knows graphs and nothing else: one after another, and the state says how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld.errors import PublishError
from clirld.publish import graphs
from clirld.publish.run import publish
from clirld.publish.state import GRAPH
from clirld.settings import BASE
from tests.publish.stores import Asked, GraphServer, Handler, content, expected, graph_server, release, target, triples

OLD, NEW = "20261124T101530Z-3f9a1c2b", "20261125T101530Z-4f9a1c2b"
CARTES, LIEUX, TIERS = (f"{BASE}graph/{name}" for name in ("cartes", "lieux", "tiers"))


@pytest.fixture
def server() -> Iterator[GraphServer]:
    with graph_server() as found:
        yield found


def held(server: GraphServer) -> set[str]:
    """What is in the store, the state aside."""
    return {str(quad) for quad in server.store if quad.graph_name != ox.NamedNode(GRAPH)}


def test_graphs_are_replaced_one_after_another_the_catalogue_last(server: GraphServer, tmp_path: Path) -> None:
    before, after = content(), content(lieux=31, catalog=5, derived=0)
    del after.graphs["tiers"]
    there = target(server.url)
    publish(there, OLD, graphs.of_release(release(tmp_path, before, OLD)))
    assert held(server) == expected(before)
    first = len(server.put())
    outcome = publish(there, NEW, graphs.of_release(release(tmp_path, after, NEW)))
    assert server.put()[first:] == [LIEUX, f"{BASE}graph/catalog"]
    assert (outcome.swapped, outcome.deleted) == (False, [TIERS])
    assert held(server) == expected(after)


def test_the_state_says_how_far_it_is(server: GraphServer, tmp_path: Path) -> None:
    there = target(server.url)
    publish(there, OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    said: list[str] = []

    def look(_handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method == "PUT" and asked.is_of_data:
            quads = server.store.quads_for_pattern(
                None, ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), None
            )
            said.extend(quad.object.value for quad in quads if getattr(quad.object, "language", "") == "en")
        return False

    server.fault = look
    publish(there, NEW, graphs.of_release(release(tmp_path, content(lieux=31, tiers=21), NEW)))
    assert said == [f"From release {OLD} to {NEW}, not done yet: {done} of 8 graphs" for done in (6, 7)]


@pytest.mark.parametrize("first", [True, False])
def test_what_breaks_off_is_said_and_taken_up(server: GraphServer, tmp_path: Path, first: bool) -> None:
    there, what = target(server.url), content(cartes=11, lieux=31, tiers=21)
    if not first:
        publish(there, OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    done = len(server.put())

    def break_off(handler: Handler, asked: Asked, number: int) -> bool:
        if not (asked.method == "PUT" and asked.graph == LIEUX):
            return False
        server.store.clear_graph(ox.NamedNode(LIEUX))  # as a store without transactions would be left
        return handler.hang_up()

    server.fault = break_off
    wanted = graphs.of_release(release(tmp_path, what, NEW))
    with pytest.raises(PublishError, match="the store does not answer"):
        publish(there, NEW, wanted)
    assert server.put()[done:].count(LIEUX) == 3, "a PUT is made again, as often as the settings say"
    server.fault = None
    state = there.state()
    assert state
    assert (state.kind, state.held) == (("first", None) if first else ("after", OLD))
    uncertain = {iri for iri, part in state.parts.items() if part.sha256 is None}
    assert uncertain == ({one.iri for one in wanted[4:]} if first else {LIEUX, TIERS})
    outcome = publish(there, NEW, wanted)
    assert outcome.resumed
    assert set(outcome.sent) == uncertain
    assert held(server) == expected(what)


def test_going_back_after_a_break_sends_what_is_not_certain(server: GraphServer, tmp_path: Path) -> None:
    there, before = target(server.url), graphs.of_release(release(tmp_path, content(), OLD))
    publish(there, OLD, before)
    server.fault = lambda handler, asked, _number: asked.graph == LIEUX and asked.method == "PUT" and handler.hang_up()
    with pytest.raises(PublishError):
        publish(there, NEW, graphs.of_release(release(tmp_path, content(cartes=11, lieux=31), NEW)))
    server.fault = None
    assert set(publish(there, OLD, before).sent) == {CARTES, LIEUX}
    assert held(server) == expected(content())


def test_a_graph_that_does_not_arrive_whole_is_told(server: GraphServer, tmp_path: Path) -> None:
    """Virtuoso 7.2 answers 201 to a body in pieces, and keeps nothing of it."""

    def lose(handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method == "PUT" and asked.graph == LIEUX:
            server.store.load(
                input=asked.body[: asked.body.index(b"\n") + 1],
                format=ox.RdfFormat.N_TRIPLES,
                to_graph=ox.NamedNode(LIEUX),
            )
            handler.reply(201)
            return True
        return False

    server.fault = lose
    with pytest.raises(PublishError, match=f"{LIEUX} has 1 triples, and should have 30") as caught:
        publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    assert "docs/operate.md" in caught.value.do


def test_a_body_has_its_length(server: GraphServer, tmp_path: Path) -> None:
    publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    put = [asked for asked in server.asked if asked.method == "PUT"]
    assert all(int(asked.headers["Content-Length"]) == len(asked.body) > 0 for asked in put)
    assert not any("Content-Encoding" in asked.headers for asked in put)


def test_a_store_that_says_so_gets_packed_bodies(server: GraphServer, tmp_path: Path) -> None:
    def say_and_refuse(handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method == "GET" and asked.graph == GRAPH and not server.put():
            if any(one.method == "PUT" for one in server.asked):
                return False
            handler.reply(404, Accept_Encoding="gzip, deflate")
            return True
        if asked.headers.get("Content-Encoding") == "gzip":
            handler.reply(415, b"not that")
            return True
        return False

    server.fault = say_and_refuse
    with pytest.raises(PublishError, match="the store answered 415: “not that”"):
        publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(), OLD)))


def test_whoever_begins_later_goes_on_alone(server: GraphServer, tmp_path: Path) -> None:
    later = graphs.of_release(release(tmp_path, content(lieux=5), NEW))

    def begin_another(_handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method == "PUT" and asked.graph == LIEUX and server.fault:
            server.fault = None
            publish(target(server.url), NEW, later)
        return False

    server.fault = begin_another
    with pytest.raises(PublishError, match="another publication has begun meanwhile"):
        publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    state = target(server.url).state()
    assert state
    assert state.release == NEW


def test_a_store_that_keeps_nothing_is_told_before_anything_is_sent(server: GraphServer, tmp_path: Path) -> None:
    def forget(handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method == "PUT":
            handler.reply(204)
        return asked.method == "PUT"

    server.fault = forget
    with pytest.raises(PublishError, match="does not keep what it is given"):
        publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    assert server.put() == []


def test_a_graph_of_somebody_else_in_the_place_of_the_state(server: GraphServer, tmp_path: Path) -> None:
    server.store.add(ox.Quad(*(ox.NamedNode(f"urn:{one}") for one in "abc"), ox.NamedNode(GRAPH)))  # type: ignore[call-arg]
    with pytest.raises(PublishError, match="is not what a publication leaves"):
        publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    assert server.put() == []


def test_an_empty_graph_is_none(server: GraphServer, tmp_path: Path) -> None:
    publish(target(server.url), OLD, graphs.of_release(release(tmp_path, content(lieux=0), OLD)))
    assert LIEUX not in server.put()
    assert triples("lieux", 0) == []
