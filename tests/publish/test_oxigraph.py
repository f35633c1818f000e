"""A release in the official Oxigraph server: the same quads, only what changed, a swap that nobody sees half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pyoxigraph import RdfFormat, Store, parse

from clirld.errors import PublishError
from clirld.publish import choice, graphs, run
from clirld.publish.client import LostAnswerError
from clirld.publish.endpoints import endpoints
from clirld.publish.run import publish
from clirld.publish.state import GRAPH
from clirld.release import published
from clirld.settings import BASE
from tests.dumps import quads_of
from tests.publish.stores import (
    Asked,
    Fault,
    Handler,
    content,
    expected,
    graph_server,
    oxigraph,
    quads,
    release,
    target,
)

OLD, NEW = "20261124T101530Z-3f9a1c2b", "20261125T101530Z-4f9a1c2b"
LIEUX, TIERS = f"{BASE}graph/lieux", f"{BASE}graph/tiers"


@pytest.fixture
def store() -> Iterator[str]:
    with oxigraph() as address:
        yield address


def staging_graphs(store: str) -> list[str]:
    query = "SELECT DISTINCT ?g { GRAPH ?g {} FILTER(STRSTARTS(STR(?g), 'urn:clirld:')) }"
    answer = requests.get(
        store.replace("/store", "/query"), {"query": query}, headers={"Accept": "text/csv"}, timeout=9
    )
    return answer.text.split()[1:]


def test_the_release_of_the_samples_arrives_as_it_is(store: str, samples: Path) -> None:
    served = published.current(samples)
    assert served
    wanted = graphs.of_release(served)
    there = target(store)
    outcome = publish(there, served.id, wanted)
    # Not the lines of the dumps: any Oxigraph writes the decimal 1.00 as 1.
    own = {str(quad) for quad in Store.read_only(str(served.folder / "store"))}
    assert quads(store) == own
    assert len(own) == served.manifest["quads"] == len(quads_of(served.folder))
    assert outcome.sent == {one.iri: one.triples for one in wanted} == outcome.counted
    state = there.state()
    assert state
    assert (state.kind, state.release, state.staging) == ("complete", served.id, {})
    assert {iri: part.sha256 for iri, part in state.parts.items()} == {one.iri: one.sha256 for one in wanted}
    assert choice.differing(there, state) == {}
    again = publish(there, served.id, wanted)
    assert (again.sent, again.deleted, again.counted) == ({}, [], outcome.counted)
    assert there.state() == state


def test_only_what_changed_is_sent_and_swapped(store: str, tmp_path: Path) -> None:
    before, after = content(), content(lieux=31, derived=0)
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    with graph_server(behind=store) as between:
        outcome = publish(target(between.url), NEW, graphs.of_release(release(tmp_path, after, NEW)))
        assert [graph.rpartition(":")[0] for graph in between.put()] == [f"{run.STAGING}lieux"]
    assert outcome.swapped
    assert outcome.sent == {LIEUX: 31}
    assert quads(store) == expected(after)
    assert staging_graphs(store) == []


def test_what_is_no_longer_published_is_deleted_and_what_is_others_stays(store: str, tmp_path: Path) -> None:
    theirs = "<urn:a> <urn:b> <urn:c>"
    requests.put(
        store, f"{theirs} .", params={"graph": "urn:theirs"}, headers={"Content-Type": "text/turtle"}, timeout=9
    )
    before, after = content(), content()
    del after.graphs["tiers"]
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    outcome = publish(target(store), NEW, graphs.of_release(release(tmp_path, after, NEW)))
    assert outcome.deleted == [TIERS]
    assert quads(store) == expected(after) | {f"{theirs} <urn:theirs>"}


@pytest.mark.parametrize("in_place", [False, True])
def test_nobody_reads_a_mix_of_two_releases(store: str, tmp_path: Path, in_place: bool) -> None:
    before, after = content(), content(lieux=31, tiers=25, cartes=9)
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    seen: list[set[str]] = []

    def look(_handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method != "GET":
            seen.append({quad for quad in quads(store) if run.STAGING not in quad})
        return False

    with graph_server(behind=store, fault=look) as between:
        wanted = graphs.of_release(release(tmp_path, after, NEW))
        outcome = publish(target(between.url), NEW, wanted, in_place=in_place)
    mixed = [one for one in seen if one not in (expected(before), expected(after))]
    assert outcome.swapped is not in_place
    assert bool(mixed) is in_place, "only in place there is a mix: else this test sees nothing"
    assert quads(store) == expected(after)


def broken_at(number: int, how: str) -> Fault:
    """A fault at the so-manieth graph, and at every try of it: half a body, no answer, a refusal, or a lie."""

    def fault(handler: Handler, asked: Asked, count: int) -> bool:
        if not (asked.method == "PUT" and asked.is_of_data and count >= number):
            return False
        if how == "refused":
            handler.reply(500, b"no room on the disk", Content_Type="text/plain")
            return True
        if how in ("half", "lied"):  # the store behind gets half of it, and takes that for the whole
            behind = handler.server.behind
            half = b"\n".join(asked.body.split(b"\n")[: asked.body.count(b"\n") // 2]) + b"\n"
            headers = {"Content-Type": "application/n-triples"}
            requests.put(behind, half, params=asked.parameters, headers=headers, timeout=9)
        if how == "lied":
            handler.reply(201)
            return True
        return handler.hang_up()

    return fault


@pytest.mark.parametrize("how", ["silent", "half", "refused"])
def test_what_breaks_off_in_staging_changes_nothing_and_is_taken_up(store: str, tmp_path: Path, how: str) -> None:
    before, after = content(), content(cartes=11, lieux=31, tiers=25)
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    wanted = graphs.of_release(release(tmp_path, after, NEW))
    with graph_server(behind=store, fault=broken_at(2, how)) as between, pytest.raises(PublishError) as caught:
        publish(target(between.url), NEW, wanted)
    assert ("no room on the disk" in caught.value.what) is (how == "refused")
    there = target(store)
    state = there.state()
    assert state
    assert (state.kind, state.held, state.release) == ("beside", OLD, NEW)
    assert [part.sha256 is not None for part in state.staging.values()] == [True, False, False]
    assert {quad for quad in quads(store) if run.STAGING not in quad} == expected(before)
    outcome = publish(there, NEW, wanted)
    assert outcome.resumed
    assert sorted(outcome.sent) == [LIEUX, TIERS], "what was whole there is not sent again"
    assert quads(store) == expected(after)
    assert staging_graphs(store) == []


def test_half_a_graph_is_never_swapped_in(store: str, tmp_path: Path) -> None:
    before = content()
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    wanted = graphs.of_release(release(tmp_path, content(lieux=31, tiers=26), NEW))
    fault = broken_at(2, "lied")
    with (
        graph_server(behind=store, fault=fault) as between,
        pytest.raises(PublishError, match=r"tiers:.* has 13 triples"),
    ):
        publish(target(between.url), NEW, wanted)
    assert {quad for quad in quads(store) if run.STAGING not in quad} == expected(before)


def test_what_was_whole_in_staging_is_counted_before_it_is_taken(store: str, tmp_path: Path) -> None:
    publish(target(store), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    wanted = graphs.of_release(release(tmp_path, content(lieux=31, tiers=26), NEW))
    with graph_server(behind=store, fault=broken_at(2, "silent")) as between, pytest.raises(PublishError):
        publish(target(between.url), NEW, wanted)
    requests.delete(store, params={"graph": staging_graphs(store)[0]}, timeout=9).raise_for_status()
    assert sorted(publish(target(store), NEW, wanted).sent) == [LIEUX, TIERS]
    assert quads(store) == expected(content(lieux=31, tiers=26))


def test_what_is_left_over_is_known_until_it_is_cleared(store: str, tmp_path: Path) -> None:
    publish(target(store), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    middle = graphs.of_release(release(tmp_path, content(lieux=31, tiers=26), "2-middle"))
    with graph_server(behind=store, fault=broken_at(2, "silent")) as between, pytest.raises(PublishError):
        publish(target(between.url), "2-middle", middle)
    left = staging_graphs(store)
    wanted = graphs.of_release(release(tmp_path, content(cartes=12), NEW))

    def keep(handler: Handler, asked: Asked, _number: int) -> bool:
        return asked.method == "DELETE" and handler.hang_up()

    with graph_server(behind=store, fault=keep) as between, pytest.raises(PublishError):
        publish(target(between.url), NEW, wanted)
    assert staging_graphs(store) == left != []
    publish(target(store), NEW, wanted)
    assert staging_graphs(store) == []


def test_what_is_left_over_is_cleared_where_another_release_comes(store: str, tmp_path: Path) -> None:
    before, middle, after = content(), content(lieux=31, tiers=25), content(tiers=25)
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    fault = broken_at(2, "half")
    with graph_server(behind=store, fault=fault) as between, pytest.raises(LostAnswerError):
        publish(target(between.url), "2-middle", graphs.of_release(release(tmp_path, middle, "2-middle")))
    assert len(staging_graphs(store)) == 2
    outcome = publish(target(store), NEW, graphs.of_release(release(tmp_path, after, NEW)))
    assert [iri.rpartition(":")[0] for iri in outcome.cleared] == [f"{run.STAGING}lieux", f"{run.STAGING}tiers"]
    assert outcome.found == (OLD, "2-middle")
    assert quads(store) == expected(after)
    assert staging_graphs(store) == []


def test_a_swap_that_is_refused_is_told_and_made_good(store: str, tmp_path: Path) -> None:
    before, after = content(), content(lieux=31)
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    wanted = graphs.of_release(release(tmp_path, after, NEW))

    def refuse(handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method == "POST":
            handler.reply(500, b"too large a transaction")
        return asked.method == "POST"

    with graph_server(behind=store, fault=refuse) as between, pytest.raises(PublishError, match="too large a trans"):
        publish(target(between.url), NEW, wanted)
    state = target(store).state()
    assert state
    assert state.kind == "after", "a store may have done half of it"
    assert [iri for iri, part in state.parts.items() if part.sha256 is None] == [LIEUX]
    assert quads(store) >= expected(before)
    # Going back to the release before sends what is not certain, though it was not touched here.
    back = publish(target(store), OLD, graphs.of_release(release(tmp_path / "again", before, OLD)))
    assert list(back.sent) == [LIEUX]
    assert quads(store) == expected(before)
    publish(target(store), NEW, wanted)
    assert quads(store) == expected(after)


def test_a_store_without_updates_is_told_what_to_do(store: str, tmp_path: Path) -> None:
    publish(target(store), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    wanted = graphs.of_release(release(tmp_path, content(lieux=31), NEW))
    nowhere = endpoints(store, update=store.replace("/store", "/nowhere"))
    with pytest.raises(PublishError, match="no updates are taken there") as caught:
        publish(target(store, addresses=nowhere), NEW, wanted)
    assert "--in-place" in caught.value.do
    assert not publish(target(store, addresses=nowhere), NEW, wanted, in_place=True).swapped
    assert quads(store) == expected(content(lieux=31))


@pytest.mark.parametrize("done", [True, False])
def test_a_swap_whose_answer_is_lost_is_known_by_the_state(store: str, tmp_path: Path, done: bool) -> None:
    before, after = content(), content(lieux=31)
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    wanted = graphs.of_release(release(tmp_path, after, NEW))

    def lose(handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.method != "POST":
            return False
        if done:
            update, headers = store.replace("/store", "/update"), {"Content-Type": asked.headers["Content-Type"]}
            assert requests.post(update, asked.body, headers=headers, timeout=9).status_code == 204
        return handler.hang_up()

    with graph_server(behind=store, fault=lose) as between:
        if done:
            assert publish(target(between.url), NEW, wanted).swapped
            assert quads(store) == expected(after)
        else:
            with pytest.raises(LostAnswerError):
                publish(target(between.url), NEW, wanted)
        assert sum(asked.method == "POST" for asked in between.asked) == 1, "a swap is never asked for twice"


@pytest.mark.parametrize("number", [1, 2, 4])
def test_killed_in_the_middle(tmp_path: Path, samples: Path, number: int, store: str) -> None:
    served = published.current(samples)
    assert served
    before = content()
    publish(target(store), OLD, graphs.of_release(release(tmp_path, before, OLD)))
    reached = threading.Event()

    def stall(_handler: Handler, asked: Asked, count: int) -> bool:
        if not (asked.method == "PUT" and asked.is_of_data and count == number):
            return False
        reached.set()
        threading.Event().wait(20)
        return True

    program = "from clirld.cli.app import main; main()"
    with graph_server(behind=store, fault=stall) as between:
        command = [sys.executable, "-c", program, "publish", "--to", between.url, "--data", str(samples)]
        command += ["--update", store.replace("/store", "/update"), "--query", store.replace("/store", "/query")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert reached.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    state = target(store).state()
    assert state
    assert (state.kind, state.held, state.release) == ("beside", OLD, served.id)
    assert sum(part.sha256 is not None for part in state.staging.values()) == number - 1
    assert {quad for quad in quads(store) if run.STAGING not in quad} == expected(before)
    wanted = graphs.of_release(served)
    outcome = publish(target(store), served.id, wanted)
    assert len(outcome.sent) == len(wanted) - (number - 1)
    assert len(quads(store)) == served.manifest["quads"]


def test_the_default_graph_has_everything_once(store: str, tmp_path: Path) -> None:
    before, after = content(), content(lieux=31)
    for what in (before, after):
        what.graphs["tiers"].append(what.graphs["lieux"][0])  # said by two sources
    there = target(store)
    publish(there, OLD, graphs.of_release(release(tmp_path, before, OLD), default_graph=True))
    publish(there, NEW, graphs.of_release(release(tmp_path, after, NEW), default_graph=True))
    found = quads(store)
    named = {quad for quad in found if f"<{BASE}graph/" in quad}
    assert named == expected(after)
    assert found - named == {quad.rpartition(" ")[0] for quad in named}
    outcome = publish(there, NEW, graphs.of_release(release(tmp_path / "again", after, NEW)))
    assert outcome.deleted == [graphs.DEFAULT]
    assert quads(store) == expected(after)


def test_packed_bodies_are_taken(store: str, tmp_path: Path) -> None:
    what = content(lieux=5000)
    with graph_server(behind=store) as between:
        publish(target(between.url, gzip=True), OLD, graphs.of_release(release(tmp_path, what, OLD)))
        put = next(asked for asked in between.asked if asked.graph == LIEUX)
    assert put.headers["Content-Encoding"] == "gzip"
    assert zlib.decompress(put.body, 31).count(b"\n") == 5000
    assert quads(store) == expected(what)


@pytest.mark.parametrize("change", ["INSERT", "DELETE"])
@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("next_one", [{}, {"lieux": 31}, {"tiers": 25}])
def test_what_somebody_changed_there_is_mended_by_one_run(
    store: str, tmp_path: Path, change: str, in_place: bool, next_one: dict[str, int]
) -> None:
    """Whatever else that run has to do, a graph that it would have left included."""
    what, after = content(), content(**next_one)
    wanted = graphs.of_release(release(tmp_path, what, OLD))
    there = target(store)
    publish(there, OLD, wanted)
    triple = "<urn:a> <urn:b> <urn:c>" if change == "INSERT" else what.graphs["tiers"][0]
    update = f"{change} DATA {{ GRAPH <{TIERS}> {{ {triple} }} }}"
    requests.post(store.replace("/store", "/update"), {"update": update}, timeout=9).raise_for_status()
    state = there.state()
    assert state
    assert choice.differing(there, state) == {TIERS: 21 if change == "INSERT" else 19}
    name = NEW if next_one else OLD
    again = graphs.of_release(release(tmp_path / "next", after, name))
    outcome = publish(there, name, again, in_place=in_place)
    changed = {f"{BASE}graph/{graph}" for graph in {"tiers", *next_one}}
    assert outcome.sent.keys() == changed
    assert outcome.mended == ([] if "tiers" in next_one else [TIERS])  # what is replaced anyway is no news
    assert outcome.counted == {one.iri: one.triples for one in again}
    assert quads(store) == expected(after)


def test_the_state_is_read_in_both_languages(store: str, tmp_path: Path) -> None:
    publish(target(store), OLD, graphs.of_release(release(tmp_path, content(), OLD)))
    query = f"SELECT ?l {{ GRAPH <{GRAPH}> {{ ?run <http://www.w3.org/2000/01/rdf-schema#label> ?l }} }}"
    headers = {"Accept": "application/sparql-results+json"}
    answer = requests.get(store.replace("/store", "/query"), {"query": query}, headers=headers, timeout=9)
    labels = {one["l"]["xml:lang"]: one["l"]["value"] for one in json.loads(answer.text)["results"]["bindings"]}
    assert labels == {"fr": f"Version {OLD}, complète", "en": f"Release {OLD}, complete"}


def test_no_dump_has_a_blank_node(samples: Path) -> None:
    served = published.current(samples)
    assert served
    nodes = (
        node
        for quad in parse(input=b"\n".join(quads_of(served.folder)), format=RdfFormat.N_QUADS)
        for node in (quad.subject, quad.object)
    )
    assert {type(node).__name__ for node in nodes} == {"NamedNode", "Literal"}
