"""What the first visitors of a release would wait for, read before they come: at the start, and after each switch.

It is kept in the caches of the pages that need it: cases and figures of all territories, of which reading takes seconds
for France, and the beginnings of the home page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import get_args

from clirld import logs
from clirld.query.failure import Language
from clirld.reuse.comparison import figures
from clirld.web.home.beginnings import beginnings
from clirld.web.release import ServedRelease, current
from clirld.web.reuse.routes import reach_of_cases, read_cases

_INTERVAL = 10.0
"""Seconds between two looks for a newer release."""

log = logging.getLogger("clirld.serve")


def read_ahead(release: ServedRelease) -> None:
    """Fill the caches with what a release has. Raises whatever the pages would: they then say it to their visitor."""
    languages: tuple[Language, ...] = get_args(Language)
    for language in languages:
        beginnings(release.folder, release.store, language)
    for language in languages:
        read_cases(release.store, language)
        reach_of_cases(release.folder, release.store, language)
    figures.of_groupings(release.folder)
    figures.of_communes(release.folder)


@contextmanager
def reading_ahead(data: Path) -> Iterator[None]:
    """Read ahead of visitors, in a thread of its own, what the releases have that `data` serves meanwhile."""
    stopped = Event()

    def follow() -> None:
        last = None
        while not stopped.is_set():
            release = current(data)
            if release and release.id != last:
                last = release.id
                try:
                    read_ahead(release)
                except Exception as error:  # a damaged file is told of where it is asked for
                    logs.event(log, "read-ahead-failed", release=last, error=type(error).__name__)
            stopped.wait(_INTERVAL)

    thread = Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(_INTERVAL)
