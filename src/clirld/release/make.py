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

import json
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from isal import isal_zlib
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

from clirld import issues, stages
from clirld.errors import ReleaseError
from clirld.harvest import issue_groups
from clirld.harvest.outcome import Harvest, failure, last_good, state
from clirld.link import matching
from clirld.project import Project
from clirld.records import erasure
from clirld.release import catalog
from clirld.release.catalog import Entry
from clirld.release.completeness import completeness
from clirld.release.published import CHUNK, Release, checksum, current, load, use
from clirld.settings import BASE
from clirld.vocabulary.tables import LIST_SEPARATOR


def make_release(project: Project, *, force: bool = False) -> tuple[Release, bool]:
    """Make a release of all sources that have a good harvest and switch to it.

    Gives the release and whether it is new: where nothing has changed since the current one, that one is given,
    unless `force`. Raises ReleaseError where there is nothing to release; what was served stays served.
    """
    for name, error in project.card_errors.items():
        if last_good(project, name):  # without its card its data cannot be described, and must not go silently
            raise ReleaseError(
                f"{name} has data but its card cannot be used: {error.what}", where=error.where, do=error.do
            )
    harvests = {name: kept.needed() for name in project.sources if (kept := last_good(project, name))}
    if not harvests:
        raise ReleaseError(
            "no source has been harvested", where=str(project.settings.data), do="run “clirld run --all”"
        )
    for name, kept in harvests.items():
        asked = erasure.load(project.settings, name)
        if asked and erasure.covered(kept.records, asked):
            raise ReleaseError(
                f"{name} has records that must be erased",
                where=str(kept.records),
                do=f"run “clirld run {name}”, which leaves them out; nothing is released until then",
            )
    version = stages.fingerprint(
        stages.of_program(),
        stages.of_files(_vocabulary_files(project)),
        stages.of_files(sorted((project.settings.shapes / "tiers").glob("*.rq"))),
        *(f"{name}:{kept.fingerprint}:{state(project, name)}" for name, kept in sorted(harvests.items())),
        *(f"{name}:{kept.accepted['when']}" for name, kept in sorted(harvests.items()) if kept.accepted),
        *(stages.of_files([project.sources[name].folder / "source.yaml"]) for name in sorted(harvests)),
    )
    now = current(project.settings.data)
    if now and now.manifest["version"] == version and not force:
        return now, False
    root = project.settings.data / "releases"
    identifier = _identifier(root, version)

    def work(folder: Path) -> None:
        _Maker(project, folder, identifier, version).make()

    try:
        folder, _skipped = stages.stage(root, identifier, work)
    except OSError as problem:
        raise ReleaseError(
            f"cannot write the release: {problem}",
            where=str(root),
            do="free some disk or check the rights; then run again",
        ) from problem
    use(project.settings.data, identifier)
    return load(folder), True


def _identifier(root: Path, version: str) -> str:
    """Name of a new release; a second one within the same second is named after the next."""
    made = datetime.now(UTC)
    while (root / (identifier := f"{made:%Y%m%dT%H%M%SZ}-{version[:8]}")).exists():
        made += timedelta(seconds=1)
    return identifier


def _vocabulary_files(project: Project) -> list[Path]:
    """What of `ontology/` a release brings along: the words its data is written in, and where they lead to."""
    folder = project.settings.ontology
    patterns = ("clirld.ttl", "context.jsonld", "schemes/*.ttl", "alignments/*.ttl", "exports/*.rq")
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


