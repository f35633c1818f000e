"""What hostile clients do to everybody else: `python -m bench.hostile --data DIR`.

Ten lookups a second, each on a connection of its own, while hostile clients ask for all that they can. They pass for
clients of a trusted proxy, each with an address of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from itertools import count
from pathlib import Path

import uvloop

from bench.endpoints import Answer, Endpoint, ask, clirld, percentile, serving, subjects, target

HOSTILE = {
    "cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "unbounded path": "SELECT (COUNT(*) AS ?n) { ?s (<urn:none>|!<urn:none>)* ?o }",
    "huge sort": "SELECT * { ?s ?p ?o . ?s ?q ?r } ORDER BY ?r ?o",
    "regex on everything": 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?o ?q ?r FILTER(REGEX(STR(?o), "b.*c", "i")) }',
    "endless CONSTRUCT": "CONSTRUCT { ?a ?e ?c } WHERE { ?a ?b ?c . ?d ?e ?f }",
    "giant GROUP_CONCAT": "SELECT (GROUP_CONCAT(CONCAT(STR(?o), STR(?r))) AS ?x) { ?s ?p ?o . ?s ?q ?r }",
    "1 MB query": "ASK { " + "?s ?p ?o . " * 90_000 + "}",
}


async def attack(endpoint: Endpoint, name: str, end: float, seen: list[tuple[str, Answer]]) -> None:
    """One hostile client: the next query as soon as the last is over."""
    rng = random.Random(name)
    for number in count():
        if time.monotonic() >= end:
            return
        kind = rng.choice([*HOSTILE])
        query = f"{HOSTILE[kind]} # {name} {number}"
        seen.append((kind, await ask(endpoint.port, target("/sparql", query), f"X-Forwarded-For: 192.0.2.{name}\r\n")))
        await asyncio.sleep(0.01)


async def run(
    endpoint: Endpoint, entities: list[str], clients: int, seconds: float
) -> tuple[list[Answer], list[tuple[str, Answer]], float]:
    """The lookups, the hostile queries, and the most memory that the server had."""
    end = time.monotonic() + seconds
    seen: list[tuple[str, Answer]] = []
    attacks = [asyncio.create_task(attack(endpoint, str(number), end, seen)) for number in range(clients)]
    await asyncio.sleep(1)
    lookups: list[asyncio.Task[Answer]] = []
    peak = 0.0
    for number in count():
        if time.monotonic() >= end:
            break
        query = f"SELECT ?p ?o {{ <{entities[number % len(entities)]}> ?p ?o }} # {clients}"
        lookups.append(
            asyncio.create_task(ask(endpoint.port, target("/sparql", query), "X-Forwarded-For: 198.51.100.1\r\n"))
        )
        if number % 10 == 0:
            peak = max(peak, endpoint.memory())
        await asyncio.sleep(0.1)
    answers = list(await asyncio.gather(*lookups))
    await asyncio.gather(*attacks)
    return answers, seen, peak


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder with a release")
    parser.add_argument("--before", type=Path, help="src of another version of clirld, measured too")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each run (%(default)s)")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 2, 4, 20], help="hostile clients (%(default)s)")
    options = parser.parse_args()
    entities = subjects(options.data.resolve() / "current" / "store", 5000)
    servers = {"clirld": clirld(options.data)}
    if options.before:
        servers["before"] = clirld(options.data, options.before)
    print("| server | hostile clients | lookups | answered 200 | p50 ms | p99 ms | hostile queries | longest s | MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, (command, environment) in servers.items():
        for clients in options.clients:
            with serving(command, target("/sparql", "ASK {}"), **environment) as endpoint:
                answers, seen, peak = uvloop.run(run(endpoint, entities, clients, options.seconds))
                healthy = uvloop.run(ask(endpoint.port, "/readyz")).status == 200
            failed = Counter(answer.status for answer in answers if answer.status != 200)
            good = [answer.seconds * 1000 for answer in answers if answer.status == 200]
            longest = max((answer.seconds for _, answer in seen), default=0.0)
            print(
                f"| {name} | {clients} | {len(answers)} | {len(good) / len(answers):.1%} | {percentile(good, 0.5):.0f}"
                f" | {percentile(good, 0.99):.0f} | {len(seen)} | {longest:.1f} | {peak:.0f} |"
                f"{f' failed: {dict(failed)}' if failed else ''}{'' if healthy else ' not ready afterwards'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
