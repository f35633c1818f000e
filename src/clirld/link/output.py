"""What is written of what is one: records that numbers or people join, as statements; candidates beside the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
from pyoxigraph import Quad

from clirld import issues
from clirld.link import matching
from clirld.link.identifiers import PRECEDENCE, Numbered, register_of
from clirld.link.identity import Identity
from clirld.link.judgements import sssom, statements
from clirld.link.judgements.resolve import Resolved
from clirld.settings import BASE

GRAPH = f"{BASE}graph/links"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"


def write_candidates(identity: Identity, folder: Path) -> int:
    """Write what may be one into the folder `links/`, and what is kept apart by its numbers; gives how many pairs.

    What people have said of two records, or what follows from it, is not asked again.
    """
    numbered, resolved = identity.numbered, identity.resolved
    found = {}
    for table, frame in identity.compared.items():
        one_of = _canonical(table, numbered, resolved)
        left, right = (pl.col(side).replace(one_of) for side in ("left", "right"))
        said = [one for one in resolved.holding if one.table == table and one.says == "different"]
        apart = {tuple(sorted(_key(name, one_of) for name in one.pair)) for one in said}
        judged = pl.DataFrame(sorted(apart), schema={"one": pl.String(), "other": pl.String()}, orient="row")
        named = matching.candidates(frame).with_columns(
            one=pl.min_horizontal(left, right), other=pl.max_horizontal(left, right)
        )
        left_open = named.filter(pl.col("one") != pl.col("other"))
        left_open = left_open.join(judged, on=["one", "other"], how="anti", maintain_order="left")
        found[table] = left_open.drop("one", "other")
    conflicts = (pair for one in numbered for pair in one.conflicts if register_of(pair[0]) in PRECEDENCE)
    pairs = sorted({tuple(sorted(pair)) for pair in conflicts})  # of numbers by which organizations go
    kept = pl.DataFrame(pairs, schema=["left", "right"], orient="row", schema_overrides=matching.COLUMNS)
    kept = kept.with_columns(verdict=pl.lit(matching.CONFLICT), kinds=pl.lit("number"))
    found["organization"] = pl.concat([found["organization"], kept], how="diagonal")
    matching.write(found, folder)
    return sum(map(len, found.values()))


def _canonical(table: str, numbered: Sequence[Numbered], resolved: Resolved) -> dict[str, str]:
    """The keys of a table that another stands for, with that one."""
    groups = [one.members for one in resolved.groups if one.members[0].startswith(f"{table}:")]
    of_people = {_key(name): _key(names[0]) for names in groups for name in names}
    if table != "organization":
        return of_people
    return {key: one.keys[0] for one in numbered if not one.conflicts for key in one.keys} | of_people


def _key(name: str, one_of: Mapping[str, str] | None = None) -> str:
    key = name.partition(":")[2]
    return (one_of or {}).get(key, key)


def write_judged(identity: Identity, folder: Path) -> int:
    """Write judgements that hold as SSSOM into the folder `links/`, and what is wrong; gives how many issues."""
    sssom.write(identity.resolved.holding, folder)
    return issues.write(identity.issues, folder / "issues.jsonl")


def write_same(identity: Identity, sources: Mapping[str, Collection[str]], rest: str, folder: Path) -> dict[str, Path]:
    """Write the statements that records are one as N-Quads, a file for each licence group: `links-<group>`.

    `sources` are the ids of the sources of each group; a link is of the first group, but for `rest`, of a source that
    says it or, where people say it, that has one of the records.
    """
    numbered, resolved, sources_of = identity.numbered, identity.resolved, identity.sources()
    group_of = {source: group for group, names in sources.items() for source in names if group != rest}
    lines: dict[str, list[str]] = {group: [] for group in sources}

    def add(quads: Iterable[Quad], of: Iterable[str]) -> None:
        group = min((group_of[source] for source in of if source in group_of), default=rest)
        lines[group] += [f"{quad} .\n" for quad in quads]

    judged = {name for one in resolved.groups for name in one.members} | resolved.apart
    for one in numbered:
        names = tuple(f"organization:{key}" for key in one.keys)
        if not one.conflicts and len(names) > 1 and judged.isdisjoint(names):
            add(statements.joined(names), one.sources)
    for found in resolved.groups:
        add(statements.joined(found.members), _all_sources(found.members, sources_of))
    for judgement in resolved.holding:
        add(statements.told(judgement), _all_sources(judgement.pair, sources_of))
    paths = {f"links-{group}": folder / f"links-{group}.nq" for group in sources}
    for group, path in zip(sources, paths.values(), strict=True):
        path.write_text("".join(sorted(lines[group])), encoding="utf-8")
    return paths


def _all_sources(names: Iterable[str], sources_of: Mapping[str, Collection[str]]) -> set[str]:
    return {source for name in names for source in sources_of.get(name, ())}
