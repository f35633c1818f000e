"""Records that a source gave another id: the same name and place, unique both ways, no official number against it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from clirld.records.erasure import identity
from clirld.records.erasure.identity import Identity
from clirld.records.table_files import tables_of


def successors(before: Path, vanished: Collection[str], rows: Path, appeared: Collection[str]) -> dict[str, str]:
    """Vanished record → the record that appeared in its place; only where there is no doubt which."""
    if not vanished or not appeared:
        return {}
    old, new = (
        identity.of_tables(tables_of(before), vanished),
        identity.of_tables(tables_of(rows), appeared),
    )
    candidates = _by_place(new)
    replacements = {}
    for key, records in _by_place(old).items():
        matches = candidates.get(key, [])
        # Two of the same name in one place, then or now: which became which would be a guess.
        if len(records) == len(matches) == 1 and old[records[0]].is_compatible_with(new[matches[0]]):
            replacements[records[0]] = matches[0]
    return replacements


def _by_place(identities: Mapping[str, Identity]) -> dict[tuple[str, str], list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for record, one in identities.items():
        if one.name and one.place:
            groups.setdefault((one.name, one.place), []).append(record)
    return groups
