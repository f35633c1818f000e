"""What is asked of an object store, and what its answers mean: obstore (Rust, MIT), its errors made the project's.

Credentials are read from the environment, by the names that every tool for S3 reads (`AWS_ACCESS_KEY_ID` …); they are
in no message, since of what the store or the library says only the error's code is told.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from clirld.errors import StorageAwayError, StorageError, UsageError
from clirld.replicate.address import Address
from clirld.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Store

CHUNK = 64 << 20
"""Bytes of a part: larger files are sent in several (`etags.py` reckons with it)."""
_AT_ONCE = 2
"""Parts of a file that are sent side by side: they are in memory."""
_LONGEST = timedelta(hours=2)
_SIGNED_BY = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
"""Variables of which one says who asks. Without any, requests are not signed: a bucket may be open to all readers."""
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_NO_CONDITION = "the store does not keep to conditions of a write: two publications at once could both seem to win"


class Stored(NamedTuple):
    """An object: its size and entity tag."""

    size: int
    etag: str


class Bucket:
    """A bucket at a prefix. Keys are relative to it; every method raises StorageError, StorageAwayError among them."""

    def __init__(
        self,
        address: Address,
        *,
        connect_timeout: float,
        read_timeout: float,
        retries: int,
    ) -> None:
        """Nothing is asked yet. Raises UsageError where the extra that this needs is not installed."""
        self.address = address
        self.is_signed = any(os.environ.get(name) for name in _SIGNED_BY)  # the library reads them there too
        self._store = _open(address, connect_timeout, read_timeout, retries, is_signed=self.is_signed)

    def read(self, key: str, known: str | None = None) -> tuple[bytes, str] | None:
        """The bytes and the entity tag of an object; None where there is none, or it is still the `known` one."""
        from obstore.exceptions import NotModifiedError

        try:
            with self._told(key):
                answer = self._store.get(key, options={"if_none_match": known} if known else {})
                return bytes(answer.bytes()), answer.meta["e_tag"] or ""
        except (FileNotFoundError, NotModifiedError):
            return None

    def download(self, key: str, path: Path) -> str:
        """Write an object to a file; gives its SHA-256. Raises FileNotFoundError where there is none."""
        digest = sha256()
        with self._told(key), path.open("wb") as out:
            for chunk in self._store.get(key).stream(min_chunk_size=1 << 20):
                digest.update(chunk)
                out.write(chunk)
        return digest.hexdigest()

    def send(self, key: str, path: Path) -> None:
        """Put a file, whole or not there; the store holds it to its checksum."""
        with self._told(key):
            self._store.put(key, path, chunk_size=CHUNK, max_concurrency=_AT_ONCE)

    def write(self, key: str, content: bytes, *, instead_of: str | None) -> bool:
        """Put bytes where the object there has this entity tag, or where there is none: False where that is not so."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            with self._told(key):
                self._store.put(key, content, mode={"e_tag": instead_of} if instead_of else "create")
        except (AlreadyExistsError, PreconditionError, FileNotFoundError):  # the last: to be replaced, and gone
            return False
        return True

    def copy(self, key: str, target: str) -> bool:
        """Copy an object within the store; False where it is gone, or too large for that."""
        try:
            with self._told(key):
                self._store.copy(key, target)
        except FileNotFoundError:
            return False
        except StorageError as problem:
            if "EntityTooLarge" in problem.what or "InvalidRequest" in problem.what:  # 5 GB are the most
                return False
            raise
        return True

    def objects(self, prefix: str) -> dict[str, Stored]:
        """All objects below a prefix, by what follows it."""
        found = {}
        with self._told(prefix):
            for batch in self._store.list(prefix):
                for one in batch:
                    found[one["path"].removeprefix(f"{prefix}/")] = Stored(one["size"], one["e_tag"] or "")
        return found

    def folders(self, prefix: str) -> set[str]:
        """What there is right below a prefix that has more below it."""
        with self._told(prefix):
            found = self._store.list_with_delimiter(prefix)["common_prefixes"]
        return {one.rstrip("/").rpartition("/")[2] for one in found}

    def delete(self, keys: list[str]) -> None:
        """Delete objects; those that are not there are none."""
        if keys:
            with self._told(keys[0]):
                self._store.delete(keys)

    def require_signed(self) -> None:
        """Raises UsageError where nothing says who writes."""
        if not self.is_signed:
            raise UsageError(
                "nothing says who publishes",
                where=str(self.address),
                do="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            )

    def require_conditions(self) -> None:
        """Raises StorageError where the store puts an object over another although it was told not to."""
        key = f"probe-{uuid.uuid4().hex}"
        try:
            if not self.write(key, b"1", instead_of=None) or self.write(key, b"2", instead_of=None):
                raise StorageError(
                    _NO_CONDITION,
                    where=str(self.address),
                    do="take a store that knows If-None-Match and If-Match on PUT; see docs/replicas.md",
                )
        finally:
            self.delete([key])

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Errors of the library as the project's; what callers decide upon passes."""
        from obstore import exceptions as obstore

        passing = (obstore.AlreadyExistsError, obstore.PreconditionError, obstore.NotModifiedError)
        try:
            yield
        except passing:
            raise
        except FileNotFoundError as problem:
            if "NoSuchBucket" in str(problem):
                raise self._failed(str(problem), key) from None
            raise
        except (obstore.PermissionDeniedError, obstore.UnauthenticatedError) as problem:
            raise self._refused(str(problem)) from None
        except obstore.BaseError as problem:
            raise self._failed(str(problem), key) from None

    @property
    def _where(self) -> str:
        return f"{self.address} ({self.address.endpoint})" if self.address.endpoint else str(self.address)

    def _refused(self, text: str) -> StorageError:
        code = _found(_CODE, text) or _found(_STATUS, text)
        if not self.is_signed:
            what = f"the store asks who this is ({code})"
            return StorageError(what, where=self._where, do="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        return StorageError(
            f"the store does not allow it ({code})",
            where=self._where,
            do="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and what this account may do there",
        )

    def _failed(self, text: str, key: str) -> StorageError:
        code = _found(_CODE, text) or _found(_STATUS, text)
        if code == "NoSuchBucket":
            do = "make it, or correct the address"
            return StorageError(f"there is no bucket {self.address.bucket}", where=self._where, do=do)
        if code and not re.fullmatch(r"5\d\d|SlowDown|InternalError|ServiceUnavailable", code):
            what = f"the store does not do it: {code}"
            return StorageError(
                what, where=f"{self._where} {key}", do="see what this answer means in its documentation"
            )
        return StorageAwayError(
            f"the store does not answer ({code or 'no connection'})",
            where=self._where,
            do="check the address and the network; if it is the store that is away, run again later",
        )


def open_bucket(settings: Settings, place: Address) -> Bucket:
    """The bucket at an address, asked as patiently as the settings say."""
    return Bucket(
        place,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        retries=settings.retries,
    )


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


def _open(address: Address, connect_timeout: float, read_timeout: float, retries: int, *, is_signed: bool) -> S3Store:
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store
    except ImportError:
        raise UsageError(
            "what speaks to object storage is not installed", where="obstore", do="pip install 'clirld[s3]'"
        ) from None
    given: dict[str, Any] = {} if is_signed else {"skip_signature": True}
    if address.endpoint:
        given |= {"endpoint": address.endpoint, "virtual_hosted_style_request": False}
    if not any(os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")):
        given["region"] = "us-east-1"  # what stores other than Amazon's take where none is said
    try:
        return S3Store(
            address.bucket,
            prefix=address.prefix or None,
            checksum_algorithm="SHA256",
            client_options={
                "allow_http": bool(address.endpoint and address.endpoint.startswith("http://")),
                "connect_timeout": timedelta(seconds=connect_timeout),
                "read_timeout": timedelta(seconds=read_timeout),
                "timeout": _LONGEST,
            },
            retry_config={"max_retries": retries, "retry_timeout": timedelta(minutes=3)},
            **given,
        )
    except BaseError:  # its words may repeat what the variables have
        raise UsageError(
            "what the environment says of object storage cannot be used",
            where="environment",
            do="set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither, and look at the other AWS_ variables",
        ) from None
