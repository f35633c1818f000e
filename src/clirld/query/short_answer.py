"""Answers that need no process of their own: of one pattern, as long as they stay short.

Oxigraph has an index for each way in which a pattern's terms may be given, and reads it as rows are written: such a
query costs what its answer is long. It is given up at `MAX_BYTES`, and a worker is asked.
"""

from __future__ import annotations

from pyoxigraph import Store

from clirld.query.evaluate import QueryRequest, evaluate
from clirld.query.formats import RESULT_FORMATS

MAX_BYTES = 32_768
"""What pyoxigraph hands on at a time: some two hundred rows."""


class _TooLong(Exception):  # noqa: N818
    """The answer is longer than `MAX_BYTES`."""


class _Short:
    """A file that refuses to be long."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, data: bytes, /) -> int:
        if len(self.content) + len(data) > MAX_BYTES:
            raise _TooLong
        self.content += data
        return len(data)

    def flush(self) -> None:
        pass


def short_answer(store: Store, request: QueryRequest) -> bytes | None:
    """The answer to a checked query that is a lookup of one pattern (`clirld.query.lookup`).

    None where a worker has to be asked: the answer is long, is of a dataset that the request names, is no format of
    SPARQL results, or fails, which the worker says in words.
    """
    if request.own_dataset or request.media_type not in RESULT_FORMATS:
        return None
    answer = _Short()
    try:
        failure = evaluate(store, request, answer)
    except _TooLong:
        return None
    return None if failure else answer.content
