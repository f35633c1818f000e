"""The store of a release: a copy of that of the release before with the quads that differ, or loaded anew.

A copy is a checkpoint of RocksDB: hard links to files that never change. What is taken out of it can be found by no
query, but its texts stay in the files, as they do in the pages of the feed: where nothing of the release before may be
told again, the store is loaded anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, RdfFormat, Store, parse

from clirld.release import gzip_files
from clirld.release.changes.difference import Difference, differences
from clirld.release.changes.write import dumps_of, graph_iri
from clirld.release.published import Release
from clirld.settings import BASE

_COST = 5
"""How many quads are loaded anew at the cost of one that is put into a copy or taken out of it.

15 to 38 µs of a processor against 9, of 1.5 million quads (29 November 2026), and some for what the copy then carries.
"""

_AT_ONCE = 10_000
"""Quads up to which a transaction takes less than a bulk load, which writes files of its own."""

_SMALL = 4_000_000
"""Bytes of graphs that are loaded into the store as one."""

_OF_ALL = frozenset(f"{BASE}graph/{name}" for name in ("catalog", "accounting", "derived", "links"))
"""Graphs that each release makes anew from the others, which are loaded before them."""


def make(folder: Path, graphs: Mapping[str, Path], dumps: Path, before: Release | None) -> dict[str, Any]:
    """Make the store of some graphs, files of N-Quads by name, whose sorted dumps are in `dumps`.

    Gives what the manifest says of it under `store`, which the next release goes by.
    """
    made = {"pyoxigraph": metadata.version("pyoxigraph"), "changed": 0}
    known = before.manifest.get("store", {}) if before else {}
    if before is None or known.get("pyoxigraph") != made["pyoxigraph"]:
        load(folder, graphs)
        return made
    most = before.manifest["quads"] // _COST - known["changed"]
    removed: list[bytes] = []
    kept_and_added: list[bytes] = []
    changed = 0
    for one in _differences(before, graphs, dumps):
        removed += one.removed
        # What stays too: two spellings of a number are one quad of the store, and go together.
        kept_and_added += one.after
        changed += len(one.removed) + len(one.added)
        if changed > most:
            load(folder, graphs)
            return made
    Store.read_only(str(before.folder / "store")).backup(str(folder))
    store = Store(str(folder))
    for graph in sorted(_OF_ALL):
        store.clear_graph(NamedNode(graph))
    for quad in parse(b"".join(removed), format=RdfFormat.N_QUADS):
        store.remove(quad)
    put = store.extend if len(kept_and_added) <= _AT_ONCE else store.bulk_extend
    put(parse(b"".join(kept_and_added), format=RdfFormat.N_QUADS))
    store.flush()
    del store
    return made | {"changed": known["changed"] + changed}


def load(folder: Path, graphs: Mapping[str, Path]) -> None:
    """Load graphs into a store, a new one or one that is there."""
    store = Store(str(folder))
    paths = list(graphs.values())
    if sum(path.stat().st_size for path in paths) < _SMALL:
        # Each load leaves files of its own in the store, and waits for the disk: one is enough.
        store.bulk_load(b"".join(path.read_bytes() for path in paths), format=RdfFormat.N_QUADS)
    else:
        for path in paths:
            store.bulk_load(path=str(path), format=RdfFormat.N_QUADS)
    store.flush()
    del store  # closes it: a folder is written by one process at a time


def _differences(before: Release, graphs: Mapping[str, Path], dumps: Path) -> Iterator[Difference]:
    """The subjects that differ, graph by graph."""
    every = (name for names in dumps_of(before).values() for name in names)
    earlier = [name for name in every if graph_iri(name) not in _OF_ALL]
    for name in dict.fromkeys([*earlier, *graphs]):
        paths = [folder / f"{name}.nq.gz" for folder in (before.folder / "dump", dumps)]
        is_there = name in earlier, name in graphs
        if all(is_there) and gzip_files.are_same(*paths):
            continue
        old, new = (gzip_files.lines(path) if there else iter(()) for path, there in zip(paths, is_there, strict=True))
        yield from differences(old, new)
