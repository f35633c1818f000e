"""Which release may be brought elsewhere, what of it, and what is to be said of what a store has of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clirld.errors import PublishError, ReleaseError
from clirld.harvest.lock import release_lock
from clirld.publish.graphs import DEFAULT, groups_of
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
    if not settings.data.is_dir():  # the lock would make it
        raise _none_yet(settings)
    with release_lock(settings.data):
        mark_releases(settings)
        served = published.current(settings.data)
        if identifier is None and served is None:
            raise _none_yet(settings)
        name = identifier or (served.id if served else "")
        if Path(name).name != name or not (settings.data / "releases" / name / "manifest.json").is_file():
            raise published.unknown(settings.data, name)
        release = published.load_kept(settings.data, name)
        published.require_whole(release)
    return release


def _none_yet(settings: Settings) -> ReleaseError:
    return ReleaseError("there is no release yet", where=str(settings.data), do="run “clirld run --all” first")


def groups_asked(release: Release, groups: Sequence[str]) -> tuple[str, ...]:
    """The licence groups as a state has them: in order, and none where all of the release are asked for."""
    return () if set(groups) >= groups_of(release).keys() else tuple(sorted(set(groups)))


def require_nothing_lost(
    target: Target, state: State | None, release: Release, groups: tuple[str, ...], *, default_graph: bool
) -> None:
    """Raises PublishError where a store has more than is asked for: to name less is not to ask for a deletion.

    `groups` are as `groups_asked` gives them. What the release itself no longer has is no loss: it is not published.
    """
    if state is None or not state.parts:
        return
    known = groups_of(release).keys()
    lost = sorted((known & (set(state.groups) or known)) - (set(groups) or known))
    options = [f"--licence-group {group}" for group in lost]
    options += ["--default-graph"] if DEFAULT in state.parts and not default_graph else []
    if options:
        raise PublishError(
            f"the store has more than is asked for, and would lose what was put there with {' '.join(options)}",
            where=target.endpoints.graphs,
            do=f"to keep it, add {' '.join(options)}; to have it deleted, add --drop",
        )


def differing(target: Target, state: State) -> dict[str, int]:
    """The graphs that have not as many triples as the store's state says, with how many they have."""
    stated = {iri: part.triples for iri, part in state.parts.items() if part.sha256}
    counted = {iri: target.count(iri) for iri in stated}
    return {iri: number for iri, number in counted.items() if number != stated[iri]}
