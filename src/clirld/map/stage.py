"""The map stage of one source: its folder under the fingerprint of the tables and of the mapping."""

from __future__ import annotations

from pathlib import Path

from clirld import stages
from clirld.map.nquads import write_graph
from clirld.map.yarrrml import RdfMapping
from clirld.settings import Settings
from clirld.vocabulary.tables import Tables


def map_records(
    source: str, records: Path, settings: Settings, tables: Tables, mapping: RdfMapping
) -> tuple[Path, bool]:
    """The folder with `graph.nq`, the canonical tables in `records` as N-Quads; and whether it was there already."""
    name = stages.fingerprint(
        records.name, stages.program_fingerprint(), stages.files_fingerprint([settings.ontology / "mapping.yarrrml"])
    )

    def work(out: Path) -> None:
        write_graph(records, tables, mapping, out / "graph.nq")

    return stages.run_stage(settings.data / "graphs" / source, name, work)
