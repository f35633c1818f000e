"""One query on its own, in a process that is killed when its time is up: for the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from clirld.query.evaluate import QueryRequest, check
from clirld.query.failure import Failure
from clirld.query.fork_server import ForkServer
from clirld.query.formats import CANONICAL, DIGEST, HTML, media_types


def run(
    release: Path,
    query: str,
    media: str | None,
    *,
    timeout: float,
    memory: int,
    allow: Collection[str] = (),
    default_graphs: tuple[str, ...] | None = None,
    named_graphs: tuple[str, ...] | None = None,
    tell_hits: Callable[[str], None] = lambda _: None,
) -> bytes:
    """Answer one query on a release folder, in a process that is killed at `timeout` seconds.

    `media` is a media type; None takes the default of the query's form. The graphs are those that a request names.
    `tell_hits` is told how many things the searches of the query found.
    Raises QueryError.
    """
    parsed = check(query, allow=allow)
    if isinstance(parsed, Failure):
        raise parsed.error()
    media = media or media_types(parsed.form)[0]
    # A query without a form is not one: the parser says why.
    if parsed.form is not None and media not in (HTML, CANONICAL, DIGEST, *media_types(parsed.form)):
        form, types = parsed.form.upper(), ", ".join(media_types(parsed.form))
        raise Failure("not-acceptable", detail={"kind": form, "types": types}).error()
    request = QueryRequest(query, media, default_graphs=default_graphs, named_graphs=named_graphs)
    answer = asyncio.run(_answer(release / "store", request, timeout, memory, bool(allow), tell_hits))
    if isinstance(answer, Failure):
        raise answer.error()
    return answer


async def _answer(
    store: Path,
    request: QueryRequest,
    timeout: float,
    memory: int,
    network: bool,
    tell_hits: Callable[[str], None],
) -> bytes | Failure:
    async with ForkServer(memory=memory, network=network) as server:
        worker = await server.worker()
        if isinstance(worker, Failure):
            return worker
        worker.ask(store, request)
        answer = bytearray()
        try:
            async with asyncio.timeout(timeout):
                while isinstance(piece := await worker.piece(), bytes):
                    answer += piece
        except TimeoutError:
            return Failure("timeout", detail={"limit": f"{timeout:g}"})
        if worker.hits:
            tell_hits(worker.hits)
        return piece or bytes(answer)
