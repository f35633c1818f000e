"""fetch: from where a distribution is to a snapshot of its bytes, whole or not at all.

In: a location (the network, a mirror, a sample, a file kept by hand). Out: a `Snapshot`. Whatever goes wrong ends in
a FetchError that says what to do, leaves no temporary file, and changes nothing of the snapshots that are there.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import polars as pl

from clirld.connect import datagouv
from clirld.connect.base import CollectRequest
from clirld.errors import FetchError
from clirld.fetch import format_check, inbox
from clirld.fetch.client import WebClient, headers_from_environment
from clirld.fetch.http import Request
from clirld.fetch.http_body import HttpSettings, StreamedResponse, too_large
from clirld.fetch.location import Inbox, LocalFile, Location, MirrorFile, SampleFile, Service, TableFile, WebFile
from clirld.fetch.resume import partial_download
from clirld.settings import DATA_GOUV
from clirld.snapshot import store
from clirld.snapshot.store import Snapshot, SnapshotMetadata, Via

_CHUNK = 1 << 18


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
    folder = store.folder(root, source, distribution)
    is_kept = isinstance(location, Inbox)
    if isinstance(location, Inbox):
        location = LocalFile(inbox.newest(location.folder, distribution))
    where = location.url if isinstance(location, WebFile | Service) else str(location.path)
    unfinished = store.temporary_path(folder)
    metadata = SnapshotMetadata(
        source, distribution, getattr(location, "url", None), now(), _via(location), license=license
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(location, WebFile | Service):
            run_client = client or WebClient(http)
            # Without the keys: they are the registry's, not the portal's.
            stated_license = _stated_license(location.dataset, run_client, codes or {}, portal)
            keyed_client = run_client.with_keys(headers_from_environment(location.headers, where), where)
            if isinstance(location, Service):
                return _from_service(
                    location, replace(metadata, license_stated=stated_license), root, unfinished, keyed_client, expect
                )
            return _from_web(
                where, replace(metadata, license_stated=stated_license), root, unfinished, keyed_client, expect
            )
        if isinstance(location, TableFile):
            sha256 = _write_chunks(_table_as_csv(location), unfinished, http.max_bytes, where)
        elif location.path.is_dir():
            from clirld.cases import collection  # with models of their own, for the one source that is cases

            sha256 = _write_chunks([collection.archive(location.path)], unfinished, http.max_bytes, where)
        else:
            with location.path.open("rb") as file:
                sha256 = _write_chunks(iter(lambda: file.read(_CHUNK), b""), unfinished, http.max_bytes, where)
        # A file of lines that is kept in the inbox may have none: nothing is left of what it listed.
        if not is_kept or expect != "jsonl" or unfinished.stat().st_size:
            format_check.check(unfinished, where, expect, None, framed=True)
        return store.save(unfinished, metadata, root, sha256)
    except OSError as problem:
        _raise_local_error(problem, where, root, None if isinstance(location, WebFile | Service) else location.path)
    finally:
        unfinished.unlink(missing_ok=True)


def _via(location: Location) -> Via:
    ways: Mapping[type, Via] = {
        WebFile: "http",
        Service: "http",
        MirrorFile: "mirror",
        SampleFile: "sample",
        LocalFile: "file",
        TableFile: "file",
    }
    return ways[type(location)]


def _table_as_csv(location: TableFile) -> Iterator[bytes]:
    """A canonical table as CSV, in the order of its rows, without what the engine added of where it was read."""
    parts = sorted((location.path / location.table).glob("*.parquet"))
    if not parts:
        raise FetchError(
            f"the harvest has no table {location.table}",
            where=str(location.path),
            do="correct harvested in source.yaml, or run the source that makes the table",
        )
    columns = pl.exclude("key", "record", "source", "row")
    for n, part in enumerate(parts):
        yield pl.read_parquet(part).select(columns).write_csv(include_header=n == 0).encode()


def _stated_license(dataset: str | None, client: WebClient, codes: Mapping[str, str], portal: str) -> str | None:
    """The licence that data.gouv.fr states for a dataset: its IRI, or the portal's code where it has none here.

    None where the portal does not say: the file may be had all the same, and the next run asks again.
    """
    if dataset is None:
        return None
    try:
        code = datagouv.get_dataset(
            datagouv.PortalReference(dataset=dataset), lambda url: client.get(url).body, portal
        ).license
    except FetchError:
        return None
    return codes.get(code, code) if code else "notspecified"


class _SizeLimitedFile(io.BufferedRandom):
    """A file, to be read too, that refuses to become larger than allowed, whatever is written to it."""

    def __init__(self, path: Path, limit: int, where: str) -> None:
        super().__init__(io.FileIO(path, "w+"))
        self._limit, self._where = limit, where

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > self._limit:
            raise too_large(self._where, self._limit)
        return super().write(data)


def _from_service(
    location: Service, metadata: SnapshotMetadata, root: Path, unfinished: Path, client: WebClient, expect: str | None
) -> Snapshot:
    with _SizeLimitedFile(unfinished, client.http.max_bytes, location.url) as out:
        collected = location.connector.collect(
            CollectRequest(location.url, location.items, location.folder), client, out
        )
    format_check.check(unfinished, location.url, expect, None, framed=True)
    stated_license = collected.license or metadata.license_stated
    return store.save(unfinished, replace(metadata, license_stated=stated_license), root)


def _from_web(
    url: str, metadata: SnapshotMetadata, root: Path, unfinished: Path, client: WebClient, expect: str | None
) -> Snapshot:
    last = _last_intact(metadata, url, root)
    conditions = store.validators(root, metadata.source, metadata.distribution, url) if last else {}

    with partial_download(unfinished.parent, url, unfinished) as part:

        def save(answer: StreamedResponse) -> str:
            sha256 = _write_chunks(answer.body, part.path, client.http.max_bytes, url, part.start(answer))
            part.check_length()
            try:
                format_check.check(part.path, url, expect, answer.media_type, framed=answer.framed)
            except FetchError:
                part.reset()
                raise
            return sha256

        request = Request(url, conditions=lambda: {**conditions, **part.conditions()})
        answer, sha256 = client.request(request, save)
        received = replace(
            metadata,
            # A 304 may come without validators: those it was asked with then hold.
            etag=answer.headers.get("ETag") or (conditions.get("If-None-Match") if sha256 is None else None),
            last_modified=answer.headers.get("Last-Modified")
            or (conditions.get("If-Modified-Since") if sha256 is None else None),
            media_type=answer.media_type,
        )
        if sha256 is not None:
            return store.save(part.path, received, root, sha256)
    assert last is not None  # 304 is only accepted where conditions were sent
    return store.record_check(last, received, root)


def _last_intact(metadata: SnapshotMetadata, url: str, root: Path) -> Snapshot | None:
    """The last snapshot from this address, if it is still whole: a damaged one is got again instead."""
    try:
        last = store.latest(root, metadata.source, metadata.distribution, "http")
        if last is None or last.url != url:
            return None
        store.verify(last)
    except FetchError:
        return None
    return last


def _write_chunks(chunks: Iterable[bytes], path: Path, limit: int, where: str, size: int = 0) -> str:
    """Write the chunks to a file, after its first `size` bytes; gives the sha256 of the whole."""
    digest = hashlib.sha256()
    with path.open("r+b" if size else "wb") as file:
        # The digest is of the whole file, what came in earlier tries included.
        for remaining in range(size, 0, -_CHUNK):
            digest.update(file.read(min(remaining, _CHUNK)))
        file.seek(size)
        file.truncate()
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise too_large(where, limit)
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _raise_local_error(problem: OSError, where: str, root: Path, path: Path | None) -> NoReturn:
    if path is not None and problem.filename is not None and Path(problem.filename) == path:
        raise FetchError(
            f"the file cannot be read: {problem.strerror}", where=where, do="check its name and its rights"
        ) from problem
    raise FetchError(
        f"the bytes cannot be kept: {problem.strerror or problem}",
        where=str(root),
        do="check the free space and the rights of this folder, then run the source again",
    ) from problem
