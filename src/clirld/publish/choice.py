"""Which release may be brought elsewhere, and what is to be said of what a store has of others."""

from __future__ import annotations

from pathlib import Path

from clirld.errors import ReleaseError
from clirld.harvest.lock import release_lock
from clirld.publish.state import State
from clirld.publish.target import Target
from clirld.release import published
from clirld.release.published import Release
from clirld.release.unavailable.erased import mark_releases
from clirld.settings import Settings


def chosen(settings: Settings, identifier: str | None = None) -> Release:
    """The release of that id, else the one that is served, held to the list of erasures as it is now.

    Raises ReleaseError where there is none, it is damaged, holds what has been erased since, or was withdrawn.
    """
    with release_lock(settings.data):
        mark_releases(settings)
        served = published.current(settings.data)
        if identifier is None and served is None:
            raise ReleaseError("there is no release yet", where=str(settings.data), do="run “clirld run --all” first")
        name = identifier or (served.id if served else "")
        if Path(name).name != name or not (settings.data / "releases" / name / "manifest.json").is_file():
            raise published.unknown(settings.data, name)
        release = published.load_kept(settings.data, name)
        published.require_whole(release)
    return release


def differing(target: Target, state: State) -> dict[str, int]:
    """The graphs that have not as many triples as the store's state says, with how many they have."""
    stated = {iri: part.triples for iri, part in state.parts.items() if part.sha256}
    counted = {iri: target.count(iri) for iri in stated}
    return {iri: number for iri, number in counted.items() if number != stated[iri]}
