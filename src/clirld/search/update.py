"""The index of a release made from that of the release before: things that differ are taken out of it and put in again.

It finds the same things in the same order as one made anew, which it is not the same bytes as: ids have room between
them for new things, and FTS5 keeps what was put in later in a part of its own.
"""

from __future__ import annotations

import shutil
import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from isal import igzip

from clirld.search.around import NOTHING, Surrounding, short, whole
from clirld.search.index import GAP, Entry, class_of, common_classes, entry, insert, remove, writing
from clirld.search.things import CONCEPT, TERRITORY, Order, Thing, filters_of, kinds_of, of_lines, rank

_CHUNK = 1 << 24
"""Bytes of lines looked through at a time."""


class _Change(NamedTuple):
    iri: str
    before: Thing | None
    after: Thing | None

    @property
    def moves(self) -> bool:
        """Whether it comes at another place in the order."""
        return not (self.before and self.after and self.before.order(self.iri) == self.after.order(self.iri))


def update(earlier: Path, out: Path, subjects: Iterable[bytes], before: Sequence[Path], after: Sequence[Path]) -> bool:
    """Write the index of some graphs, given that of others, which differ in what is said of some subjects only.

    `earlier` is the index of the graphs `before`, made by the same program. Graphs are files of the lines that are read
    for the index, packed and sorted. Gives whether it was done: False, and no file, where the index is to be made
    anew, as territories or concepts differ, or records that are one with others, or which class is the most common, or
    there is no room. Raises OSError as `index.write`.
    """
    changes = _changes(subjects, before, after)
    if any(one.iri.startswith((TERRITORY, CONCEPT)) for one in changes):  # others lie in them, or are about them
        return False
    shutil.copyfile(earlier, out)
    with writing(out) as index:
        index.execute("PRAGMA journal_mode = OFF")
        index.execute("PRAGMA synchronous = OFF")
        with index:
            done = _Update(index).make(changes)
    if not done:
        out.unlink()
    return done


def _changes(subjects: Iterable[bytes], before: Sequence[Path], after: Sequence[Path]) -> list[_Change]:
    """The things among some subjects of which something else is said."""
    wanted = sorted(subject + b" " for subject in subjects)
    was: dict[bytes, list[bytes]] = defaultdict(list)
    is_: dict[bytes, list[bytes]] = defaultdict(list)
    same = [path for path in after if any(path.samefile(one) for one in before)]
    for path in after:
        _find_lines(path, wanted, [was, is_] if path in same else [is_])
    for path in before:
        if not any(path.samefile(one) for one in same):
            _find_lines(path, wanted, [was])
    found = []
    for subject in wanted:
        iri = subject[1:-2].decode()
        if kinds_of(iri):
            one = _Change(iri, of_lines(was[subject]), of_lines(is_[subject]))
            if not (one.after.is_as(one.before) if one.after else one.before is None):
                found.append(one)
    return found


def _find_lines(path: Path, wanted: Sequence[bytes], found: Sequence[Mapping[bytes, list[bytes]]]) -> None:
    """Put the lines that begin with one of some sorted beginnings in lists, of a packed file of sorted lines."""
    with igzip.open(path) as file:  # type: ignore[no-untyped-call]
        while chunk := file.read(_CHUNK):
            chunk += file.readline()
            first, last = chunk[: chunk.index(b" ") + 1], chunk[chunk.rfind(b"\n", 0, -1) + 1 :]
            last = last[: last.index(b" ") + 1]
            for start in wanted[bisect_left(wanted, first) : bisect_right(wanted, last)]:
                position = _first_line(chunk, start)
                while chunk.startswith(start, position):
                    end = chunk.index(b"\n", position) + 1
                    for lines in found:
                        lines[start].append(chunk[position:end])
                    position = end


def _first_line(lines: bytes, start: bytes) -> int:
    """Where the first of some sorted lines begins that does not come before `start`."""

    def line_at(position: int) -> int:
        return lines.rfind(b"\n", 0, position) + 1

    def beginning(position: int) -> bytes:
        first = line_at(position)
        return lines[first : first + len(start)]

    position = bisect_left(range(len(lines)), start, key=beginning)
    return line_at(position) if position < len(lines) else position


