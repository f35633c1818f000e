"""Sources of which something is to be erased that their last good harvest still has."""

from __future__ import annotations

from collections.abc import Mapping

from clirld.errors import ReleaseError
from clirld.harvest.outcome import Harvest, failure
from clirld.project import Project
from clirld.records.erasure.erasure_list import ErasureList
from clirld.records.erasure.matching import Erasures, covered_records
from clirld.records.table_files import tables_of


def to_erase(project: Project, harvests: Mapping[str, Harvest], listed: ErasureList | None) -> list[str]:
    """The sources that a release has to go without: their last run failed, so that nothing leaves these records out.

    Whoever asked to be erased does not wait until a publisher has mended its file, nor do the other sources. Raises
    ReleaseError for a source that a run can leave them out of.
    """
    found = []
    for name, harvest in harvests.items():
        erasures = Erasures.of(listed, name) if listed else None
        if not erasures or not covered_records(tables_of(harvest.records), erasures):
            continue
        if not failure(project, name):
            raise ReleaseError(
                f"{name} has records that must be erased",
                where=str(harvest.records),
                do=f"run “clirld run {name}”, which leaves them out; nothing is released until then",
            )
        found.append(name)
    return found
