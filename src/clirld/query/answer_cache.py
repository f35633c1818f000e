"""Answers of one release, kept for whoever asks the same again: those asked for last, within a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

_SHARE = 16
_OVERHEAD = 500  # bytes of an entry besides its answer


class AnswerCache:
    """in: a release's folder, a short name of a question; out: bytes. A release never changes, so neither do they."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._answers: OrderedDict[str | bytes, bytes] = OrderedDict()
        self._release: Path | None = None
        self._bytes = 0

    @property
    def max_answer(self) -> int:
        """Bytes of the largest answer that is kept: one never drives out all others."""
        return self._max_bytes // _SHARE

    def get(self, release: Path, question: str | bytes) -> bytes | None:
        """The answer of this release, if it is kept."""
        if not self._is_of(release):
            return None
        answer = self._answers.get(question)
        if answer is not None:
            self._answers.move_to_end(question)
        return answer

    def put(self, release: Path, question: str | bytes, answer: bytes) -> None:
        """Keep an answer; those of any other release are dropped."""
        if not self._is_of(release):
            self._answers.clear()
            self._release, self._bytes = release, 0
        if len(answer) > self.max_answer or question in self._answers:
            return
        self._answers[question] = answer
        self._bytes += len(answer) + _OVERHEAD
        while self._bytes > self._max_bytes:
            _, dropped = self._answers.popitem(last=False)
            self._bytes -= len(dropped) + _OVERHEAD

    def _is_of(self, release: Path) -> bool:
        # Asked several times a request, nearly always with the same object, which is told at once.
        return release is self._release or release == self._release
