"""The checks of a source's graph: SPARQL over one part of it at a time, and the records that each result concerns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from clirld.map.blocks import Block, blocks
from clirld.validate import kept as kept_results
from clirld.validate import shacl
from clirld.validate.kept import Kept
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

    def __init__(self, parts: Parts, shapes: Shapes, vocabulary: Vocabulary, kept: Kept) -> None:
        self._parts = parts
        self._checks = shapes.checks
        self._order = {check.name: number for number, check in enumerate(shapes.checks)}
        self._concepts = "\n".join(vocabulary.as_nquads(CONCEPTS_GRAPH)).encode()
        self._kept = kept
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
            if self._are_names:  # which depends on all of them
                self._kept.give_up("checks")
        found: list[Finding] = []
        for number, path in enumerate(self._parts.files(every=bool(self._are_names))):
            if number and not is_first and self._are_names is were_names:
                break  # records that nothing connects: what is held back leaves no trace in the others
            is_in = (lambda block: block.record not in held) if held else None
            apart = number and is_first and not self._are_names
            found += self._apart(path, is_in) if apart else self._new(path, is_in)
        if not self._parts.is_whole:  # each focus is in one part, whose results are in order
            found.sort(key=lambda finding: (self._order[finding.result.shape], finding.result.focus))
        return found

    def _apart(self, path: Path, is_in: _Test | None) -> list[Finding]:
        """Findings of records that nothing connects: those that are kept, and those of what is new."""
        hashes: dict[str, hashlib.blake2b] = {}
        for block in blocks(path):
            if is_in is None or is_in(block):
                digest = kept_results.digest(block.text, of_record=block.subject == block.record)
                hashes.setdefault(block.record, hashlib.blake2b(digest_size=len(digest))).update(digest)
        digests = {record: one.digest() for record, one in hashes.items()}
        known = {record: self._kept.results("checks", digest) for record, digest in digests.items()}
        new = {record for record, results in known.items() if results is None}
        is_new = is_in if len(new) == len(known) else lambda block: block.record in new
        found = self._new(path, is_new) if new else []
        results_of_new: dict[str, list[Result]] = {}
        for finding in found:
            for record in finding.records:
                results_of_new.setdefault(record, []).append(finding.result)
        for record, digest in digests.items():
            results = known[record]
            self._kept.keep("checks", digest, results_of_new.get(record, []) if results is None else results)
            found += [Finding(result, (record,)) for result in results or ()]
            self._reported.update(map(_key, results or ()))
        return found

    def _new(self, path: Path, is_in: _Test | None) -> list[Finding]:
        """Findings that were not told before, of the blocks of a file that are asked for."""
        store = self._load(path, is_in)
        results = [
            result
            for check in self._checks
            for result in shacl.run_check(check, store, self._are_names)
            if _key(result) not in self._reported
        ]
        del store  # it may be large, and the blocks are read
        self._reported.update(map(_key, results))
        blocks_by_focus: dict[str, list[Block]] = {result.focus: [] for result in results}
        for block in blocks(path) if results else ():
            if block.subject in blocks_by_focus:
                blocks_by_focus[block.subject].append(block)
        return [_finding(result, blocks_by_focus[result.focus]) for result in results]

    def _load(self, path: Path, is_in: _Test | None) -> ox.Store:
        """A store of the blocks of a file that are asked for, and of the concepts."""
        if is_in is not None:
            with self._parts.publishable.open("wb") as out:
                for block in blocks(path):
                    if is_in(block):
                        out.write(block.text)
            path = self._parts.publishable
        store = ox.Store()
        store.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        store.bulk_load(self._concepts, format=ox.RdfFormat.N_QUADS)
        return store


def _key(result: Result) -> tuple[str, str, str]:
    return result.focus, result.shape, result.value


def _finding(result: Result, of_focus: Sequence[Block]) -> Finding:
    value = f" {result.value} ".encode()  # the spaces: a whole term of the line, not a part of one
    stating = [block for block in of_focus if any(value in line for line in block.lines)]
    return Finding(result, tuple(dict.fromkeys(block.record for block in stating or of_focus)))
