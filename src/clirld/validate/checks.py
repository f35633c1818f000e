"""The checks of a source's graph: SPARQL over one part of it at a time, and the records that each result concerns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from clirld.map.blocks import Block, blocks
from clirld.validate import shacl
from clirld.validate.parts import Parts
from clirld.validate.shacl import Result, Shapes
from clirld.values.persons import names as person_names
from clirld.vocabulary.terms import CONCEPTS_GRAPH, Vocabulary

_Test = Callable[[Block], bool]


class Finding(NamedTuple):
    """A result and the records it concerns."""

    result: Result
    records: tuple[str, ...]


class Checks:
    """The checks on a graph, run again when more of its records are held back: that may leave references dangling."""

    def __init__(self, parts: Parts, shapes: Shapes, vocabulary: Vocabulary) -> None:
        self._parts = parts
        self._checks = shapes.checks
        self._concepts = "\n".join(vocabulary.as_nquads(CONCEPTS_GRAPH)).encode()
        self._reported: set[tuple[str, str, str]] = set()
        self._are_names: bool | None = None
        self._has_run = False

    def findings(self, held: Collection[str]) -> list[Finding]:
        """What the checks find new in the graph without the records that are held back; by check, then by focus.

        A result concerns the records whose block about the focus states the value, or, where none does,
        all records of the focus, held back or not.
        """
        is_first, were_names = not self._has_run, self._are_names
        self._has_run = True
        if not self._parts.is_whole:
            self._are_names = person_names.is_column_of_names(self._parts.names(held))
        by_check: list[list[Finding]] = [[] for _check in self._checks]
        for number, (path, is_of_part) in enumerate(self._parts.files()):
            if number and not is_first and self._are_names is were_names:
                break  # records that nothing connects: what is held back leaves no trace in the others
            for found, findings in zip(by_check, self._part_findings(path, is_of_part, held), strict=True):
                found += findings
        if not self._parts.is_whole:
            for found in by_check:  # each focus is in one part, whose results are in order
                found.sort(key=lambda finding: finding.result.focus)
        return [finding for found in by_check for finding in found]

    def _part_findings(self, path: Path, is_of_part: _Test | None, held: Collection[str]) -> list[list[Finding]]:
        """New findings of each check on a part without the records that are held back."""
        store = self._load(path, is_of_part, held)
        results = [
            [result for result in shacl.run_check(check, store, self._are_names) if _key(result) not in self._reported]
            for check in self._checks
        ]
        del store  # it may be large, and the blocks are read
        self._reported.update(_key(result) for found in results for result in found)
        blocks_by_focus: dict[str, list[Block]] = {result.focus: [] for found in results for result in found}
        for block in blocks(path) if blocks_by_focus else ():
            if block.subject in blocks_by_focus:
                blocks_by_focus[block.subject].append(block)
        return [[_finding(result, blocks_by_focus[result.focus]) for result in found] for found in results]

    def _load(self, path: Path, is_of_part: _Test | None, held: Collection[str]) -> ox.Store:
        """A store of what may be published of a part, and of the concepts."""
        store = ox.Store()
        if held or is_of_part:
            with self._parts.publishable.open("wb") as out:
                for block in blocks(path):
                    if block.record not in held and (is_of_part is None or is_of_part(block)):
                        out.writelines(block.lines)
            path = self._parts.publishable
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        store.bulk_load(self._concepts, format=ox.RdfFormat.N_QUADS)
        return store


def _key(result: Result) -> tuple[str, str, str]:
    return result.focus, result.shape, result.value


def _finding(result: Result, of_focus: Sequence[Block]) -> Finding:
    value = f" {result.value} ".encode()  # the spaces: a whole term of the line, not a part of one
    stating = [block for block in of_focus if any(value in line for line in block.lines)]
    return Finding(result, tuple(dict.fromkeys(block.record for block in stating or of_focus)))
