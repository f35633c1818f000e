"""The changes of a release against the one before it: patch, tables, counts and feed, in one reading of the dumps.

A release before that holds what has been erased since, or was withdrawn, is not repeated, in nothing: then there is no
patch, only the word that there is none, and the feed begins anew. A stream with pages of a withdrawn one does so too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld import stages
from clirld.release import gzip_files
from clirld.release.changes import ldes
from clirld.release.changes.difference import Difference, differences
from clirld.release.changes.patch import Counts, GroupChanges, group_changes, summary, totals
from clirld.release.changes.sorting import sorted_lines
from clirld.release.published import Release
from clirld.release.unavailable import repeated
from clirld.settings import BASE

OWN = ("ontology", "concepts", "catalog")
"""Graphs of the project itself, in the files of the open group."""

SHARED = ("accounting", "derived", "links")
"""Graphs of the project itself, of which each licence group has its part."""

_LINKS_SINCE = 9
"""Layout of releases that have a graph of links."""

_SORTED_SINCE = 4
"""Layout of releases whose dumps are sorted."""

_LISTED = 100
"""Releases that `summary.json` lists."""


def dump_names(group: str, sources: Sequence[str], *, is_open: bool, layout: int = _LINKS_SINCE) -> list[str]:
    """The dumps that a licence group's is joined of, in their order, in a release of a layout."""
    own = OWN if is_open else ()
    return [*own, *sources, *(f"{name}-{group}" for name in SHARED if name != "links" or layout >= _LINKS_SINCE)]


def dumps_of(release: Release) -> dict[str, list[str]]:
    """The dumps of an earlier release, by licence group."""
    groups = release.manifest.get("rights", {}).get("groups", [])
    return {one["id"]: dump_names(one["id"], one["sources"], is_open=one["id"] == "open") for one in groups}


def graph_iri(name: str) -> str:
    """The graph that a dump has; what became of the rows, and what is derived, are in parts by licence group."""
    for shared in SHARED:
        if name.startswith(f"{shared}-"):
            return f"{BASE}graph/{shared}"
    return f"{BASE}graph/{name}"


@dataclass(frozen=True, slots=True)
class NewRelease:
    """What is known of a release whose dumps are written: its folder, names of its dumps by group, and what it is."""

    folder: Path
    groups: Mapping[str, Sequence[str]]
    id: str
    version: str
    created: str


def write(new: NewRelease, before: Release | None, may_repeat: bool, withdrawn: Collection[str], scratch: Path) -> None:
    """Write `changes/` and `feed/` into the folder of a release.

    `before` is the release before, if there is one; `may_repeat` says whether something of it may be told again, and
    `withdrawn` of which releases nothing may.
    """
    writer = _Writer(new, before if may_repeat else None, withdrawn, scratch)
    (new.folder / "feed").mkdir()
    (new.folder / "changes").mkdir()
    counts = writer.write_all()
    listed = _summary_of(before).get("releases", []) if before else []
    this = {"id": new.id, "version": new.version, "created": new.created, **totals(counts)}
    said = summary(before.manifest if before else None, counts, [*listed, this][-_LISTED:])
    stages.write_json(new.folder / "changes" / "summary.json", said)


class _Writer:
    def __init__(self, new: NewRelease, before: Release | None, withdrawn: Collection[str], scratch: Path) -> None:
        self.new = new
        self.before = before
        self.withdrawn = withdrawn
        self.scratch = scratch
        self.counts = Counts()

    def write_all(self) -> Counts | None:
        earlier = dumps_of(self.before) if self.before else {}
        for group in dict.fromkeys([*earlier, *self.new.groups]):
            with ExitStack() as files:
                changes = None
                if self.before:
                    ids = self.before.id, self.new.id
                    folder = self.new.folder / "changes"
                    changes = files.enter_context(group_changes(folder, group, ids, self.counts))
                names = self.new.groups.get(group, ())
                for name in dict.fromkeys([*earlier.get(group, ()), *names]):
                    was, is_ = name in earlier.get(group, ()), name in names
                    self._write_graph(name, changes, was=was, is_=is_)
        return self.counts if self.before else None

    def _write_graph(self, name: str, changes: GroupChanges | None, *, was: bool, is_: bool) -> None:
        old = self._dump(self.before, name) if self.before and was else None
        new = self.new.folder / "dump" / f"{name}.nq.gz" if is_ else None
        found = self._differences(name, old, new, changes)
        if new is None:
            for _one in found:  # a graph that left: its feed ends with it
                pass
            return
        folder = self.new.folder / "feed" / name
        folder.mkdir()
        earlier = self.before.folder / "feed" / name if self.before and was else None
        begin = ldes.begin_of(earlier) if earlier and self._may_go_on(earlier) else None
        if earlier and begin:
            ldes.carry_over(earlier, folder)
            ldes.write_pages(found, folder, name, begin, self.new.id)
        else:
            begin = self.new.id
            for _one in found:
                pass
            ldes.write_pages(differences((), gzip_files.lines(new)), folder, name, begin, self.new.id)
        ldes.write_index(folder, name, graph_iri(name), begin)

    def _may_go_on(self, stream: Path) -> bool:
        return not repeated.by_stream(stream, self.withdrawn) and not ldes.has_outgrown_its_beginning(stream)

    def _differences(
        self, name: str, old: Path | None, new: Path | None, changes: GroupChanges | None
    ) -> Iterator[Difference]:
        """How a graph differs, each difference told to the patch as it passes."""
        if old and new and gzip_files.are_same(old, new):
            return
        before = self._sorted(old) if old else iter(())
        for one in differences(before, gzip_files.lines(new) if new else ()):
            if changes:
                changes.add(name, one)
            yield one

    def _sorted(self, dump: Path) -> Iterator[bytes]:
        assert self.before
        lines = gzip_files.lines(dump)
        is_sorted = int(self.before.manifest.get("layout", 0)) >= _SORTED_SINCE
        return lines if is_sorted else sorted_lines(lines, self.scratch)

    @staticmethod
    def _dump(release: Release, name: str) -> Path | None:
        path = release.folder / "dump" / f"{name}.nq.gz"
        return path if path.is_file() else None


def _summary_of(release: Release) -> dict[str, Any]:
    """What an earlier release said of its changes; nothing, where it is from before there were any."""
    try:
        return dict(json.loads((release.folder / "changes" / "summary.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