@dataclass(frozen=True, slots=True)
class _Maker:
    project: Project
    folder: Path
    identifier: str
    version: str

    def make(self) -> None:
        for name in ("dump", "tables", "links", "reports", "graphs"):
            (self.folder / name).mkdir()
        graphs = self._graphs()
        # Loading lets go of the interpreter: what does not need the store is done beside it.
        with ThreadPoolExecutor(1) as side:
            packed, written = side.submit(self._dump, graphs), side.submit(self._tables)
            linked = side.submit(self._candidates)
            self._store(graphs)
            quads = self._quads()
            entries = self._entries(quads)
            extra = self._catalog(entries) | self._derived()
            self._store(extra)
            packed.result()
            written.result()
            candidates = linked.result()
        self._dump(extra)
        quads |= {name: path.read_bytes().count(b"\n") for name, path in extra.items()}
        self._whole_dump([*graphs, *extra])
        self._vocabulary()
        self._reports(entries)
        shutil.rmtree(self.folder / "graphs")
        self._manifest(entries, quads, candidates)

    def _harvests(self) -> list[Harvest]:
        return [kept for name in self.project.sources if (kept := last_good(self.project, name))]

    def _graphs(self) -> dict[str, Path]:
        """N-Quads of each source, and of the ontology and its schemes."""
        graphs = {kept.source: kept.validated / "graph.nq" for kept in self._harvests()}
        for name in ("ontology", "concepts"):
            path = self.folder / "graphs" / f"{name}.nq"
            lines = self.project.vocabulary.as_nquads(f"{BASE}graph/{name}")
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            graphs[name] = path
        return graphs

    def _store(self, graphs: dict[str, Path]) -> None:
        store = Store(str(self.folder / "store"))
        for path in graphs.values():
            store.bulk_load(path=str(path), format=RdfFormat.N_QUADS)
        store.flush()
        del store  # closes it: a folder is written by one process at a time

    def _quads(self) -> dict[str, int]:
        """Quads of each graph, by the last part of its IRI; a quad that two rows gave is one."""
        store = Store.read_only(str(self.folder / "store"))
        counts = store.query("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g")
        assert isinstance(counts, QuerySolutions)
        rows = json.loads(counts.serialize(format=QueryResultsFormat.JSON) or b"")["results"]["bindings"]
        return {row["g"]["value"].removeprefix(f"{BASE}graph/"): int(row["n"]["value"]) for row in rows}

    def _dump(self, graphs: dict[str, Path]) -> None:
        for name, path in graphs.items():
            _pack(path, self.folder / "dump" / f"{name}.nq.gz")

    def _whole_dump(self, names: Iterable[str]) -> None:
        """All dumps in one: gzip members may follow each other (RFC 1952, section 2.2)."""
        with (self.folder / "dump" / "clirld.nq.gz").open("wb") as out:
            for name in names:
                with (self.folder / "dump" / f"{name}.nq.gz").open("rb") as part:
                    shutil.copyfileobj(part, out, CHUNK)

    def _entries(self, quads: dict[str, int]) -> list[Entry]:
        return [
            Entry(self.project.sources[kept.source], kept, state(self.project, kept.source), quads.get(kept.source, 0))
            for kept in self._harvests()
        ]

    def _catalog(self, entries: Sequence[Entry]) -> dict[str, Path]:
        graphs = {name: self.folder / "graphs" / f"{name}.nq" for name in ("catalog", "accounting")}
        catalog.write(catalog.catalog(entries, self.version), graphs["catalog"], self.folder / "catalog.ttl")
        catalog.write(catalog.accounting(entries), graphs["accounting"])
        return graphs

    def _derived(self) -> dict[str, Path]:
        """What follows from the whole: the level of completeness of each initiative."""
        path = self.folder / "graphs" / "derived.nq"
        store = Store.read_only(str(self.folder / "store"))
        lines = completeness(store, self.project.settings.shapes / "tiers")
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return {"derived": path}

    def _tables(self) -> None:
        for table in self.project.tables.values():
            frames = [
                frame
                for kept in self._harvests()
                if (frame := _published(_parts(kept.records, table.name), kept.validated / "held.jsonl")) is not None
            ]
            if frames:
                whole = pl.concat(frames)
                whole.sink_parquet(self.folder / "tables" / f"{table.name}.parquet")
                flat = whole.with_columns(
                    pl.col(column.name).list.join(LIST_SEPARATOR) for column in table.published if column.list
                )
                flat.sink_csv(self.folder / "tables" / f"{table.name}.csv")

    def _candidates(self) -> int:
        found = matching.candidates(path for kept in self._harvests() for path in _parts(kept.records, "initiative"))
        matching.write(found, self.folder / "links")
        return len(found)

    def _vocabulary(self) -> None:
        for path in _vocabulary_files(self.project):
            copy = self.folder / "vocabulary" / path.relative_to(self.project.settings.ontology)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)

    def _reports(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            kept, out = entry.harvest, self.folder / "reports"
            shutil.copyfile(kept.validated / "report.ttl", out / f"{kept.source}.ttl")
            stages.write_json(out / f"{kept.source}.account.json", kept.account.summary())
            failed = failure(self.project, kept.source)
            first = [issues.failure_issue(failed)] if failed else []
            path = out / f"{kept.source}.issues.jsonl"
            issues.write(first, path)
            with path.open("ab") as all_of_them:
                for folder in kept.noticed:
                    with (folder / "issues.jsonl").open("rb") as part:
                        shutil.copyfileobj(part, all_of_them, CHUNK)
            found = issue_groups.summary(issues.read(path), kept.account.summary(), self.project.shapes.facts)
            stages.write_json(out / f"{kept.source}.issues.json", found)

    def _manifest(self, entries: Sequence[Entry], quads: dict[str, int], candidates: int) -> None:
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
                "sources": [self._source(entry) for entry in entries],
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

    def _source(self, entry: Entry) -> dict[str, Any]:
        card = entry.source.card
        licence = self.project.vocabulary.licences[card.license]
        return {
            "id": card.id,
            "title": card.title.model_dump(),
            "license": {
                "iri": card.license,
                "title": dict(licence.titles),
                "share_alike": licence.share_alike,
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


def _parts(records: Path, table: str) -> list[Path]:
    return sorted((records / table).glob("*.parquet"))


def _published(parts: list[Path], held_file: Path) -> pl.LazyFrame | None:
    """The rows of a table that are not held back."""
    if not parts:
        return None
    with held_file.open(encoding="utf-8") as lines:
        held = [json.loads(line)["record"] for line in lines]
    frame = pl.scan_parquet(parts)
    return frame.filter(~pl.col("record").is_in(held)) if held else frame


def _pack(path: Path, out: Path) -> None:
    """Compress a file as one gzip member, the same bytes every time."""
    packer = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    with path.open("rb") as plain, out.open("wb") as packed:
        while chunk := plain.read(CHUNK):
            packed.write(packer.compress(chunk))
        packed.write(packer.flush())
