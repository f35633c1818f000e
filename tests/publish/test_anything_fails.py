"""Whatever fails, whenever: what the state calls certain is so, and the next publication makes it whole."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest
import requests

from clirld.errors import PublishError
from clirld.publish import graphs
from clirld.publish.run import STAGING, publish
from clirld.publish.target import Target
from tests.publish.stores import (
    Asked,
    GraphServer,
    Handler,
    content,
    expected,
    graph_server,
    oxigraph,
    quads,
    release,
    target,
)

ROUNDS = 25
CONTENTS = [{}, {"lieux": 31}, {"tiers": 25, "cartes": 12}, {"lieux": 0, "cartes": 11}]


def checksum(there: Target, iri: str) -> str:
    lines = sorted(f"{triple} .\n".encode() for triple in there.triples(iri))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def failing(server: GraphServer, number: int, how: str) -> None:
    """From the so-manieth request on nothing is answered; that one is refused, lost, or done and its answer lost."""
    server.asked.clear()

    def fault(handler: Handler, asked: Asked, _number: int) -> bool:
        now = len(server.asked)
        if now < number:
            return False
        if now > number:
            return handler.hang_up()
        if how == "refused":
            handler.reply(500, b"as it happens")
        elif how == "done":
            address = server.behind if "store" in handler.path else server.behind.replace("/store", "/update")
            address = server.behind.replace("/store", "/query") if "/query" in handler.path else address
            headers = {name: asked.headers[name] for name in ("Content-Type", "Accept") if name in asked.headers}
            requests.request(
                asked.method, address, params=asked.parameters, data=asked.body, headers=headers, timeout=30
            )
            handler.hang_up()
        else:
            handler.hang_up()
        return True

    server.fault = fault


@pytest.mark.parametrize("seed", range(2))
def test_what_is_certain_is_so_and_the_next_one_makes_it_whole(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    made = {}
    for n, sizes in enumerate(CONTENTS):
        what = content(**sizes)
        made[f"{n}-x"] = (what, graphs.of_release(release(tmp_path, what, f"{n}-x")))
    failures = 0
    with oxigraph() as store, graph_server(behind=store) as between:
        there = target(store)
        for _ in range(ROUNDS):
            name = chance.choice(sorted(made))
            failing(between, chance.randint(1, 40), chance.choice(["refused", "lost", "done"]))
            try:
                publish(target(between.url, retries=0), name, made[name][1], in_place=chance.random() < 0.3)
                assert quads(store) == expected(made[name][0])
            except PublishError:
                failures += 1
            state = there.state()
            for iri, part in (state.parts if state else {}).items():
                assert part.sha256 in (None, checksum(there, iri)), iri
            staged = {quad.rpartition("<")[2].rstrip(">") for quad in quads(store) if STAGING in quad}
            assert staged <= (state.staging.keys() if state else set()), "a staging graph that nobody would clear"
        name = chance.choice(sorted(made))
        publish(there, name, made[name][1])
        assert quads(store) == expected(made[name][0])
    assert ROUNDS / 4 < failures < ROUNDS, "else this test sees nothing"
