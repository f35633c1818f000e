"""A download that was broken off, by the network or by the death of the process, is continued and not begun anew.

    <place>/.tmp-part-<of its address>        the bytes that came
            .tmp-part-<of its address>.json   which version of the file they are of

Only where the server says how to ask for the rest (Accept-Ranges) and which version it is (a strong ETag, or a
Last-Modified that is strong by RFC 9110, 8.8.2.2), and only of a body as it is (no gzip on the way). The rest is asked
for with If-Range, and taken only if its place, length, version and final address fit what is here; otherwise the
whole is got again: never a mix of two versions. After a restart of the machine nothing is continued, as it is not
known what of the bytes came to the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from clirld.fetch.http_body import RetryableError, StreamedResponse
from clirld.stages import fingerprint, write_json

_PREFIX = ".tmp-part-"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class FileVersion:
    """Of which version of a file bytes are: its validators, its final address and whole length (None: not said)."""

    url: str
    final: str
    etag: str | None
    last_modified: str | None
    length: int | None
    boot: str

    @property
    def validator(self) -> str:
        """What If-Range takes."""
        return self.etag or self.last_modified or ""


class PartialDownload:
    """The file that a download is written to; `path` is whole once `check_length` has returned."""

    def __init__(self, path: Path, url: str, *, resumable: bool) -> None:
        """`resumable`: it may outlive this process, being locked by it as long as it lives."""
        self.path = path
        self._url = url
        self._resumable = resumable
        self._version_file = path.with_name(f"{path.name}.json")

    def conditions(self) -> Mapping[str, str]:
        """Headers that ask for the rest only, if the beginning is here."""
        version = self._version()
        size = self.path.stat().st_size if self.path.exists() else 0
        if version is None or not size:
            return {}
        return {"Range": f"bytes={size}-", "If-Range": version.validator}

    def start(self, answer: StreamedResponse) -> int:
        """The number of bytes that stay before those of this answer. Raises RetryableError where it does not fit."""
        version = self._version()
        if answer.status in (206, 416):
            size = self.path.stat().st_size
            content_range = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers.get("Content-Range", "").strip())
            fits = (
                answer.status == 206
                and version is not None
                and content_range is not None
                and int(content_range[1]) == size
                and int(content_range[3]) == (version.length or int(content_range[3]))
                and _is_unencoded(answer)
                and answer.url == version.final
                and answer.headers.get("ETag", version.etag) == version.etag
                and answer.headers.get("Last-Modified", version.last_modified) == version.last_modified
            )
            if not fits or version is None or content_range is None:
                self.reset()
                raise RetryableError("the server did not give the rest of what it had begun to give")
            write_json(self._version_file, {**asdict(version), "length": int(content_range[3])})
            return size
        self.reset()
        started = _version_of(answer, self._url)
        if self._resumable and started is not None:
            write_json(self._version_file, asdict(started))
        return 0

    def check_length(self) -> None:
        """Raise RetryableError where fewer bytes are here than the whole has; what is here stays for another try."""
        version = self._version()
        size = self.path.stat().st_size
        if version is not None and version.length is not None and size != version.length:
            if size > version.length:
                self.reset()
            raise RetryableError(f"the body ended too early, after {size:,} of {version.length:,} bytes")

    def reset(self) -> None:
        """Begin anew next time."""
        self._version_file.unlink(missing_ok=True)  # first: bytes without a version are never continued
        if self.path.exists():
            with self.path.open("r+b") as file:
                file.truncate()

    def close(self) -> None:
        """Delete what cannot be continued; what can stays for the next run."""
        if not self.conditions():
            self._version_file.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def _version(self) -> FileVersion | None:
        try:
            version = FileVersion(**json.loads(self._version_file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return version if version.url == self._url and version.boot == _boot_id() and version.validator else None


@contextmanager
def partial_download(folder: Path, url: str, other: Path) -> Iterator[PartialDownload]:
    """The partial file of an address in `folder`, or `other` where another process is at it."""
    path = folder / f"{_PREFIX}{fingerprint(url)}"
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking it, another process may have moved the file away: the lock is then on nothing.
            is_ours = path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino
        except BlockingIOError:
            is_ours = False
        download = (
            PartialDownload(path, url, resumable=True) if is_ours else PartialDownload(other, url, resumable=False)
        )
        try:
            yield download
        finally:
            download.close()


def may_be_continued(path: Path) -> bool:
    """Whether a hidden file is a download that was broken off since the machine was started, or its description."""
    part = path.with_name(path.name.removesuffix(".json"))
    version_file = part.with_name(f"{part.name}.json")
    try:
        boot = json.loads(version_file.read_text(encoding="utf-8"))["boot"]
        return part.name.startswith(_PREFIX) and part.stat().st_size > 0 and boot == _boot_id() != ""
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _boot_id() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def _is_unencoded(answer: StreamedResponse) -> bool:
    return answer.headers.get("Content-Encoding", "identity").strip().lower() in ("identity", "")


def _version_of(answer: StreamedResponse, url: str) -> FileVersion | None:
    """The version that an answer is of, if the server can give the rest of it later."""
    ranges = answer.headers.get("Accept-Ranges", "").strip().lower()
    etag: str | None = answer.headers.get("ETag", "").strip()
    modified = answer.headers.get("Last-Modified")
    if not etag or not re.fullmatch(r'"[^"]*"', etag):
        etag = None
    if ranges != "bytes" or not _is_unencoded(answer) or not _boot_id():
        return None
    # A weak ETag cannot be used with If-Range (RFC 9110, 13.1.5); then the date has to do.
    if etag is None and not _is_strong(modified, answer.headers.get("Date")):
        return None
    length = answer.headers.get("Content-Length", "")
    return FileVersion(url, answer.url, etag, modified, int(length) if length.isdecimal() else None, _boot_id())


def _is_strong(modified: str | None, date: str | None) -> bool:
    """Whether the file was changed at least a minute before it was sent: it cannot have changed twice in a second."""
    try:
        return (parsedate_to_datetime(date or "") - parsedate_to_datetime(modified or "")).total_seconds() >= 60
    except (ValueError, TypeError):
        return False
