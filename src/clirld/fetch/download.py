"""fetch: from where a distribution is to a snapshot of its bytes, whole or not at all.

In: an origin (the network, a mirror, a sample, a file kept by hand). Out: a `Snapshot`. Whatever goes wrong ends in
a FetchError that says what to do, leaves no temporary file, and changes nothing of the snapshots that are there.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from clirld import case_folder, datagouv, inbox, media, snapshot, yamlfile
from clirld.client import WebClient, keys
from clirld.connect.base import Connector, Wanted
from clirld.errors import FetchError
from clirld.http_body import Answer, HttpSettings, too_large
from clirld.http_get import Request
from clirld.partial import partial
from clirld.snapshot import Facts, Snapshot, Via

__all__ = [
    "HttpSettings",
    "Inbox",
    "KeptFile",
    "MirrorFile",
    "Origin",
    "SampleFile",
    "Service",
    "Web",
    "fetch",
    "mirror_file",
]

_CHUNK = 1 << 18
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Web:
    """On the network, at its public address.

    `headers` name environment variables; `dataset` is that of data.gouv.fr whose licence is looked at.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """On the network, asked by a connector from its address; `items` and `folder` are as in `connect.Wanted`."""

    url: str
    connector: Connector
    items: str
    folder: Path
    headers: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class MirrorFile:
    """A copy in a local mirror; `url` is the public address that it was copied from."""

    path: Path
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SampleFile:
    """The sample in the source's folder."""

    path: Path


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file kept by hand in the source's folder, or a folder of cases."""

    path: Path


@dataclass(frozen=True, slots=True)
class Inbox:
    """The newest file of a distribution in the source's folder of the inbox."""

    folder: Path


Origin = Web | Service | MirrorFile | SampleFile | KeptFile | Inbox


