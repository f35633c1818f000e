"""A replica that follows its bucket: it looks at the pointer at an interval, beside the server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from clirld import stages
from clirld.errors import ClirldError, DataError, os_reason
from clirld.release.published import current
from clirld.replicate.bucket import Bucket
from clirld.replicate.fetch import Fetched, fetch, require_replica

_log = logging.getLogger("clirld.replicate")


class Follower:
    """Looks once a call of `look`; what fails is told once, until it is another thing or all is well."""

    def __init__(self, bucket: Bucket, data: Path, tell: Callable[[Fetched], None] = lambda _fetched: None) -> None:
        self._bucket, self._data, self._tell = bucket, data, tell
        self._version: str | None = None
        self._told = ""
        self.behind_since: datetime | None = None
        """Since when looks have failed, so that a newer release may be there; None where the last one went well."""

    def begin(self) -> None:
        """The first look. Raises UsageError for a data folder that is no replica's, and what `fetch` raises where
        there is no release here to serve meanwhile.
        """
        require_replica(self._data, self._bucket)
        try:
            has_release = current(self._data) is not None
        except DataError:  # damaged: fetched anew
            has_release = False
        if has_release:
            self.look()
        else:
            self._fetch()

    def look(self) -> None:
        """Look at the bucket; never raises what a person can act upon: it is told, and the next look tries again."""
        try:
            self._fetch()
            self._told, self.behind_since = "", None
        except ClirldError as problem:
            self._notice(problem)
        except OSError as problem:
            self._notice(
                DataError(os_reason(problem), do="check that it is there, the rights and the space on the disk")
            )

    def _fetch(self) -> None:
        fetched = fetch(self._bucket, self._data, self._version)
        if fetched:
            self._version = fetched.version
            self._tell(fetched)

    def _notice(self, problem: ClirldError) -> None:
        self._version = None
        self.behind_since = self.behind_since or datetime.now(UTC)
        if str(problem) != self._told:
            self._told = str(problem)
            stages.give_notice(problem)


@contextmanager
def following(follower: Follower, interval: float) -> Iterator[None]:
    """Look at an interval while the context is open, in a thread."""
    end = threading.Event()

    def run() -> None:
        while not end.wait(interval):
            try:
                follower.look()
            except Exception:  # the thread must outlive it: a later look may be right
                _log.exception("a look at the bucket failed")

    thread = threading.Thread(target=run, name="replica", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
