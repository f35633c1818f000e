"""The store of a release: a copy of that of the release before with the quads that differ, or loaded anew.

A copy is a checkpoint of RocksDB: hard links to files that never change. What is taken out of it can be found by no
query, but its texts stay in the files, as they do in the pages of the feed: where nothing of the release before may be
told again, the store is loaded anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import merge
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store, parse

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

_LOADED = 1 << 26
"""Bytes of graphs that are loaded at a time. Each load leaves files of its own in the store and waits for the disk, so
that small graphs are loaded together; and has its quads in memory several times over, twice of a million of them, so
that large ones are loaded in pieces."""

_OF_ALL = frozenset(f"{BASE}graph/{name}" for name in ("catalog", "accounting", "derived", "links"))
"""Graphs that each release makes anew from the others, which are loaded before them."""


def make(
    folder: Path, graphs: Mapping[str, Path], dumps: Path, before: Release | None
) -> tuple[dict[str, Any], list[Difference] | None]:
    """Make the store of some graphs, files of N-Quads by name, whose sorted dumps are in `dumps`.

    Gives what the manifest says of the store under `store`, which the next release goes by, and, where it is a copy,
    what differs: it then has the graphs that each release makes anew as they were, until `put`. None where it is none.
    """
    made = {"pyoxigraph": metadata.version("pyoxigraph"), "changed": 0}
    known = before.manifest.get("store", {}) if before else {}
    if before is None or known.get("pyoxigraph") != made["pyoxigraph"]:
        load(folder, graphs)
        return made, None
    most = before.manifest["quads"] // _COST - known["changed"]
    found: list[Difference] = []
    changed = 0
    earlier = [name for name in _dumps(before) if graph_iri(name) not in _OF_ALL]
    for one in _differences(before, earlier, graphs, dumps):
        found.append(one)
        changed += len(one.removed) + len(one.added)
        if changed > most:
            load(folder, graphs)
            return made, None
    Store.read_only(str(before.folder / "store")).backup(str(folder))
    _apply(folder, found)
    return made | {"changed": known["changed"] + changed}, found


def put(folder: Path, graphs: Mapping[str, Path], dumps: Path, copied: Release | None) -> None:
    """Put the graphs that each release makes anew into a store that was made, a copy of that of `copied` or none."""
    if copied:
        earlier = [name for name in _dumps(copied) if graph_iri(name) in _OF_ALL]
        _apply(folder, _differences(copied, earlier, graphs, dumps))
    else:
        load(folder, graphs)


def _apply(folder: Path, found: Iterable[Difference]) -> None:
    removed: list[bytes] = []
    added: list[bytes] = []
    for one in found:
        gone = one.removed
        removed += gone
        added += one.added
        # Two spellings of a number are one quad of the store, and go together: one that stays is put in again.
        properties = {_property(line) for line in gone}
        added += [line for line in one.after if _property(line) in properties]
    if not removed and not added:
        return
    store = Store(str(folder))
    for quad in parse(b"".join(removed), format=RdfFormat.N_QUADS):
        store.remove(quad)
    add = store.extend if len(added) <= _AT_ONCE else store.bulk_extend
    add(parse(b"".join(added), format=RdfFormat.N_QUADS))
    store.flush()
    del store  # closes it: a folder is written by one process at a time


def _property(line: bytes) -> bytes:
    return line.split(b" ", 2)[1]


def load(folder: Path, graphs: Mapping[str, Path]) -> None:
    """Load graphs into a store, a new one or one that is there."""
    store = Store(str(folder))
    for quads in _pieces(graphs.values()):  # no graph has a blank node, which would be another one in each piece
        store.bulk_load(quads, format=RdfFormat.N_QUADS)
    store.flush()
    del store


def _pieces(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of some files, so many at a time."""
    waiting: list[bytes] = []
    for path in paths:
        with path.open("rb") as file:
            while read := file.read(_LOADED - sum(map(len, waiting))):
                waiting += [read, file.readline()]
                if sum(map(len, waiting)) >= _LOADED:
                    quads, waiting = b"".join(waiting), []
                    yield quads
                    del quads
    if waiting:
        yield b"".join(waiting)


def _dumps(release: Release) -> list[str]:
    return [name for names in dumps_of(release).values() for name in names]


def _differences(
    before: Release, earlier: Collection[str], graphs: Mapping[str, Path], dumps: Path
) -> Iterator[Difference]:
    """The subjects that differ, graph by graph; `earlier` are the dumps that there were."""
    for graph in dict.fromkeys(map(graph_iri, [*earlier, *graphs])):
        old, new = ([name for name in names if graph_iri(name) == graph] for names in (earlier, graphs))
        old_paths, new_paths = [_dump(before.folder / "dump", one) for one in old], [_dump(dumps, one) for one in new]
        if old != new or not all(map(gzip_files.are_same, old_paths, new_paths)):
            yield from differences(_lines(old_paths), _lines(new_paths))


def _dump(folder: Path, name: str) -> Path:
    return folder / f"{name}.nq.gz"


def _lines(paths: Iterable[Path]) -> Iterator[bytes]:
    """The lines of several sorted dumps, those of some licence groups of one graph, sorted and each once."""
    return (line for line, _same in groupby(merge(*map(gzip_files.lines, paths))))