def utc_now() -> str:
    """Now, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch(
    source: str,
    distribution: str,
    origin: Origin,
    root: Path,
    http: HttpSettings,
    *,
    expect: str | None = None,
    license: str | None = None,
    now: Callable[[], str] = utc_now,
    client: WebClient | None = None,
    codes: Mapping[str, str] | None = None,
    portal: str = datagouv.PORTAL,
) -> Snapshot:
    """Get a distribution and keep it under `root`.

    `client` is that of the source's run, with its budget; `codes` are the licences' by their code at the `portal`.

    `expect` is its format (csv, xlsx, json): bytes that plainly are something else, such as an error page, are
    refused. Where the server says that nothing changed, the last snapshot is given again.
    Raises FetchError.
    """
    place = snapshot.folder(root, source, distribution)
    if isinstance(origin, Inbox):
        origin = KeptFile(inbox.newest(origin.folder, distribution))
    where = origin.url if isinstance(origin, Web | Service) else str(origin.path)
    unfinished = snapshot.temporary(place)
    facts = Facts(source, distribution, getattr(origin, "url", None), now(), _via(origin), license=license)
    try:
        place.mkdir(parents=True, exist_ok=True)
        snapshot.sweep(place, time.time() - _DAY)
        if isinstance(origin, Web | Service):
            asking = client or WebClient(http)
            stated = _stated(origin.dataset, asking, codes or {}, portal)
            keyed = asking.with_keys(keys(origin.headers, where), where)
            if isinstance(origin, Service):
                return _from_service(origin, replace(facts, license_stated=stated), root, unfinished, keyed, expect)
            return _from_web(where, replace(facts, license_stated=stated), root, unfinished, keyed, expect)
        if origin.path.is_dir():
            sha256 = _save([case_folder.archive(origin.path)], unfinished, http.max_bytes, where)
        else:
            with origin.path.open("rb") as file:
                sha256 = _save(iter(lambda: file.read(_CHUNK), b""), unfinished, http.max_bytes, where)
        media.check(unfinished, where, expect, None, framed=True)
        return snapshot.keep(unfinished, facts, root, sha256)
    except OSError as problem:
        _local_problem(problem, where, root, None if isinstance(origin, Web | Service) else origin.path)
    finally:
        unfinished.unlink(missing_ok=True)


def _via(origin: Origin) -> Via:
    ways: Mapping[type, Via] = {
        Web: "http",
        Service: "http",
        MirrorFile: "mirror",
        SampleFile: "sample",
        KeptFile: "file",
    }
    return ways[type(origin)]


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
    origin: Service, facts: Facts, root: Path, unfinished: Path, client: WebClient, expect: str | None
) -> Snapshot:
    with _Capped(unfinished, client.http.max_bytes, origin.url) as out:
        collected = origin.connector.collect(Wanted(origin.url, origin.items, origin.folder), client, out)
    media.check(unfinished, origin.url, expect, None, framed=True)
    stated = collected.license or facts.license_stated
    return snapshot.keep(unfinished, replace(facts, license_stated=stated), root)


def _from_web(url: str, facts: Facts, root: Path, unfinished: Path, client: WebClient, expect: str | None) -> Snapshot:
    known = _known(facts, url, root)
    conditions = snapshot.validators(root, facts.source, facts.distribution, url) if known else {}

    with partial(unfinished.parent, url, unfinished) as part:

        def save(answer: Answer) -> str:
            sha256 = _save(answer.body, part.path, client.http.max_bytes, url, part.begin(answer))
            part.check()
            try:
                media.check(part.path, url, expect, answer.media_type, framed=answer.framed)
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
            return snapshot.keep(part.path, found, root, sha256)
    assert known is not None  # 304 is only accepted where conditions were sent
    return snapshot.checked(known, found, root)


def _known(facts: Facts, url: str, root: Path) -> Snapshot | None:
    """The last snapshot from this address, if it is still whole: a damaged one is got again instead."""
    try:
        known = snapshot.latest(root, facts.source, facts.distribution, "http")
        if known is None or known.url != url:
            return None
        snapshot.verify(known)
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


# Local files -------------------------------------------------------------------------------------


def mirror_file(mirror: Path, source: str, distribution: str) -> Path:
    """The file of a distribution in a mirror folder.

    `mirror.yaml` there says which it is (source id → distribution → file, from the folder); without an entry it is
    `<source>/<distribution>.<any ending>`. Raises FetchError where it is absent, or outside of the folder.
    """
    snapshot.folder(mirror, source, distribution)
    index = mirror / "mirror.yaml"
    where = str(mirror)
    advice = f"put the file in {mirror / source / distribution}.<csv, xlsx or json>"
    if index.is_file():
        file = yamlfile.load(index, FetchError)
        where = file.where([source, distribution])
        entry = file.data.get(source)
        named = entry.get(distribution) if isinstance(entry, dict) else None
        if named is not None:
            path = mirror / str(named)
            if not path.resolve().is_relative_to(mirror.resolve()):
                raise FetchError(f"“{named}” leads out of the mirror", where=where, do="name a file inside the folder")
            if not path.is_file():
                raise FetchError(
                    f"“{named}” is not there", where=where, do=f"copy the file to {path}, or correct its name"
                )
            return path
        advice = f"add {distribution}: <file> under {source}: in mirror.yaml, or {advice}"
    found = sorted((mirror / source).glob(f"{distribution}.*"))
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise FetchError(f"several files could be it: {names}", where=str(mirror / source), do="keep one of them")
    if not found or not found[0].resolve().is_relative_to(mirror.resolve()):
        raise FetchError(f"the mirror has no {distribution} of {source}", where=where, do=advice)
    return found[0]


def in_mirror(mirror: Path, source: str, distribution: str) -> bool:
    """Whether a mirror has a file for a distribution, or at least names one. Raises FetchError for a wrong index."""
    index = mirror / "mirror.yaml"
    entry = yamlfile.load(index, FetchError).data.get(source) if index.is_file() else None
    named = isinstance(entry, dict) and distribution in entry
    return named or any((mirror / source).glob(f"{distribution}.*"))


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
