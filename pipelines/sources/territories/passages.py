"""What happened to communes since 1943, and what became of those that are none today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clirld.read.rows import Cell, Made, SourceRow
from clirld.territory.changes import COMMUNE, KINDS, Change, Passage, Unit, together
from clirld.territory.history import History

from .layout import Origin, territory, text_of

# Two communes of Guadeloupe that became collectivities (organic law 2007-223), not named in the mergers file.
BECAME_COLLECTIVITY = {"97123": "97701", "97127": "97801"}


@dataclass
class Former:
    """A code that was a commune and is one no more."""

    name: str
    start: str | None
    end: str
    current: list[str]
    """Communes of today that replaced it."""
    rows: list[Origin]


def changes_in(mergers: list[SourceRow]) -> Iterator[tuple[Change, list[SourceRow]]]:
    """Put the lines of the file together into changes, each with its lines, in the order of the file."""
    lines: dict[tuple[str, str], list[SourceRow]] = defaultdict(list)
    for r in mergers:
        lines[text_of(r, "DATE_EFF"), text_of(r, "MOD")].append(r)
    for (date, mod), some in lines.items():
        for group in together(enumerate(map(_passage, some))) if mod in KINDS else ():
            passages = tuple(passage for _number, passage in group)
            yield Change(date, KINDS[mod], passages), [some[number] for number, _passage in group]


def _passage(r: SourceRow) -> Passage:
    before, after = (
        Unit(text_of(r, f"TYPECOM_{side}"), text_of(r, f"COM_{side}"), text_of(r, f"LIBELLE_{side}"))
        for side in ("AV", "AP")
    )
    if before.code in BECAME_COLLECTIVITY and not after.code:
        after = Unit(COMMUNE, BECAME_COLLECTIVITY[before.code], before.name)
    return Passage(before if before.code else None, after if after.code else None)


def change_made(change: Change, rows: list[SourceRow], keys: Mapping[str, str]) -> Made:
    mod = text_of(rows[0], "MOD")
    codes = sorted({unit.code for passage in change.passages for unit in passage if unit})
    key = f"{change.date}-{mod}-{codes[0]}"
    before, after = ([keys[code] for code in sorted(side) if code in keys] for side in (change.befores, change.afters))
    values: dict[str, Cell] = {"key": key, "date": change.date, "kind": change.kind, "before": before, "after": after}
    values["passage"] = [str(passage) for passage in change.passages]
    return Made("territory_change", f"change-{key}", values, [("mergers", r.row) for r in rows])


def former_communes(history: History, current: Mapping[str, str], mergers: list[SourceRow]) -> dict[str, Former]:
    """Find what replaced each code that was a commune and is one no more."""
    events: dict[str, list[SourceRow]] = defaultdict(list)
    for r in mergers:
        for code in dict.fromkeys((text_of(r, "COM_AV"), text_of(r, "COM_AP"))):
            events[code].append(r)
    former: dict[str, Former] = {}
    for code in history.codes():
        if code in current:
            continue
        last = history.versions(code)[-1]
        left = [r for r in events[code] if text_of(r, "COM_AV") == code]
        final = [r for r in left if text_of(r, "DATE_EFF") == last.end and text_of(r, "TYPECOM_AV") == COMMUNE]
        others = [r for r in left or events[code] if r not in final]
        rows = [("mergers", r.row) for r in (*final, *others)]
        # A code that no event ends, and that is none of today, has no successor: a check of the graph tells it.
        targets = [target.code for target in history.targets(last, history.last_day) if target.code in current]
        former[code] = Former(last.name, history.since(code), last.end or "", targets, rows)
    return former


def former_commune(code: str, commune: Former, overseas_keys: Mapping[str, str]) -> Made:
    keys: list[str] = [overseas_keys.get(one, f"commune-{one}") for one in commune.current]
    return territory(
        f"commune-{code}", "former-commune", "Commune", code, commune.name, commune.rows,
        replaced_by=keys, start=commune.start or "", end=commune.end,
    )  # fmt: skip