class _Update:
    def __init__(self, index: sqlite3.Connection) -> None:
        self.index = index

    def make(self, changes: Sequence[_Change]) -> bool:
        """Make the changes; False where they cannot be made."""
        if any(one and one.same_as for _, was, is_ in changes for one in (was, is_)) or self._stand(changes):
            return False
        together: Counter[str] = Counter(dict(self.index.execute("SELECT types, things FROM class")))
        later, kinds = together.copy(), Counter[str]()
        for _iri, was, is_ in changes:
            later.subtract([was.classes] if was else [])
            later.update([is_.classes] if is_ else [])
        common, common_later = common_classes(together), common_classes(later)
        if any(class_of(one, common) != class_of(one, common_later) for one in together if later[one]):
            return False
        ids = self._ids(changes)
        for iri, was, _is in changes:
            if was:
                kinds.subtract([] if was.is_gone else filters_of(iri))
                remove(self.index, ids[iri], self._entry(iri, was))
        # Those that stay at their place first: the others find theirs among all that are there.
        for change in sorted(changes, key=lambda one: one.moves):
            iri, _was, is_ = change
            if is_ is None:
                continue
            kinds.update([] if is_.is_gone else filters_of(iri))
            number = self._number(is_.order(iri)) if change.moves else ids[iri]
            if number is None:
                return False
            type_ = class_of(is_.classes, common_later)
            insert(self.index, number, iri, is_, self._entry(iri, is_), type_, ids.get(is_.place))
        self._count("kind", "name", kinds)
        later.subtract(together)
        self._count("class", "types", later)
        return True

    def _stand(self, changes: Sequence[_Change]) -> bool:
        """Whether one of the things that change stands for others."""
        known = {iri for (iri,) in self.index.execute("SELECT iri FROM joined")}
        return any(one.iri in known for one in changes)

    def _ids(self, changes: Sequence[_Change]) -> dict[str, int]:
        """The ids of the things that change, and of the territories where they are."""
        wanted = {one.iri for one in changes} | {one.after.place for one in changes if one.after}
        self.index.execute("CREATE TEMP TABLE wanted (iri TEXT PRIMARY KEY) WITHOUT ROWID")
        self.index.executemany("INSERT INTO wanted VALUES (?)", [(iri,) for iri in wanted])
        return dict(self.index.execute("SELECT iri, id FROM thing WHERE iri IN wanted"))

    def _entry(self, iri: str, thing: Thing) -> Entry:
        return entry(iri, thing, self._around)

    def _around(self, iri: str) -> Surrounding:
        query = "SELECT wholes, names, spread FROM within WHERE part = ?"
        if (row := self.index.execute(query, (short(iri),)).fetchone()) is None:
            return NOTHING
        wholes, names, spread = row
        return Surrounding([*map(whole, wholes.split())], names, [*map(whole, spread.split())])

    def _number(self, order: Order) -> int | None:
        """A free id at a place in the order, in the middle of those that are free there; None where none is."""
        highest = self.index.execute("SELECT ifnull(max(id), 0) FROM thing").fetchone()[0]
        following = bisect_left(range(1, highest + 1), order, key=self._order_from) + 1
        before = self.index.execute("SELECT ifnull(max(id), 0) FROM thing WHERE id < ?", (following,)).fetchone()[0]
        after = self._from(following)
        free = (after[0] if after else highest + 2 * GAP) - before
        return before + free // 2 if free > 1 else None

    def _order_from(self, number: int) -> Order:
        found = self._from(number)
        assert found
        _number, iri, gone, length, population = found
        return bool(gone), rank(iri), length, -population, iri

    def _from(self, number: int) -> tuple[int, str, int, int, int] | None:
        """The first thing that has an id, or a greater one."""
        found: tuple[int, str, int, int, int] | None = self.index.execute(
            "SELECT id, iri, gone, length, population FROM thing WHERE id >= ? ORDER BY id LIMIT 1", (number,)
        ).fetchone()
        return found

    def _count(self, table: str, column: str, differences: Mapping[str, int]) -> None:
        changed = [(one, number) for one, number in sorted(differences.items()) if number]
        self.index.executemany(
            f"INSERT INTO {table} VALUES (?, ?) ON CONFLICT ({column}) DO UPDATE SET things = things + excluded.things",  # noqa: S608
            changed,
        )
        self.index.execute(f"DELETE FROM {table} WHERE things = 0")  # noqa: S608
