"""A harvest and a release where stages are exchanged through object storage; as everywhere, where they are not."""

from __future__ import annotations

from clirld import stages
from clirld.card.source import Source
from clirld.errors import BusyError, DataError, StorageError
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.harvest.outcome import Harvest
from clirld.project import Project
from clirld.records.stage import TERRITORIES
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.replicate import upload
from clirld.replicate.harvests.exchange import exchange_of
from clirld.validate.shards import Elsewhere

_TRIES = 3
"""Times that a source is harvested where other machines commit it meanwhile."""
_OVERTAKEN = "another machine has committed this source meanwhile"


def prepare(project: Project) -> None:
    """Before harvests on several machines, where the releases are made: bring data folder and storage to one state.

    Sources that are damaged in the storage are left to their harvest, which says so.
    """
    if exchange := exchange_of(project):
        exchange.share()


def harvest(
    project: Project,
    source: Source,
    origin: Origin,
    notify: line.Notify = line.silent,
    call: line.StageRunner = line.call_directly,
    elsewhere: Elsewhere | None = None,
) -> Harvest:
    """As `line.harvest`, from what was committed of the source, and committed; a failure is committed as such.

    Raises BusyError where other machines were quicker time after time.
    """
    exchange = exchange_of(project)
    if exchange is None:
        return line.harvest(project, source, origin, notify, call, elsewhere)
    made_of = [name for name in dict.fromkeys((TERRITORIES, *source.harvested)) if name != source.id]
    for tries_left in reversed(range(_TRIES)):
        exchange.begin(source.id, made_of)
        try:
            harvested = line.harvest(project, source, origin, notify, call, elsewhere)
        except BusyError:
            raise
        except DataError:
            try:
                exchange.send(source.id)  # why it failed; where another was quicker, what that one has stays
            except StorageError as problem:
                stages.give_notice(problem)
            raise
        if exchange.send(source.id):
            return harvested
        if tries_left:
            stages.give_notice(
                BusyError(
                    _OVERTAKEN,
                    where=f"source {source.id}",
                    do="nothing: it is harvested again, from what was committed",
                )
            )
    raise BusyError(
        _OVERTAKEN,
        where=f"source {source.id}",
        do="run again when the other machines are done; what they committed stays",
    )


def release(project: Project, *, force: bool = False) -> tuple[Release, bool, dict[str, StorageError]]:
    """A release of all that was committed, published where the stages are exchanged.

    Gives it, whether it is new, and the sources that are damaged in the storage: of these, what is here is released.
    """
    exchange = exchange_of(project)
    damaged = exchange.share() if exchange else {}
    made, is_new = make_release(project, force=force)
    if exchange:
        upload.publish(exchange.bucket, project.settings.data, made)
    return made, is_new, damaged
