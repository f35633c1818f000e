"""How far each initiative of a release is told: findable, then cooperation, then capitalised.

The tiers are the SHACL files `shapes/tiers/*.ttl`. A release is too big for pySHACL, and an initiative's participations
may come from another source than the initiative, so the level is computed over the whole store, by the SELECT beside
each file; tests/test_completeness.py holds the two to the same answer. A level includes those below it; an initiative
that is not even findable has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from clirld.errors import ShapesError
from clirld.query.select import select, selected
from clirld.settings import BASE

DERIVED_GRAPH = f"{BASE}graph/derived"
COMPLETENESS = f"{BASE}ontology#completeness"
TIERS = ("findable", "cooperation", "capitalised")


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
