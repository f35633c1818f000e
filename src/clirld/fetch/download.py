"""fetch: from where a distribution is to a snapshot of its bytes, whole or not at all.

In: a location (the network, a mirror, a sample, a file kept by hand). Out: a `Snapshot`. Whatever goes wrong ends in
a FetchError that says what to do, leaves no temporary file, and changes nothing of the snapshots that are there.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from clirld.cases import collection
from clirld.connect import datagouv
from clirld.connect.base import Wanted
from clirld.errors import FetchError
from clirld.fetch import format_check, inbox
from clirld.fetch.client import WebClient, keys
from clirld.fetch.http import Request
from clirld.fetch.http_body import Answer, HttpSettings, too_large
from clirld.fetch.location import Inbox, KeptFile, Location, MirrorFile, SampleFile, Service, Web
from clirld.fetch.resume import partial
from clirld.settings import DATA_GOUV
from clirld.snapshot import store
from clirld.snapshot.store import Facts, Snapshot, Via

_CHUNK = 1 << 18
_DAY = 86_400


def utc_now() -> str:
    """Now, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch_distribution(
    source: str,
    distribution: str,
    location: Location,
    root: Path,
    http: HttpSettings,
    *,
    expect: str | None = None,
    license: str | None = None,
    now: Callable[[], str] = utc_now,
    client: WebClient | None = None,
    codes: Mapping[str, str] | None = None,
    portal: str = DATA_GOUV,
) -> Snapshot:
    """Get a distribution and keep it under `root`.

    `client` is that of the source's run, with its budget; `codes` are the licences' by their code at the `portal`.

    `expect` is its format (csv, xlsx, json): bytes that plainly are something else, such as an error page, are
    refused. Where the server says that nothing changed, the last snapshot is given again.
    Raises FetchError.
    """
    place = store.folder(root, source, distribution)
    if isinstance(location, Inbox):
        location = KeptFile(inbox.newest(location.folder, distribution))
    where = location.url if isinstance(location, Web | Service) else str(location.path)
    unfinished = store.temporary(place)
    facts = Facts(source, distribution, getattr(location, "url", None), now(), _via(location), license=license)
    try:
        place.mkdir(parents=True, exist_ok=True)
        store.sweep(place, time.time() - _DAY)
        if isinstance(location, Web | Service):
            asking = client or WebClient(http)
            stated = _stated(location.dataset, asking, codes or {}, portal)
            keyed = asking.with_keys(keys(location.headers, where), where)
            if isinstance(location, Service):
                return _from_service(location, replace(facts, license_stated=stated), root, unfinished, keyed, expect)
            return _from_web(where, replace(facts, license_stated=stated), root, unfinished, keyed, expect)
        if location.path.is_dir():
            sha256 = _save([collection.archive(location.path)], unfinished, http.max_bytes, where)
        else:
            with location.path.open("rb") as file:
                sha256 = _save(iter(lambda: file.read(_CHUNK), b""), unfinished, http.max_bytes, where)
        format_check.check(unfinished, where, expect, None, framed=True)
        return store.keep(unfinished, facts, root, sha256)
    except OSError as problem:
        _local_problem(problem, where, root, None if isinstance(location, Web | Service) else location.path)
    finally:
        unfinished.unlink(missing_ok=True)


def _via(location: Location) -> Via:
    ways: Mapping[type, Via] = {
        Web: "http",
        Service: "http",
        MirrorFile: "mirror",
        SampleFile: "sample",
        KeptFile: "file",
    }
    return ways[type(location)]


def _stated(dataset: str | None, client: WebClient, codes: Mapping[str, str], portal: str) -> str | None:
    """The licence that data.gouv.fr states for a dataset: its IRI, or the portal's code where it has none here.

    None where the portal does not say: the file may be had all the same, and the next run asks again.
    """
    if dataset is None:
        return None
    try:
        code = datagouv.dataset(datagouv.Place(dataset=dataset), lambda url: client.get(url).body, portal).license
    except FetchError:
        return None
    return codes.get(code, code) if code else "notspecified"


class _Capped(io.BufferedRandom):
    """A file, to be read too, that refuses to become larger than allowed, whatever is written to it."""

    def __init__(self, path: Path, limit: int, where: str) -> None:
        super().__init__(io.FileIO(path, "w+"))
        self._limit, self._where = limit, where

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > self._limit:
            raise too_large(self._where, self._limit)
        return super().write(data)


def _from_service(
    location: Service, facts: Facts, root: Path, unfinished: Path, client: WebClient, expect: str | None
) -> Snapshot:
    with _Capped(unfinished, client.http.max_bytes, location.url) as out:
        collected = location.connector.collect(Wanted(location.url, location.items, location.folder), client, out)
    format_check.check(unfinished, location.url, expect, None, framed=True)
    stated = collected.license or facts.license_stated
    return store.keep(unfinished, replace(facts, license_stated=stated), root)


def _from_web(url: str, facts: Facts, root: Path, unfinished: Path, client: WebClient, expect: str | None) -> Snapshot:
    known = _known(facts, url, root)
    conditions = store.validators(root, facts.source, facts.distribution, url) if known else {}

    with partial(unfinished.parent, url, unfinished) as part:

        def save(answer: Answer) -> str:
            sha256 = _save(answer.body, part.path, client.http.max_bytes, url, part.begin(answer))
            part.check()
            try:
                format_check.check(part.path, url, expect, answer.media_type, framed=answer.framed)
            except FetchError:
                part.forget()
                raise
            return sha256

        request = Request(url, conditions=lambda: {**conditions, **part.conditions()})
        answer, sha256 = client.ask(request, save)
        found = replace(
            facts,
            etag=answer.headers.get("ETag") or (conditions.get("If-None-Match") if sha256 is None else None),
            last_modified=answer.headers.get("Last-Modified")
            or (conditions.get("If-Modified-Since") if sha256 is None else None),
            media_type=answer.media_type,
        )
        if sha256 is not None:
            return store.keep(part.path, found, root, sha256)
    assert known is not None  # 304 is only accepted where conditions were sent
    return store.checked(known, found, root)


def _known(facts: Facts, url: str, root: Path) -> Snapshot | None:
    """The last snapshot from this address, if it is still whole: a damaged one is got again instead."""
    try:
        known = store.latest(root, facts.source, facts.distribution, "http")
        if known is None or known.url != url:
            return None
        store.verify(known)
    except FetchError:
        return None
    return known


def _save(chunks: Iterable[bytes], path: Path, limit: int, where: str, size: int = 0) -> str:
    """Write the chunks to a file, after its first `size` bytes; gives the sha256 of the whole."""
    digest = hashlib.sha256()
    with path.open("r+b" if size else "wb") as file:
        for left in range(size, 0, -_CHUNK):
            digest.update(file.read(min(left, _CHUNK)))
        file.seek(size)
        file.truncate()
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise too_large(where, limit)
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _local_problem(problem: OSError, where: str, root: Path, wanted: Path | None) -> NoReturn:
    if wanted is not None and problem.filename is not None and Path(problem.filename) == wanted:
        raise FetchError(
            f"the file cannot be read: {problem.strerror}", where=where, do="check its name and its rights"
        ) from problem
    raise FetchError(
        f"the bytes cannot be kept: {problem.strerror or problem}",
        where=str(root),
        do="check the free space and the rights of this folder, then run the source again",
    ) from problem
