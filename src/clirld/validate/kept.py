"""Results of the last validation that hold still: those of statements that were validated before, as they are.

in: `kept/` of an earlier output of the stage; out: `kept/` of the new one.

    key             of shapes, checks, concepts, engine and program, and sha256 of the other files
    shapes          digests of what the shapes saw: the statements of a block, in the order of the graph
    checks          digests of what the checks saw: the statements of a record that nothing connects with another one
    results.jsonl   digest and results, of those that have results

A result is taken where the digest of the statements is the same, whatever else has changed, so it is what the engine
would give again. Digests are looked for in about the order in which they were written; one that is not met is validated
again, which costs time only. What records that are connected give together is never kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Self

from clirld.checksums import sha256_of
from clirld.settings import BASE
from clirld.validate.shacl import Result

FOLDER = "kept"
_FILES = ("shapes", "checks", "results.jsonl")
_BYTES = 16
_CHUNK = 100_000
"""Digests in memory at once, twice over."""

_ROW = f"<{BASE}ontology#sourceRow> ".encode()
_TIME = b"<http://www.w3.org/ns/prov#generatedAtTime> "
_FILE = f"<http://www.w3.org/ns/prov#wasDerivedFrom> <{BASE}id/distribution/".encode()
_RETRIEVAL = re.compile(
    re.escape(_ROW)
    + rb'"(?P<row>[1-9][0-9]*)"\^\^<http://www.w3.org/2001/XMLSchema#integer> |'
    + re.escape(_TIME)
    + rb'"(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})Z"|'
    + re.escape(_FILE)
    + b"(?P<file>[a-z0-9-]+\\.[a-z0-9-]+\\.)[0-9a-f]{64}> "
)
"""Beginnings of statements, after the subject, of which row, at what time and from which file a record is."""


class Kept:
    """What is kept of an earlier run, and what is to be kept of this one."""

    def __init__(self, out: Path, key: str, earlier: Path | None = None) -> None:
        """`out` is the folder of the stage's new output, `earlier` that of one which `is_usable`; `key` of both."""
        self._folder, self._key = out / FOLDER, key
        self._folder.mkdir(exist_ok=True)
        self._met = {name: _Digests(earlier and earlier / FOLDER / name) for name in ("shapes", "checks")}
        self._results = dict(_read_results(earlier / FOLDER / "results.jsonl")) if earlier else {}
        self._written: dict[str, IO[bytes]] = {name: (self._folder / name).open("wb") for name in self._met}
        self._written_results = (self._folder / "results.jsonl").open("w", encoding="utf-8")

    def results(self, kind: str, digest: bytes) -> list[Result] | None:
        """What the `shapes` or the `checks` gave for statements before; None where they have not seen them."""
        return self._results.get((kind, digest.hex()), []) if self._met[kind].meets(digest) else None

    def keep(self, kind: str, digest: bytes, results: Sequence[Result]) -> None:
        """Keep the results of statements for the next run."""
        self._written[kind].write(digest)
        if results:
            self._written_results.write(json.dumps((kind, digest.hex(), results), ensure_ascii=False) + "\n")

    def give_up(self, kind: str) -> None:
        """Keep nothing of the results of this kind."""
        self._written[kind].truncate(0)
        self._written[kind].seek(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_more: object) -> None:
        """Close what was read and written, and say whose results these are once they are whole."""
        for file in self._written.values():
            file.close()
        for digests in self._met.values():
            digests.close()
        self._written_results.close()
        if failure:
            return
        sums = "".join(f" {sha256_of(self._folder / name)}" for name in _FILES)
        (self._folder / "key").write_text(self._key + sums, encoding="ascii")


def find(outputs: Path, key: str) -> Path | None:
    """The newest folder of `outputs` with results that are kept for this key, whole as they were written."""
    folders = [path for path in outputs.glob("*/") if not path.name.startswith(".")] if outputs.is_dir() else []
    with suppress(OSError):  # one that is being deleted
        for folder in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True):
            if _is_usable(folder / FOLDER, key):
                return folder
    return None


def _is_usable(kept: Path, key: str) -> bool:
    try:
        return (kept / "key").read_text(encoding="ascii").split() == [key, *(sha256_of(kept / one) for one in _FILES)]
    except (OSError, ValueError):
        return False


def digest(text: bytes, *, of_record: bool = False) -> bytes:
    """Digest of N-Quads in their order; `of_record` where they are a source record's own.

    Which file, row and time a record is from is left out, but for the year, where it is as it should be: it
    changes with every new file, and nothing that is found depends on it (`tests/validate/test_kept.py`).
    """
    return hashlib.blake2b(_without_retrieval(text) if of_record else text, digest_size=_BYTES).digest()


def _without_retrieval(text: bytes) -> bytes:
    # Two rows or times are one too many, unless they are the same.
    if max(text.count(_ROW), text.count(_TIME)) > 1:
        return text
    start = text.find(b" ") + 1
    lines = text.split(b"\n")
    for n, line in enumerate(lines):
        if line.startswith((_ROW, _TIME, _FILE), start) and (found := _RETRIEVAL.match(line, start)):
            lines[n] = _steady(found) or line
    return b"\n".join(lines)


def _steady(found: re.Match[bytes]) -> bytes:
    """What counts of such a statement; nothing for a time that is none."""
    if found["row"]:
        return _ROW
    if found["time"]:
        return _TIME + found["time"][:4] if _is_time(found["time"]) else b""
    return _FILE + found["file"]


@lru_cache(maxsize=1024)
def _is_time(text: bytes) -> bool:
    try:
        datetime.fromisoformat(text.decode())
    except ValueError:
        return False
    return True


def _read_results(path: Path) -> Iterator[tuple[tuple[str, str], list[Result]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            kind, of, results = json.loads(line)
            yield (kind, of), [Result(*one) for one in results]


class _Digests:
    """A file of digests that are met again in about their order, two chunks of it in memory."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("rb") if path else None
        self._chunks = (self._read(), self._read())

    def meets(self, digest: bytes) -> bool:
        here, ahead = self._chunks
        if digest in here:
            return True
        if digest in ahead:
            self._chunks = (ahead, self._read())
            return True
        return False

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _read(self) -> frozenset[bytes]:
        data = self._file.read(_CHUNK * _BYTES) if self._file else b""
        return frozenset(data[start : start + _BYTES] for start in range(0, len(data), _BYTES))
