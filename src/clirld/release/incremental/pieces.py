"""What a release makes of one graph alone, taken over from the release before where the graph is the same.

dump/<graph>.nq.gz           its lines, sorted, each once
pieces/<graph>/jsonld.gz     the same as JSON-LD, without the brackets of the array around it
pieces/<graph>/words.nq.gz   those lines that the index of words is made of
pieces/<graph>/counts.json   statements by property, by class and property; things by class; links by property, dataset
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

from clirld import checksums, stages
from clirld.release import gzip_files, partitions
from clirld.release.changes.difference import Difference, differences
from clirld.release.changes.sorting import sorted_lists
from clirld.release.changes.write import dumps_of
from clirld.release.completeness import Told, read_levels
from clirld.release.formats import jsonld_dump
from clirld.release.incremental.graph_counts import GraphCounts
from clirld.release.published import Release
from clirld.search import index as search_index
from clirld.search.update import update

FOLDER = "pieces"
"""Files of a release that only the next one reads."""

_WITHOUT_WORDS = ("accounting-", "derived-")
"""Beginnings of the names of the graphs that the index is not made of."""

_COST_OF_A_THING = 10
"""How many things are put into a new index at the cost of one that is changed in one that is there."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Makes the pieces of graphs in the folder of a release, or takes them over from `before`.

    `linking` are the properties whose values may lead to another dataset, `scratch` is a folder for parts of what does
    not fit in memory, `known` has the checksums of the files of the release.
    """

    folder: Path
    before: Release | None
    linking: Collection[str]
    scratch: Path
    known: checksums.Known
    made_from: dict[str, str] = field(default_factory=dict)
    """What is taken over or made, by name: fingerprints of what it was made from."""

    def sha256_of(self, path: Path) -> str:
        """SHA-256 of a file of the release, as `known` has it."""
        return self.known.sha256_of(path)

    def taken_over(self, name: str, made_from: str, paths: Sequence[str]) -> bool:
        """Whether files were there in the release before, made from the same by the same program: then they are links.

        `name` is what the manifest calls them in `made_from`, `made_from` a fingerprint of what they are made from.
        """
        self.made_from[name] = stages.fingerprint(stages.program_fingerprint(), made_from)
        if self.before is None or self.before.manifest.get("made_from", {}).get(name) != self.made_from[name]:
            return False
        for path in paths:
            stages.link(self.before.folder / path, self.folder / path)
        return True

    def make(self, graphs: Mapping[str, Path]) -> None:
        """Make the pieces of some graphs, files of N-Quads by name."""
        for name, path in graphs.items():
            self._make(name, path)

    def make_index(self, names: Iterable[str]) -> dict[str, Any]:
        """Make the index of the words of some graphs.

        Gives what the manifest says of it under `index`, which the next release goes by.
        """
        words = {name: _words(self.folder, name) for name in names}
        made = {"program": stages.fingerprint(stages.program_fingerprint(), sqlite3.sqlite_version), "changed": 0}
        known = self.before.manifest.get("index", {}) if self.before else {}
        made_from = stages.fingerprint(sqlite3.sqlite_version, *map(self.sha256_of, words.values()))
        if self.taken_over(search_index.FILE, made_from, [search_index.FILE]):
            return dict(known)
        out = self.folder / search_index.FILE
        if self.before and known.get("program") == made["program"]:
            earlier, before = self.before.folder / search_index.FILE, _words_of(self.before)
            most = search_index.things(earlier) // _COST_OF_A_THING - known["changed"]
            subjects = list(islice(_changed_subjects(before, words), max(most, 0) + 1))
            if len(subjects) <= most and update(earlier, out, subjects, [*before.values()], [*words.values()]):
                return made | {"changed": known["changed"] + len(subjects)}
        search_index.write(words.values(), out)
        return made

    def told_of_levels(self, tiers: Path, changed: Sequence[Difference] | None) -> Told | None:
        """What the release before says of levels, by the same tiers, where `changed` says what differs since."""
        queries = stages.files_fingerprint(sorted(tiers.glob("*.rq")))
        if not self.taken_over("levels", queries, []) or self.before is None or changed is None:
            return None
        names = [name for names in dumps_of(self.before).values() for name in names if name.startswith("derived-")]
        return Told(read_levels(self.before.folder / "dump" / f"{name}.nq.gz" for name in names), changed)

    def counts(self, name: str) -> partitions.Counts:
        """What was counted in a graph."""
        counts: partitions.Counts = json.loads((self.folder / FOLDER / name / "counts.json").read_text("utf-8"))
        return counts

    def join(self, names: Iterable[str], out: str) -> None:
        """Write the dumps of several graphs as one, as N-Quads and as JSON-LD, into `dump/`."""
        dumps = self.folder / "dump"
        names = list(names)
        with (dumps / f"{out}.nq.gz").open("wb") as whole:
            for name in names:
                gzip_files.append(dumps / f"{name}.nq.gz", whole)
        parts = [self.folder / FOLDER / name / "jsonld.gz" for name in names]
        jsonld_dump.join(parts, dumps / f"{out}.jsonld.gz")

    def _make(self, name: str, graph: Path) -> None:
        made_from = stages.fingerprint(
            metadata.version("pyoxigraph"), *sorted(self.linking), checksums.sha256_as_made(graph, graph.parent)
        )
        dump, folder = self.folder / "dump" / f"{name}.nq.gz", self.folder / FOLDER / name
        folder.mkdir(parents=True)
        own = [f"{FOLDER}/{name}/{file}" for file in ("jsonld.gz", "words.nq.gz", "counts.json")]
        if self.taken_over(name, made_from, [f"dump/{dump.name}", *own]):
            return
        counts = GraphCounts(self.linking)
        with (
            graph.open("rb") as lines,
            gzip_files.writing(dump) as out,
            gzip_files.writing(_words(self.folder, name)) as words,
        ):
            for several in sorted_lists(lines, self.scratch):
                out.writelines(several)
                words.writelines(counts.add(several))
        jsonld_dump.write_part(dump, folder / "jsonld.gz")
        stages.write_json(folder / "counts.json", counts.as_json())


def _words(folder: Path, name: str) -> Path:
    """The lines of a graph that the index of words is made of, in the folder of a release."""
    return folder / FOLDER / name / "words.nq.gz"


def _words_of(release: Release) -> dict[str, Path]:
    """The lines that the index of an earlier release was made of, by graph."""
    names = dict.fromkeys(name for names in dumps_of(release).values() for name in names)
    return {name: _words(release.folder, name) for name in names if not name.startswith(_WITHOUT_WORDS)}


def _changed_subjects(before: Mapping[str, Path], after: Mapping[str, Path]) -> Iterator[bytes]:
    """The subjects of which the lines of a graph that the index is made of differ."""
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if not (old and new and gzip_files.are_same(old, new)):
            for one in differences(*(gzip_files.lines(path) if path else iter(()) for path in (old, new))):
                yield one.subject
