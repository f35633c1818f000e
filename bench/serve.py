"""How fast the endpoint is, beside the official Oxigraph server on the same store: `python -m bench.serve --data DIR`.

The official server (`oxigraph` on PyPI) has no limit on time or memory; it is the measure, and left out where it is
not there. Large answers are also written by pyoxigraph in this process, which sends them to nobody. Trust the ratios of
one run.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import uvloop
from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, Store

from bench.endpoints import Connection, Endpoint, ask, clirld, percentile, serving, subjects, target

LARGE = "SELECT * { ?s ?p ?o } LIMIT 100000"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 50000"
AGGREGATE = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
LARGE_ANSWERS = {"100,000 rows": LARGE, "CONSTRUCT": CONSTRUCT, "aggregate": AGGREGATE}


def lookups(entities: list[str], distinct: bool) -> Iterator[str]:
    """Queries for what an entity says: a new one each time, or twenty again and again."""
    turn = 0
    for number, entity in enumerate(cycle(entities if distinct else entities[:20])):
        turn += number % len(entities) == 0
        yield f"SELECT ?p ?o {{ <{entity}> ?p ?o }}" + (f" # {turn}" if distinct else "")


async def load(endpoint: Endpoint, path: str, queries: Iterator[str], connections: int, seconds: float) -> list[float]:
    """Ask one after another on each connection; the seconds of each answer."""
    end = time.perf_counter() + seconds
    took: list[float] = []

    async def one() -> None:
        connection = Connection(endpoint.port)
        while time.perf_counter() < end:
            answer = await connection.get(target(path, next(queries)), "Accept: application/sparql-results+json\r\n")
            if answer.status != 200:
                raise SystemExit(f"a lookup was answered with {answer.status}")
            took.append(answer.seconds)
        connection.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return took


def measure(endpoint: Endpoint, path: str, entities: list[str], options: argparse.Namespace) -> dict[str, float]:
    """All figures of one server."""
    figures: dict[str, float] = {}
    for name, distinct in (("distinct", True), ("repeated", False)):
        before = endpoint.processor()
        took = uvloop.run(load(endpoint, path, lookups(entities, distinct), options.connections, options.seconds))
        figures[f"{name} lookups a second"] = len(took) / options.seconds
        figures[f"{name}: p50 ms"] = percentile(took, 0.5) * 1000
        figures[f"{name}: p99 ms"] = percentile(took, 0.99) * 1000
        figures[f"{name}: processor ms each"] = (endpoint.processor() - before) / len(took) * 1000
    for name, query in LARGE_ANSWERS.items():
        answers = [uvloop.run(ask(endpoint.port, target(path, f"{query} # {n}"))) for n in range(options.repeat)]
        best = min(answers, key=lambda answer: answer.seconds)
        if best.status != 200:
            raise SystemExit(f"{name}: {best}")
        figures[f"{name}: s"] = best.seconds
        figures[f"{name}: first byte, share of it"] = best.first / best.seconds
    figures["memory MiB"] = endpoint.memory()
    return figures


class _Nowhere:
    """A file that keeps nothing."""

    def write(self, data: bytes, /) -> int:
        return len(data)

    def flush(self) -> None:
        pass


def bare(store: Store, repeat: int) -> dict[str, float]:
    """Seconds of pyoxigraph alone for each large answer, the best of `repeat`."""
    figures = {}
    for name, query in LARGE_ANSWERS.items():
        took = []
        for _ in range(repeat):
            began = time.perf_counter()
            results = store.query(query, use_default_graph_as_union=True)
            graph = isinstance(results, QueryTriples)
            results.serialize(_Nowhere(), format=RdfFormat.TURTLE if graph else QueryResultsFormat.JSON)  # type: ignore[arg-type]
            took.append(time.perf_counter() - began)
        figures[f"{name}: s"] = min(took)
    return figures


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder with a release")
    parser.add_argument("--before", type=Path, help="src of another version of clirld, measured too")
    parser.add_argument("--oxigraph", default=shutil.which("oxigraph"), help="the official server's command")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load (%(default)s)")
    parser.add_argument("--connections", type=int, default=8, help="at once (%(default)s)")
    parser.add_argument(
        "--repeat", type=int, default=3, help="of large answers, of which the best counts (%(default)s)"
    )
    options = parser.parse_args()
    store = options.data.resolve() / "current" / "store"
    entities = subjects(store, 5000)
    servers = {"clirld": ("/sparql", *clirld(options.data))}
    if options.before:
        servers["before"] = ("/sparql", *clirld(options.data, options.before))
    if options.oxigraph:
        command = [options.oxigraph, "serve-read-only", "--location", str(store), "--bind", "127.0.0.1:{port}"]
        servers["oxigraph"] = ("/query", [*command, "--union-default-graph"], {})
    table = {}
    for name, (path, command, environment) in servers.items():
        # Time for large answers on a machine that does other work too.
        with serving(command, target(path, "ASK {}"), **environment, CLIRLD_QUERY_TIMEOUT="120") as endpoint:
            table[name] = measure(endpoint, path, entities, options)
    table["pyoxigraph"] = bare(Store.read_only(str(store)), options.repeat)
    print("| |", " | ".join(table), "|\n|---|" + "---:|" * len(table))
    for figure in table["clirld"]:
        print(f"| {figure} |", " | ".join(_written(figures.get(figure)) for figures in table.values()), "|")


def _written(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3g}"


if __name__ == "__main__":
    main()
