"""One query on its own, in a process that is killed when its time is up: for the command line."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from clirld.query.evaluate import QueryRequest, check
from clirld.query.failure import Failure
from clirld.query.formats import HTML, media_types
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

    `media` is a media type; None takes the default of the query's form. Raises QueryError.
    """
    parsed = check(query, allow=allow)
    if isinstance(parsed, Failure):
        raise parsed.error()
    media = media or media_types(parsed.form)[0]
    # A query without a form is not one: the parser says why.
    if parsed.form is not None and media != HTML and media not in media_types(parsed.form):
        form, types = parsed.form.upper(), ", ".join(media_types(parsed.form))
        raise Failure("not-acceptable", detail={"kind": form, "types": types}).error()
    with Worker(memory=memory, network=bool(allow)) as worker:
        answer = worker.evaluate(release / "store", QueryRequest(query, media), timeout)
    if isinstance(answer, Failure):
        raise answer.error()
    return answer if isinstance(answer, bytes) else answer.read_bytes()
