"""What is written of what is one: organizations joined by their numbers, as statements; candidates beside the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import polars as pl

from clirld.link import matching
from clirld.link.identifiers import Numbered
from clirld.settings import BASE

GRAPH = f"{BASE}graph/links"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"

TABLES = ("initiative", "organization")
"""Tables of which records may be one, each by itself: an initiative is never what carries it."""


def write_candidates(compared: Mapping[str, pl.DataFrame], numbered: Sequence[Numbered], folder: Path) -> int:
    """Write what may be one into the folder `links/`, and what is kept apart by its numbers; gives how many pairs."""
    found = {name: matching.candidates(frame) for name, frame in compared.items()}
    is_one = {key: one.keys[0] for one in numbered if not one.conflicts for key in one.keys}
    left, right = (pl.col(side).replace(is_one) for side in ("left", "right"))
    found["organization"] = found["organization"].filter(left != right)
    pairs = sorted({tuple(sorted(pair)) for one in numbered for pair in one.conflicts})
    apart = pl.DataFrame(pairs, schema=["left", "right"], orient="row", schema_overrides=matching.COLUMNS)
    apart = apart.with_columns(verdict=pl.lit(matching.CONFLICT), kinds=pl.lit("number"))
    found["organization"] = pl.concat([found["organization"], apart], how="diagonal")
    matching.write(found, folder)
    return sum(map(len, found.values()))


def write_same(
    numbered: Sequence[Numbered], sources: Mapping[str, Collection[str]], rest: str, folder: Path
) -> dict[str, Path]:
    """Write the statements that organizations are one as N-Quads, a file for each licence group: `links-<group>`.

    `sources` are the ids of the sources of each group; a link is of the first group, but for `rest`, of a source that
    says it.
    """
    group_of = {source: group for group, names in sources.items() for source in names if group != rest}
    lines: dict[str, list[str]] = {group: [] for group in sources}
    for one in numbered:
        if one.conflicts or len(one.keys) < 2:
            continue
        canonical, *others = (f"<{BASE}id/organization/{key}>" for key in one.keys)
        group = min((group_of[source] for source in one.sources if source in group_of), default=rest)
        lines[group] += [f"{other} <{SAME_AS}> {canonical} <{GRAPH}> .\n" for other in others]
    paths = {f"links-{group}": folder / f"links-{group}.nq" for group in sources}
    for group, path in zip(sources, paths.values(), strict=True):
        path.write_text("".join(sorted(lines[group])), encoding="utf-8")
    return paths
