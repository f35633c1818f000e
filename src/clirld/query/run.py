"""One query on its own, in a process that is killed when its time is up: for the command line."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from clirld.query.evaluate import Question, check
from clirld.query.failure import Failure
from clirld.query.formats import PAGE, offered
from clirld.query.worker import Worker


def run(
    release: Path,
    query: str,
    media: str | None,
    *,
    timeout: float,
    memory: int,
    allow: Collection[str] = (),
) -> bytes:
    """Answer one query on a release folder, in a process that is killed at `timeout` seconds.

    `media` is a media type; None takes the default of the query's kind. Raises QueryError.
    """
    read = check(query, allow=allow)
    if isinstance(read, Failure):
        raise read.error()
    media = media or offered(read.kind)[0]
    # A query without a kind is not one: the parser says why.
    if read.kind is not None and media != PAGE and media not in offered(read.kind):
        kind, types = read.kind.upper(), ", ".join(offered(read.kind))
        raise Failure("not-acceptable", detail={"kind": kind, "types": types}).error()
    with Worker(memory=memory, network=bool(allow)) as worker:
        answer = worker.ask(release / "store", Question(query, media), timeout)
    if isinstance(answer, Failure):
        raise answer.error()
    return answer if isinstance(answer, bytes) else answer.read_bytes()
