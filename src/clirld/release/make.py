"""release: the last good harvests → an immutable folder, whole or not there, and the switch to it.

data/releases/<id>/store/          Oxigraph store, to be opened read-only
                  dump/*.nq.gz     N-Quads: one file a named graph's source, and clirld.nq.gz of them all
                  tables/          the canonical tables as Parquet and CSV
                  vocabulary/      ontology, schemes, alignments, JSON-LD context, exports to other vocabularies
                  links/           candidates: never in the store
                  reports/         SHACL report, issues (whole, and in groups) and account of each source
                  catalog.ttl      DCAT, VoID and PROV
                  manifest.json    counts, licences, checksums
data/current → releases/<id>       replaced by one atomic rename
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from isal import isal_zlib
from pyoxigraph import RdfFormat, Store

from clirld import issues, stages
from clirld.errors import ReleaseError, os_reason
from clirld.guards import checks
from clirld.harvest import issue_groups, outcome
from clirld.harvest.outcome import Harvest, failure, freshness, last_good
from clirld.link import matching
from clirld.project import Project
from clirld.query.select import select
from clirld.records import erasure_list
from clirld.records.accounts import held_record_keys
from clirld.records.carried import tables_of
from clirld.records.erasure import Erasures, covered_records
from clirld.release import catalog, provenance
from clirld.release.catalog import SourceEntry
from clirld.release.completeness import completeness
from clirld.release.erased import mark_releases
from clirld.release.published import CHUNK, Release, checksum, current, load, switch_to
from clirld.settings import BASE
from clirld.vocabulary.tables import LIST_SEPARATOR, Table


def make_release(project: Project, *, force: bool = False) -> tuple[Release, bool]:
    """Make a release of all sources that have a good harvest and switch to it.

    Gives the release and whether it is new: where nothing has changed since the current one, that one is given,
    unless `force`. Raises ReleaseError where there is nothing to release; what was served stays served.
    """
    listed = erasure_list.read(project.settings)
    for name, error in project.card_errors.items():
        if last_good(project, name):  # without its card its data cannot be described, and must not go silently
            raise ReleaseError(
                f"{name} has data but its card cannot be used: {error.what}", where=error.where, do=error.do
            )
    harvests = {name: harvest.require_outputs() for name in project.sources if (harvest := last_good(project, name))}
    if not harvests:
        raise ReleaseError(
            "no source has been harvested", where=str(project.settings.data), do="run “clirld run --all”"
        )
    for name, harvest in harvests.items():
        erasures = Erasures.of(listed, name) if listed else None
        if erasures and covered_records(tables_of(harvest.records), erasures):
            raise ReleaseError(
                f"{name} has records that must be erased",
                where=str(harvest.records),
                do=f"run “clirld run {name}”, which leaves them out; nothing is released until then",
            )
    _refuse_restricted(project, harvests)
    version = stages.fingerprint(
        stages.program_fingerprint(),
        stages.files_fingerprint(_vocabulary_files(project)),
        stages.files_fingerprint(sorted((project.settings.shapes / "tiers").glob("*.rq"))),
        *(f"{name}:{harvest.fingerprint}:{freshness(project, name)}" for name, harvest in sorted(harvests.items())),
        *(f"{name}:{harvest.accepted['when']}" for name, harvest in sorted(harvests.items()) if harvest.accepted),
        *(stages.files_fingerprint([project.sources[name].folder / "source.yaml"]) for name in sorted(harvests)),
    )
    mark_releases(project.settings)
    served = current(project.settings.data)
    if served and served.manifest["version"] == version and not force:
        return served, False
    root = project.settings.data / "releases"
    identifier = _identifier(root, version)

    def build(folder: Path) -> None:
        _ReleaseBuilder(project, folder, identifier, version).build()

    try:
        folder, _skipped = stages.run_stage(root, identifier, build)
    except OSError as problem:
        raise ReleaseError(
            f"cannot write the release: {os_reason(problem)}",
            where=str(root),
            do="free some disk or check the rights; then run again",
        ) from problem
    mark_releases(project.settings)
    switch_to(project.settings.data, identifier)
    return load(folder), True


def _refuse_restricted(project: Project, harvests: Mapping[str, Harvest]) -> None:
    """Raises ReleaseError for a source whose terms forbid to publish it, unless a named person has accepted that.

    Accepted: by `license_accepted` in the card, or by `clirld accept`, which let its harvest pass with that finding.
    Samples are invented, and no one's.
    """
    for name, harvest in harvests.items():
        card = project.sources[name].card
        if harvest.sample or card.license_accepted or not project.vocabulary.licences[card.license].restricted:
            continue
        found = issue_groups.stage_issues(harvest.guards)
        if harvest.accepted and any(map(checks.is_about_restriction, found)):
            continue
        raise ReleaseError(
            f"the publisher's terms of {name} restrict reuse, and nobody has accepted to publish it",
            where=f"source {name}",
            do=f"give license_accepted in its source.yaml once the publisher agrees; or delete "
            f"{outcome.harvest_file(project, name)}, and it is left out",
        )


def _identifier(root: Path, version: str) -> str:
    """Name of a new release; a second one within the same second is named after the next."""
    time = datetime.now(UTC)
    while (root / (identifier := f"{time:%Y%m%dT%H%M%SZ}-{version[:8]}")).exists():
        time += timedelta(seconds=1)
    return identifier


def _vocabulary_files(project: Project) -> list[Path]:
    """What of `ontology/` a release brings along: the words its data is written in, and where they lead to."""
    folder = project.settings.ontology
    patterns = ("clirld.ttl", "context.jsonld", "schemes/*.ttl", "alignments/*.ttl", "exports/*.rq")
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


@dataclass(frozen=True, slots=True)
class _ReleaseBuilder:
    project: Project
    folder: Path
    identifier: str
    version: str

    def build(self) -> None:
        for name in ("dump", "tables", "links", "reports", "graphs"):
            (self.folder / name).mkdir()
        graphs = self._write_graphs()
        # Loading lets go of the interpreter: what does not need the store is done beside it.
        with ThreadPoolExecutor(1) as background:
            dumps, tables = background.submit(self._write_dumps, graphs), background.submit(self._write_tables)
            pairs = background.submit(self._write_candidates)
            self._load_store(graphs)
            quads = self._count_quads()
            entries = self._entries(quads)
            derived_graphs = self._write_catalog(entries) | self._write_derived()
            self._load_store(derived_graphs)
            dumps.result()
            tables.result()
            candidates = pairs.result()
        self._write_dumps(derived_graphs)
        # A line is a quad, and each was written once: nothing of these graphs needs to be counted by a query.
        quads |= {name: path.read_bytes().count(b"\n") for name, path in derived_graphs.items()}
        self._write_whole_dump([*graphs, *derived_graphs])
        self._copy_vocabulary()
        self._write_reports(entries)
        shutil.rmtree(self.folder / "graphs")
        self._write_manifest(entries, quads, candidates)

    def _harvests(self) -> list[Harvest]:
        return [harvest for name in self.project.sources if (harvest := last_good(self.project, name))]

    def _write_graphs(self) -> dict[str, Path]:
        """N-Quads of each source, and of the ontology and its schemes."""
        graphs = {harvest.source: harvest.validated / "graph.nq" for harvest in self._harvests()}
        for name in ("ontology", "concepts"):
            path = self.folder / "graphs" / f"{name}.nq"
            lines = self.project.vocabulary.as_nquads(f"{BASE}graph/{name}")
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            graphs[name] = path
        return graphs

    def _load_store(self, graphs: dict[str, Path]) -> None:
        store = Store(str(self.folder / "store"))
        for path in graphs.values():
            store.bulk_load(path=str(path), format=RdfFormat.N_QUADS)
        store.flush()
        del store  # closes it: a folder is written by one process at a time

    def _count_quads(self) -> dict[str, int]:
        """Quads of each graph, by the last part of its IRI; a quad that two rows gave is one."""
        store = Store.read_only(str(self.folder / "store"))
        rows = select(store, "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g")
        return {row["g"].value.removeprefix(f"{BASE}graph/"): int(row["n"].value) for row in rows}

    def _write_dumps(self, graphs: dict[str, Path]) -> None:
        for name, path in graphs.items():
            _compress(path, self.folder / "dump" / f"{name}.nq.gz")

    def _write_whole_dump(self, names: Iterable[str]) -> None:
        """All dumps in one: gzip members may follow each other (RFC 1952, section 2.2)."""
        with (self.folder / "dump" / "clirld.nq.gz").open("wb") as out:
            for name in names:
                with (self.folder / "dump" / f"{name}.nq.gz").open("rb") as part:
                    shutil.copyfileobj(part, out, CHUNK)

    def _entries(self, quads: dict[str, int]) -> list[SourceEntry]:
        entries = []
        for harvest in self._harvests():
            source = self.project.sources[harvest.source]
            entries.append(SourceEntry(source, harvest, freshness(self.project, source.id), quads.get(source.id, 0)))
        return entries

    def _write_catalog(self, entries: Sequence[SourceEntry]) -> dict[str, Path]:
        graphs = {name: self.folder / "graphs" / f"{name}.nq" for name in ("catalog", "accounting")}
        quads = catalog.catalog(entries, self.version)
        origins = provenance.files(entries), provenance.rules(entries, self.project.settings.shapes / "tiers")
        catalog.write(chain(quads, *origins), graphs["catalog"], self.folder / "catalog.ttl")
        catalog.write(catalog.accounting(entries), graphs["accounting"])
        return graphs

    def _write_derived(self) -> dict[str, Path]:
        """What follows from the whole: the level of completeness of each initiative."""
        path = self.folder / "graphs" / "derived.nq"
        store = Store.read_only(str(self.folder / "store"))
        lines = completeness(store, self.project.settings.shapes / "tiers")
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return {"derived": path}

    def _write_tables(self) -> None:
        for table in self.project.tables.values():
            by_source = [_published_rows(table, harvest) for harvest in self._harvests()]
            if frames := [frame for frame in by_source if frame is not None]:
                table_rows = pl.concat(frames)
                table_rows.sink_parquet(self.folder / "tables" / f"{table.name}.parquet")
                flat = table_rows.with_columns(
                    pl.col(column.name).list.join(LIST_SEPARATOR) for column in table.published if column.list
                )
                flat.sink_csv(self.folder / "tables" / f"{table.name}.csv")

    def _write_candidates(self) -> int:
        initiatives = self.project.tables["initiative"]
        frames = [frame for harvest in self._harvests() if (frame := _published_rows(initiatives, harvest)) is not None]
        candidates = matching.candidates(frames)
        matching.write(candidates, self.folder / "links")
        return len(candidates)

    def _copy_vocabulary(self) -> None:
        for path in _vocabulary_files(self.project):
            copy = self.folder / "vocabulary" / path.relative_to(self.project.settings.ontology)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)

    def _write_reports(self, entries: Sequence[SourceEntry]) -> None:
        for entry in entries:
            harvest, out = entry.harvest, self.folder / "reports"
            shutil.copyfile(harvest.validated / "report.ttl", out / f"{harvest.source}.ttl")
            stages.write_json(out / f"{harvest.source}.account.json", harvest.account.summary())
            last_failure = failure(self.project, harvest.source)
            stage_failures = [issues.failure_issue(last_failure)] if last_failure else []
            path = out / f"{harvest.source}.issues.jsonl"
            issues.write(stage_failures, path)
            with path.open("ab") as issues_file:
                issues_file.writelines(issue_groups.named_lines(harvest.source, harvest.issue_folders))
            summary = issue_groups.issue_summary(
                issues.read(path), harvest.account.summary(), self.project.shapes.by_name
            )
            stages.write_json(out / f"{harvest.source}.issues.json", summary)

    def _write_manifest(self, entries: Sequence[SourceEntry], quads: dict[str, int], candidates: int) -> None:
        store = self.folder / "store"
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and store not in path.parents)
        stages.write_json(
            self.folder / "manifest.json",
            {
                "id": self.identifier,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "version": self.version,
                "base": BASE,
                "quads": sum(quads.values()),
                "graphs": quads,
                "candidates": candidates,
                "sources": [self._manifest_source(entry) for entry in entries],
                "files": [
                    {
                        "path": str(path.relative_to(self.folder)),
                        "bytes": path.stat().st_size,
                        "sha256": checksum(path),
                    }
                    for path in files
                ],
            },
        )

    def _manifest_source(self, entry: SourceEntry) -> dict[str, Any]:
        card = entry.source.card
        licence = self.project.vocabulary.licences[card.license]
        return {
            "id": card.id,
            "title": card.title.model_dump(),
            "license": {
                "iri": card.license,
                "title": dict(licence.titles),
                "share_alike": licence.share_alike,
                "restricted": licence.restricted,
                "accepted": card.license_accepted.model_dump(mode="json") if card.license_accepted else None,
            },
            "status": card.status,
            "state": entry.state,
            "failure": failure(self.project, card.id),
            "sample": entry.harvest.sample,
            "accepted": entry.harvest.accepted,
            "snapshots": list(entry.harvest.snapshots),
            "retrieved": max(snapshot["retrieved"] for snapshot in entry.harvest.snapshots),
            "quads": entry.quads,
            **entry.harvest.account.summary(),
        }


def _published_rows(table: Table, harvest: Harvest) -> pl.LazyFrame | None:
    """The rows of a table that are not held back; None where it has none."""
    paths = sorted((harvest.records / table.name).glob("*.parquet"))
    if not paths:
        return None
    held = held_record_keys(harvest.validated / "held.jsonl")
    # An earlier harvest that was kept has the columns that tables.yaml had then.
    frame = pl.scan_parquet(paths, schema=table.schema, missing_columns="insert", extra_columns="ignore")
    return frame.filter(~pl.col("record").is_in(held)) if held else frame


def _compress(path: Path, out: Path) -> None:
    """Compress a file as one gzip member, the same bytes every time."""
    # Level 2 of ISA-L's 0 to 3; a window of 15 bits, and 16 more for a gzip header, which then has no name and no time.
    compressor = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    with path.open("rb") as plain, out.open("wb") as compressed:
        while chunk := plain.read(CHUNK):
            compressed.write(compressor.compress(chunk))
        compressed.write(compressor.flush())
