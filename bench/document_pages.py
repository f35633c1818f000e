"""How large the pages of things are and how long they take: `python -m bench.document_pages --data DIR [--each 40]`.

Initiatives, organizations and territories of the current release, drawn at random by kind, the initiatives of which
most is said, and the answers of `/reuse` for territories, as many cases as can be asked for; in French and English, by
HTTP, from a server that has just started. Seconds are those to the first byte, and those of a processor, on the
average; the first page of a process, whose templates are compiled for it, counts. Ends with 1 where a page has more
than 50 KiB, or where a kind takes a processor more than 100 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from pyoxigraph import NamedNode, Store

from bench.endpoints import Endpoint, ask, clirld, percentile, serving
from bench.measure import machine
from clirld.reuse.answer import MOST_SHOWN
from clirld.web.documents.lookup import kind
from clirld.web.documents.naming import whole
from clirld.web.local_links import document_path

MOST_KIB, MOST_SECONDS = 50, 0.1
CLASSES = ("clir:Initiative", "org:FormalOrganization", "clir:Territory")


def drawn(store: Store, each: int, seed: int) -> dict[str, list[str]]:
    """IRIs by kind: `each` of a kind at random, and as many initiatives of which most is said."""
    by_kind = defaultdict(set)
    for name in CLASSES:
        for quad in store.quads_for_pattern(None, NamedNode(whole("rdf:type")), NamedNode(whole(name)), None):
            if isinstance(quad.subject, NamedNode):
                by_kind[kind(quad.subject.value)].add(quad.subject.value)
    chance = random.Random(seed)
    found = {name: chance.sample(sorted(iris), min(each, len(iris))) for name, iris in sorted(by_kind.items()) if name}
    said = {
        iri: sum(1 for _ in store.quads_for_pattern(None, None, NamedNode(iri), None)) for iri in by_kind["initiative"]
    }
    return {**found, "initiatives that are told best": sorted(said, key=lambda iri: -said[iri])[:each]}


def pages_of(things: dict[str, list[str]]) -> dict[str, list[str]]:
    """The addresses of the pages of things, and of the answers for the territories among them, but for the language."""
    paths = {name: [f"{document_path(iri)}.html?" for iri in iris] for name, iris in things.items()}
    for name in ("territory/commune", "territory/epci"):
        codes = [iri.rpartition("-")[2] for iri in things.get(name, ())]
        paths[f"reuse, {name}"] = [f"/reuse?territory={code}&limit={MOST_SHOWN}&format=html&" for code in codes]
    return paths


def measure(endpoint: Endpoint, paths: list[str]) -> tuple[list[float], list[int], float]:
    """Seconds to the first byte and bytes of each page, and processor seconds of one on the average."""
    firsts, sizes = [], []
    before = endpoint.processor()
    for path in paths:
        for language in ("fr", "en"):
            answer = asyncio.run(ask(endpoint.port, f"{path}lang={language}"))
            if answer.status == 400 and path.startswith("/reuse"):
                continue  # of a commune of the past that is in no grouping of today
            if answer.status != 200:
                raise SystemExit(f"{path} is answered with {answer.status}")
            firsts.append(answer.first)
            sizes.append(answer.size)
    return firsts, sizes, (endpoint.processor() - before) / len(sizes)


def main(say: Callable[[str], None] = print) -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data folder with a release")
    parser.add_argument("--each", type=int, default=40, help="things of a kind (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another draw (%(default)s)")
    options = parser.parse_args()
    say(str(machine()))
    things = drawn(Store.read_only(str(options.data / "current" / "store")), options.each, options.seed)
    command, environment = clirld(options.data)
    failed = False
    with serving(command, "/readyz", **environment) as endpoint:
        for name, paths in pages_of(things).items():
            firsts, sizes, processor = measure(endpoint, paths)
            half, most = percentile(firsts, 0.5), percentile(firsts, 0.95)
            failed |= max(sizes) > MOST_KIB * 1024 or processor > MOST_SECONDS
            first = f"first byte {half * 1000:4.0f} ms, 95 % under {most * 1000:4.0f}, most {max(firsts) * 1000:4.0f}"
            rest = f"processor {processor * 1000:4.0f} ms; at most {max(sizes) / 1024:4.1f} KiB"
            say(f"{name:34} {len(sizes):4} pages; {first}; {rest}")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
