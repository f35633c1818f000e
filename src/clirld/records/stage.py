"""The records stage of one source: its folder under the fingerprint of all that records are made from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import polars as pl

from clirld import stages
from clirld.card.source import Source
from clirld.errors import RecordsError
from clirld.records.erasure import matching
from clirld.records.make import write_records
from clirld.records.placing import kept_territories
from clirld.records.plan import ReferenceData
from clirld.records.territory import EMPTY, Territories
from clirld.settings import Settings
from clirld.snapshot.store import Snapshot
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

TERRITORIES = "territories"
"""The source that all others are placed with."""


def make_records(
    source: Source,
    snapshots: Mapping[str, Snapshot],
    settings: Settings,
    tables: Tables,
    vocabulary: Vocabulary,
    territories: Path | None,
) -> tuple[Path, bool]:
    """The folder of the source's canonical tables, and whether it was there already.

    `territories` are the canonical tables of the territories, None where they have not been harvested: RecordsError
    then for a source that has communes.
    """
    if territories is None and _needs_territories(source, tables):
        raise RecordsError(
            "communes cannot be placed: territories have not been harvested",
            where=f"source {source.id}",
            do="run “clirld run territories” first, or name both",
        )
    erasures = matching.load(settings, source.id)
    name = stages.fingerprint(
        program_fingerprint(source, settings, territories),
        erasures.fingerprint if erasures else "",
        *(
            f"{name}:{snapshot.sha256}:{snapshot.via}:{snapshot.retrieved}"
            for name, snapshot in sorted(snapshots.items())
        ),
    )

    def work(out: Path) -> None:
        places = _load_territories(settings.data, territories.resolve()) if territories else EMPTY
        write_records(source, snapshots, ReferenceData(tables, vocabulary, places, erasures), out)

    return stages.run_stage(settings.data / "records" / source.id, name, work)


def program_fingerprint(source: Source, settings: Settings, territories: Path | None) -> str:
    """Fingerprint of all that records are made with, but the bytes: two harvests with the same one can be compared."""
    card = [source.folder / "source.yaml", *source.code]
    return stages.fingerprint(
        stages.program_fingerprint(),
        pl.__version__,  # the hashes of records can be compared within one version only
        stages.files_fingerprint([*card, settings.ontology / "tables.yaml"]),
        stages.files_fingerprint(sorted((settings.ontology / "schemes").glob("*.ttl"))),
        territories.name if territories else "",
    )


# Once a process, not once a source: it takes a second. A stage's folder is named after what it is made from.
@lru_cache(maxsize=1)
def _load_territories(data: Path, records: Path) -> Territories:
    return kept_territories.load(data, records)


def _needs_territories(source: Source, tables: Tables) -> bool:
    used = {rows.table for rows in source.card.records if rows.table}
    types = {column.type for name in used for column in tables[name].columns.values()}
    return source.id != TERRITORIES and bool(types & {"insee_commune", "territory"})
