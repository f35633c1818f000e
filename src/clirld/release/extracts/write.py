"""Write the extracts of a release, a folder for each licence group: tables, networks as GraphML, and the codebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from clirld import stages
from clirld.project import Project
from clirld.records.table_files import scan_table
from clirld.release.catalog import SourceEntry
from clirld.release.extracts import codebook, graphml, network, panel
from clirld.release.extracts.tables import ReleasedTables, read_same
from clirld.release.files import Earlier
from clirld.release.licensing import group_licence
from clirld.vocabulary.tables import LIST_SEPARATOR

FOLDER = "extracts"
CODEBOOK = "codebook.csv"
_CSVW = "csv-metadata.json"

_PROJECTION = (
    "Actors of one initiative, one edge for each pair and initiative; pairs whose stated years do not overlap are left "
    "out; weight = 1 / (actors of the initiative − 1). Acteurs d'une même initiative, une arête par paire et par "
    "initiative ; sans les paires dont les années dites ne se recouvrent pas."
)
_TWO_MODE = (
    "Who takes part in which initiative: one edge for each participation that a source tells of. Qui participe à "
    "quelle initiative : une arête par participation que dit une source."
)
_NETWORK = ("network_affiliations", "network_nodes", "network_cooperations")
_GRAPHS = ("affiliations.graphml", "cooperations.graphml")


def files(entries: Sequence[SourceEntry]) -> list[str]:
    """The files that the extracts of a licence group have, by the tables that its sources have."""
    tables = list(_tables(entries))
    if not tables:
        return []
    graphs = list(_GRAPHS) if _NETWORK[0] in tables else []
    return [*(f"{name}.{kind}" for name in tables for kind in ("parquet", "csv")), *graphs, CODEBOOK, _CSVW]


def _tables(entries: Sequence[SourceEntry]) -> Iterator[str]:
    def is_there(table: str) -> bool:
        return any(scan_table(entry.harvest.records, table) is not None for entry in entries)

    if is_there("participation"):
        yield from _NETWORK
    if is_there("initiative"):
        yield from (f"territory_panel_{kind}" for kind in panel.KINDS)


def write(
    project: Project,
    groups: Mapping[str, Sequence[SourceEntry]],
    same: Mapping[str, Path],
    release: Path,
    earlier: Earlier,
) -> None:
    """Write the extracts of each licence group into the folder of a release, whose tables are there.

    `same` has, as `links-<group>`, the statements of which records are one (N-Quads).
    """
    concepts = project.vocabulary.concepts["recognition"]
    labels = {kind: dict(one.labels) for kind, one in concepts.items()}
    for group, entries in groups.items():
        if not files(entries):
            continue
        links, tables, out = same[f"links-{group}"], release / "tables" / group, release / FOLDER / group
        retrieved = {one.source.id: _retrieved(one) for one in entries}
        out.mkdir(parents=True)
        known = ReleasedTables(tables, project.tables, read_same(links), earlier.sha256_of)
        _Extracts(known, entries, labels, retrieved, out, earlier, panel.counted_of(known)).write()


_MADE_OF = {
    "network_affiliations": ("record", "organization", "participation"),
    "network_nodes": ("organization", "initiative", "territory"),
    "network_cooperations": (),
}
"""The tables that a network is made of; the last two besides of the affiliations."""


@dataclass(frozen=True, slots=True)
class _Extracts:
    """Those of one licence group, to be written into the folder `out` or taken over."""

    tables: ReleasedTables
    entries: Sequence[SourceEntry]
    recognitions: Mapping[str, Mapping[str, str]]
    retrieved: Mapping[str, str]
    out: Path
    earlier: Earlier
    counted_of: Sequence[str]
    """What panels count (`panel.counted_of`)."""

    def write(self) -> None:
        """Write all files."""
        licences = {one.source.id: one.source.card.license for one in self.entries}
        licence = group_licence(self.out.name, licences.values())
        labels = self._labels()
        described, book = {}, []
        for name in _tables(self.entries):
            self._write_table(name)
            written = pl.scan_parquet(self.out / f"{name}.parquet")
            columns = written.collect_schema().names()
            described[name] = codebook.entries(self.tables, name, columns, labels)
            sources = _sources(name, self.tables, written, columns)
            book += list(codebook.rows(described[name], written, sources, licences, self.retrieved))
        of_networks = [self._checksum(name) for name in _NETWORK if name in described]
        if of_networks and not self._is_there("graphml", [*of_networks, licence or ""], _GRAPHS):
            _write_graphs(self.out, licence)
        pl.DataFrame(book, infer_schema_length=None).lazy().sink_csv(self.out / CODEBOOK)
        stages.write_json(self.out / _CSVW, codebook.csvw(described, licence))

    def _labels(self) -> dict[str, Mapping[str, str]]:
        """What kinds of recognition and rules are called, by the names of their columns."""
        found = {panel.column("recognition", one): self.recognitions[one] for one in panel.recognitions(self.tables)}
        named = self.tables.scan("derivation_rule").select("key", "name", "name_en").collect()
        rules = {rule: {"fr": rule, "en": rule} for rule in panel.rules(self.tables)}
        rules |= {key: {"fr": name, "en": english or name} for key, name, english in named.iter_rows()}
        return found | {panel.column("situation", rule): one for rule, one in rules.items()}

    def _write_table(self, name: str) -> None:
        """Write a table, unless what it is made of is the same as before."""
        kind = name.removeprefix("territory_panel_")
        is_panel = kind in panel.KINDS
        made_from = [
            pl.__version__,
            *(f"{one}:{self.tables.checksum(one)}" for one in (panel.STATIC if is_panel else _MADE_OF[name])),
            *(self.counted_of if is_panel else [repr(sorted(self.tables.one_of.items()))]),
        ]
        if not is_panel and name != _NETWORK[0]:
            made_from += [self._checksum(_NETWORK[0])]
        if self._is_there(name, made_from, [f"{name}.parquet", f"{name}.csv"]):
            return
        if is_panel:
            _write_table(panel.panel(self.tables, kind, panel.counts(self.tables, kind)), self.out / name)
        else:
            _write_table(self._network(name), self.out / name)

    def _is_there(self, name: str, made_from: Sequence[str], files: Sequence[str]) -> bool:
        paths = [f"{FOLDER}/{self.out.name}/{file}" for file in files]
        return self.earlier.taken_over(f"{FOLDER}/{self.out.name}/{name}", stages.fingerprint(*made_from), paths)

    def _checksum(self, name: str) -> str:
        return self.earlier.sha256_of(self.out / f"{name}.parquet")

    def _network(self, name: str) -> pl.LazyFrame:
        affiliations = self.out / "network_affiliations.parquet"
        if name == "network_cooperations":
            return network.cooperations(pl.scan_parquet(affiliations))
        if name == "network_nodes":
            return network.nodes(self.tables, pl.scan_parquet(affiliations))
        return network.affiliations(self.tables)


def _retrieved(entry: SourceEntry) -> str:
    return max((str(one["retrieved"])[:10] for one in entry.harvest.snapshots), default="")


def _write_table(frame: pl.LazyFrame, path: Path) -> None:
    frame.sink_parquet(path.with_suffix(".parquet"))
    written = pl.scan_parquet(path.with_suffix(".parquet"))
    lists = [name for name, kind in written.collect_schema().items() if kind == pl.List(pl.String())]
    written.with_columns(pl.col(name).list.join(LIST_SEPARATOR) for name in lists).sink_csv(path.with_suffix(".csv"))


def _write_graphs(out: Path, licence: str | None) -> None:
    two_mode, nodes, one_mode = (pl.scan_parquet(out / f"{name}.parquet") for name in _NETWORK)
    said = f" {licence}" if licence else ""
    graphml.write(out / _GRAPHS[0], nodes, two_mode, ["actor", "initiative"], _TWO_MODE + said)
    actors = nodes.filter(pl.col("mode") == "actor").drop("mode")
    graphml.write(out / _GRAPHS[1], actors, one_mode, ["actor", "other"], _PROJECTION + said)


def _sources(name: str, tables: ReleasedTables, written: pl.LazyFrame, columns: Sequence[str]) -> dict[str, list[str]]:
    """By column, the sources that it comes from."""
    if name in _NETWORK:
        own = pl.col("sources").explode() if "sources" in columns else pl.col("source")
        found = written.select(own.unique().sort().alias("source")).collect()["source"].to_list()
        return dict.fromkeys(columns, found)

    def of(table: str) -> list[str]:
        found: list[str] = tables.scan(table).select(pl.col("source").unique().sort()).collect()["source"].to_list()
        return found

    by_table = {table: of(table) for table in ("territory", "initiative", "situation_finding", "territory_figures")}
    said = tables.scan("recognition").group_by("recognition").agg(pl.col("source").unique().sort()).collect()
    by_column = {panel.column("recognition", kind): sources for kind, sources in said.iter_rows()}
    starts = {"initiatives_": "initiative", "situation_": "situation_finding"}
    own_columns = ("territory", "name", "epci", "departement", "departements", "year")
    for column in columns:
        table = next((table for start, table in starts.items() if column.startswith(start)), "territory_figures")
        by_column.setdefault(column, by_table["territory" if column in own_columns else table])
    return by_column
