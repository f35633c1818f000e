"""How far each initiative of a release is told: findable, then cooperation, then capitalised.

The tiers are the SHACL files `shapes/tiers/*.ttl`. A release is too big for pySHACL, and an initiative's participations
may come from another source than the initiative, so the level is computed over the whole store, by the SELECT beside
each file; tests/test_completeness.py holds the two to the same answer. A level includes those below it; an initiative
that is not even findable has none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from clirld.errors import ShapesError
from clirld.query.select import select, selected
from clirld.release import gzip_files, licensing
from clirld.release.changes.difference import Difference
from clirld.settings import BASE

DERIVED_GRAPH = f"{BASE}graph/derived"
COMPLETENESS = f"{BASE}ontology#completeness"
TIERS = ("findable", "cooperation", "capitalised")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_INITIATIVE = ox.NamedNode(f"{BASE}ontology#Initiative")
_OF_OTHERS = re.compile(r"^# of others: (\S+)$", re.MULTILINE)
_PART = 10
"""Of the initiatives, above which all are looked at: one by one costs three times as much."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the levels of an earlier store, and by which statements another differs from it."""

    levels: Mapping[str, str]
    """IRI of an initiative → its level."""
    changed: Sequence[Difference]


def read_levels(dumps: Iterable[Path]) -> dict[str, str]:
    """The levels in the dumps of `derived-<group>` of a release: IRI of an initiative → its level."""
    lines = (line.decode().split(" ") for path in dumps for line in gzip_files.lines(path))
    return {subject[1:-1]: level[1:-1].rpartition("/")[2] for subject, _, level, *_ in lines}


def write_levels(
    store: Path,
    tiers: Path,
    sources: Mapping[str, Collection[str]],
    folder: Path,
    told: Told | None = None,
) -> dict[str, Path]:
    """Write the levels of the initiatives of a store as N-Quads, a file for each licence group: `derived-<group>`.

    `sources` are the ids of the sources of each group; what is of none is of the open one. Of what is `told` by the
    same tiers, only initiatives that may have another level are looked at. Raises as `completeness`.
    """
    opened = ox.Store.read_only(str(store))
    group_of: dict[str, str] = {}
    for group, names in sources.items():
        for name in names if group != licensing.OPEN else ():
            graph = f"{BASE}graph/{name}"
            rows = select(opened, f"SELECT ?i {{ GRAPH <{graph}> {{ ?i a <{BASE}ontology#Initiative> }} }}")
            group_of |= {f"<{row['i'].value}>": group for row in rows}
    lines: dict[str, list[str]] = {group: [] for group in sources}
    for line in completeness(opened, tiers, told):
        lines[group_of.get(line.partition(" ")[0], licensing.OPEN)].append(f"{line}\n")
    paths = {f"derived-{group}": folder / f"derived-{group}.nq" for group in sources}
    for group, path in zip(sources, paths.values(), strict=True):
        path.write_text("".join(lines[group]), encoding="utf-8")
    return paths


def completeness(store: ox.Store, tiers: Path, told: Told | None = None) -> Iterator[str]:
    """N-Quads lines, without a line end and sorted, of the level of each initiative of the store that has one.

    `tiers` is the folder of the tiers. Raises ShapesError where a query is missing or wrong.
    """
    queries = {tier: _query(tiers / f"{tier}.rq") for tier in TIERS}
    affected = _affected(store, told, queries.values()) if told else None
    if told is None or affected is None:
        levels = _levels(store, queries)
    else:
        levels = {one: level for one, level in told.levels.items() if one not in affected}
        for one in affected:
            levels |= _levels(store, queries, {"initiative": ox.NamedNode(one)})
    for initiative, level in sorted(levels.items()):
        concept = f"{BASE}concept/completeness/{level}"
        yield f"<{initiative}> <{COMPLETENESS}> <{concept}> <{DERIVED_GRAPH}> ."


def _levels(
    store: ox.Store, queries: Mapping[str, str], given: Mapping[str, ox.NamedNode] | None = None
) -> dict[str, str]:
    levels: dict[str, str] = {}
    reached: set[str] | None = None
    for tier, query in queries.items():
        matching = {row["initiative"].value for row in select(store, query, given=given)}
        reached = matching if reached is None else reached & matching
        levels |= dict.fromkeys(reached, tier)
        if not reached:
            break
    return levels


def _affected(store: ox.Store, told: Told, queries: Iterable[str]) -> set[str] | None:
    """The initiatives that may have another level, None where they are so many that all are looked at.

    A tier asks for what an initiative leads to and what leads to it; for what that leads to in turn, by properties that
    its query names in its head, “of others”.
    """
    of_others = {one for query in queries for one in _OF_OTHERS.findall(query)}
    most = len(told.levels) // _PART
    found: set[str] = set()
    for one in told.changed:
        if one.subject[:1] != b"<":
            return None
        subject = one.subject[1:-1].decode()
        candidates = {subject}
        for line in (*one.removed, *one.added):
            _, predicate, rest = line.decode().split(" ", 2)
            if rest[:1] == "<":
                candidates.add(rest[1 : rest.index(">")])
            if predicate[1:-1] in of_others:
                leading = store.quads_for_pattern(None, None, ox.NamedNode(subject))
                candidates.update(quad.subject.value for quad in leading if isinstance(quad.subject, ox.NamedNode))
        found.update(iri for iri in candidates if iri in told.levels or _is_initiative(store, iri))
        if len(found) > most:
            return None
    return found


def _is_initiative(store: ox.Store, iri: str) -> bool:
    return any(store.quads_for_pattern(ox.NamedNode(iri), _TYPE, _INITIATIVE))


def _query(path: Path) -> str:
    try:
        query = path.read_text(encoding="utf-8")
        variables = selected(query)
    except FileNotFoundError:
        raise ShapesError("the query of this tier is not there", where=str(path), do="undo its deletion") from None
    except SyntaxError as problem:
        raise ShapesError(f"not SPARQL: {problem.msg}", where=str(path), do="correct the syntax there") from None
    if variables != ["initiative"]:
        raise ShapesError("not a query of initiatives", where=str(path), do="make it a SELECT of ?initiative")
    return query
