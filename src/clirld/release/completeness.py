"""How far each initiative of a release is told: findable, then cooperation, then capitalised.

The tiers are the SHACL files `shapes/tiers/*.ttl`. A release is too big for pySHACL, and an initiative's participations
may come from another source than the initiative, so the level is computed over the whole store, by the SELECT beside
each file; tests/test_completeness.py holds the two to the same answer. A level includes those below it; an initiative
that is not even findable has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from clirld.errors import ShapesError
from clirld.query.select import select, selected
from clirld.release import licensing
from clirld.settings import BASE

DERIVED_GRAPH = f"{BASE}graph/derived"
COMPLETENESS = f"{BASE}ontology#completeness"
TIERS = ("findable", "cooperation", "capitalised")


def write_levels(store: Path, tiers: Path, sources: Mapping[str, Collection[str]], folder: Path) -> dict[str, Path]:
    """Write the levels of the initiatives of a store as N-Quads, a file for each licence group: `derived-<group>`.

    `sources` are the ids of the sources of each group; what is of none is of the open one. Raises as `completeness`.
    """
    opened = ox.Store.read_only(str(store))
    group_of: dict[str, str] = {}
    for group, names in sources.items():
        for name in names if group != licensing.OPEN else ():
            graph = f"{BASE}graph/{name}"
            rows = select(opened, f"SELECT ?i {{ GRAPH <{graph}> {{ ?i a <{BASE}ontology#Initiative> }} }}")
            group_of |= {f"<{row['i'].value}>": group for row in rows}
    lines: dict[str, list[str]] = {group: [] for group in sources}
    for line in completeness(opened, tiers):
        lines[group_of.get(line.partition(" ")[0], licensing.OPEN)].append(f"{line}\n")
    paths = {f"derived-{group}": folder / f"derived-{group}.nq" for group in sources}
    for group, path in zip(sources, paths.values(), strict=True):
        path.write_text("".join(lines[group]), encoding="utf-8")
    return paths


def completeness(store: ox.Store, tiers: Path) -> Iterator[str]:
    """N-Quads lines, without a line end and sorted, of the level of each initiative of the store that has one.

    `tiers` is the folder of the tiers. Raises ShapesError where a query is missing or wrong.
    """
    levels: dict[str, str] = {}
    reached: set[str] | None = None
    for tier in TIERS:
        matching = _matching_initiatives(store, tiers / f"{tier}.rq")
        reached = matching if reached is None else reached & matching
        levels |= dict.fromkeys(reached, tier)
    for initiative, level in sorted(levels.items()):
        concept = f"{BASE}concept/completeness/{level}"
        yield f"<{initiative}> <{COMPLETENESS}> <{concept}> <{DERIVED_GRAPH}> ."


def _matching_initiatives(store: ox.Store, path: Path) -> set[str]:
    try:
        query = path.read_text(encoding="utf-8")
        variables = selected(query)
    except FileNotFoundError:
        raise ShapesError("the query of this tier is not there", where=str(path), do="undo its deletion") from None
    except SyntaxError as problem:
        raise ShapesError(f"not SPARQL: {problem.msg}", where=str(path), do="correct the syntax there") from None
    if variables != ["initiative"]:
        raise ShapesError("not a query of initiatives", where=str(path), do="make it a SELECT of ?initiative")
    return {row["initiative"].value for row in select(store, query)}
