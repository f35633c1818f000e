"""How one graph differs from what it was: two sorted dumps, read once and side by side.

in: lines of N-Quads in the order of their bytes, each once; out: the subjects that differ, with what they had and have.
The lines of a subject follow each other, since what comes after its closing bracket sorts before any other IRI's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <"

Change = Literal["added", "removed", "changed"]


class Difference(NamedTuple):
    """A subject (as N-Quads write it) whose lines differ: all that it had, and all that it has."""

    subject: bytes
    before: list[bytes]
    after: list[bytes]

    @property
    def change(self) -> Change:
        """Whether the subject is new, gone, or another."""
        return "changed" if self.before and self.after else "added" if self.after else "removed"

    @property
    def removed(self) -> list[bytes]:
        """The lines that it no longer has."""
        after = set(self.after)
        return [line for line in self.before if line not in after]

    @property
    def added(self) -> list[bytes]:
        """The lines that it has now."""
        before = set(self.before)
        return [line for line in self.after if line not in before]

    @property
    def classes(self) -> list[str]:
        """The IRIs of its classes: of those that it has, or had where it is gone."""
        start = len(self.subject) + 1
        lines = self.after or self.before
        return [
            line[start + len(_TYPE) :].partition(b">")[0].decode() for line in lines if line.startswith(_TYPE, start)
        ]


def differences(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[Difference]:
    """The subjects of two sorted graphs that differ, in the order of their bytes."""
    olds, news = _by_subject(before), _by_subject(after)
    old, new = next(olds, None), next(news, None)
    while old or new:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None
            yield Difference(old[0], old[1], [])
            old = next(olds, None)
        elif old is None or new[0] < old[0]:
            yield Difference(new[0], [], new[1])
            new = next(news, None)
        else:
            if old[1] != new[1]:
                yield Difference(old[0], old[1], new[1])
            old, new = next(olds, None), next(news, None)


def _by_subject(lines: Iterable[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    subject, start, group = b"", b"", list[bytes]()
    for line in lines:
        if group and line.startswith(start):
            group.append(line)
            continue
        if group:
            yield subject, group
        start = line[: line.index(b" ") + 1]
        subject, group = start[:-1], [line]
    if group:
        yield subject, group
