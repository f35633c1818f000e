"""release: the last good harvests → an immutable folder, whole or not there, and the switch to it.

data/releases/<id>/store/          Oxigraph store, to be opened read-only; pieces/ what the next release takes over
                  dump/, tables/, extracts/   N-Quads; Parquet and CSV; networks and panels: by licence group
                  vocabulary/      ontology, schemes, alignments, JSON-LD context, exports to other vocabularies
                  links/           candidates: never in the store; judgements that hold; issues of both
                  search.sqlite    the index that words are searched in (clirld.search)
                  map.sqlite       places, contours and counts: what the map and the pictures are drawn from (maps/)
                  reports/         SHACL report, issues, account, and what the publisher is sent, of each source
                  changes/, feed/  against the release before: patches, tables, counts; event streams (changes/)
                  manifest.json    counts, licences, checksums; ro-crate-metadata.json (formats/)
                  catalog.ttl      DCAT, VoID and PROV; README.md  licences, files, how to cite
data/current → releases/<id>       replaced by one atomic rename
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from pyoxigraph import Quad

from clirld import checksums, stages
from clirld.errors import ReleaseError, os_reason
from clirld.harvest import leftovers, rights
from clirld.harvest.lock import release_lock
from clirld.harvest.outcome import freshness, last_good
from clirld.link import output, records
from clirld.link.identity import Identity, identity
from clirld.map.version import version_of_lines
from clirld.project import Project
from clirld.records.erasure import erasure_list
from clirld.release import catalog, datasets, files, history, licensing, partitions, provenance, quality, source_reports
from clirld.release.catalog import SourceEntry
from clirld.release.changes import write as changes
from clirld.release.completeness import write_levels
from clirld.release.extracts import write as extracts
from clirld.release.formats import ro_crate, sparql_examples, vocabulary_files
from clirld.release.grade import write as grade
from clirld.release.incremental import store
from clirld.release.incremental.pieces import FOLDER, Pieces
from clirld.release.maps import write as maps
from clirld.release.measures import write_measures
from clirld.release.published import (
    Release,
    identifier,
    load,
    newest,
    next_sequence,
    switch_to,
    whole_current,
)
from clirld.release.registered import guard as registered
from clirld.release.unavailable import repeated
from clirld.release.unavailable.erased import mark_releases
from clirld.release.unavailable.mark import withdrawals
from clirld.release.unavailable.pending import to_erase
from clirld.settings import BASE


def make_release(project: Project, *, force: bool = False, now: datetime | None = None) -> tuple[Release, bool]:
    """Make a release of all sources that have a good harvest and switch to it.

    Gives the release and whether it is new: where nothing has changed since the current one, that one is given,
    unless `force`. Raises ReleaseError where there is nothing to release; what was served stays served.
    """
    if not project.settings.data.is_dir():  # the lock would make it
        raise _nothing_harvested(project)
    with release_lock(project.settings.data):
        leftovers.sweep_releases(project.settings.data)
        return _make_release(project, force, now or datetime.now(UTC))


def _nothing_harvested(project: Project) -> ReleaseError:
    return ReleaseError("no source has been harvested", where=str(project.settings.data), do="run “clirld run --all”")


def _make_release(project: Project, force: bool, now: datetime) -> tuple[Release, bool]:
    listed = erasure_list.read(project.settings)
    for name, error in project.card_errors.items():
        if last_good(project, name):  # without its card its data cannot be described, and must not go silently
            raise ReleaseError(
                f"{name} has data but its card cannot be used: {error.what}", where=error.where, do=error.do
            )
    harvests = {name: harvest.require_outputs() for name in project.sources if (harvest := last_good(project, name))}
    if not harvests:
        raise _nothing_harvested(project)
    left_out = licensing.left_out(project, harvests, to_erase(project, harvests, listed))
    entries = [
        SourceEntry(project.sources[name], harvest, freshness(project, name), 0, rights.acceptance(project, name))
        for name, harvest in harvests.items()
        if name not in left_out
    ]
    if not entries:
        raise ReleaseError(
            f"no source may be published: {', '.join(left_out)}",
            where=str(project.settings.data),
            do="see docs/licences.md; where something is to be erased, run the source until a harvest succeeds",
        )
    version = _version(project, entries, left_out)
    refused, withdrawn = mark_releases(project.settings), withdrawals(project.settings.data)
    served = whole_current(project.settings.data)
    is_same = served is not None and served.manifest["version"] == version and served.id not in refused
    if served and is_same and not force and not repeated.by_anything(served.folder, withdrawn):
        return served, False
    root = project.settings.data / "releases"
    name, created = identifier(root, version, now)

    before = newest(project.settings.data)
    # Who follows the feed may have had a later one, which was deleted once somebody went back: what it told is unknown.
    may_repeat = (
        before is not None
        and before.id not in refused
        and not history.later_ones_are_gone(project.settings.data, before.manifest.get("created"))
    )

    def build(folder: Path) -> None:
        sequence = next_sequence(project.settings.data)
        builder = _ReleaseBuilder(project, folder, name, version, entries, list(left_out.values()), sequence, created)
        builder.build(before, may_repeat, withdrawn)

    try:
        folder, _skipped = stages.run_stage(root, name, build)
    except OSError as problem:
        raise ReleaseError(
            f"cannot write the release: {os_reason(problem)}",
            where=str(root),
            do="free some disk or check the rights; then run again",
        ) from problem
    mark_releases(project.settings)
    history.remember(project.settings.data)
    switch_to(project.settings.data, name)
    return load(folder), True


_LAYOUT = "14"
"""Of the folder of a release: raise it when its files change, so that unchanged content is released anew."""


def _version(project: Project, entries: Sequence[SourceEntry], left_out: Mapping[str, Any]) -> str:
    """Version of what the release says: of its quads, but for when they were retrieved, and of what is derived."""
    said = chain(_catalogue(project, entries, ""), catalog.accounting(entries))
    return stages.fingerprint(
        _LAYOUT,
        stages.files_fingerprint(vocabulary_files.listed(project.settings.ontology)),
        stages.files_fingerprint([project.settings.ontology / "tables.yaml"]),
        version_of_lines(sorted(f"{quad}\n".encode() for quad in said)),
        *(f"{entry.source.id}:{entry.harvest.version}" for entry in entries),
        *(f"{name}:{one['reason']}:{one['license']['iri']}" for name, one in left_out.items()),
    )


def _catalogue(project: Project, entries: Sequence[SourceEntry], version: str) -> Iterator[Quad]:
    """What the catalogue says of the content; nothing in it depends on the clock."""
    return chain(
        catalog.catalog(entries, version),
        licensing.in_catalogue(project, entries),
        datasets.by_licence_group(licensing.by_group(project, entries), project.vocabulary.licences),
        provenance.files(entries, project.mapping),
        provenance.rules(entries, project.settings.shapes / "tiers"),
        provenance.judged(project.settings.judgements),
        sparql_examples.described(project.settings.queries),
    )


@dataclass(slots=True)
class _ReleaseBuilder:
    project: Project
    folder: Path
    identifier: str
    version: str
    entries: list[SourceEntry]
    left_out: list[dict[str, Any]]
    sequence: int
    created: datetime

    def build(self, before: Release | None, may_repeat: bool, withdrawn: Collection[str]) -> None:
        """Write all files. What `before`, the release before, had may be told again where that is said.

        Nothing is told again of the releases that were `withdrawn`.
        """
        for name in ("dump", "tables", "links", "reports", "graphs"):
            (self.folder / name).mkdir()
        graphs = self._write_graphs()
        groups = licensing.by_group(self.project, self.entries)
        last = before if may_repeat and not (before and repeated.by_anything(before.folder, withdrawn)) else None
        known = checksums.Known(self.folder, last.folder if last else None)
        pieces = Pieces(self.folder, last, partitions.linking(self.project.mapping), self.folder / "graphs", known)
        # Loading lets go of the interpreter: what does not need the store is done beside it. A store that is taken over
        # needs the dumps.
        folders = self.folder / "store", graphs, self.folder / "dump", last
        with ThreadPoolExecutor(2) as background:
            loaded = background.submit(store.make, *folders) if last is None else None
            tables_written = background.submit(
                files.write_tables,
                groups,
                self.project.tables.values(),
                self.project.mapping.entity_kinds(),
                licensing.groups_of(self.project),
                self.folder / "tables",
                pieces,
                last.folder if last else None,
            )
            who = self._identity()
            of_links = output.write_judged(who, self.folder / "links")
            pairs = background.submit(output.write_candidates, who, self.folder / "links")
            pieces.make(graphs)
            counts = {name: pieces.counts(name) for name in graphs}
            quads = {name: sum(counted["properties"].values()) for name, counted in counts.items()}
            self.entries = [replace(entry, quads=quads[entry.source.id]) for entry in self.entries]
            groups = licensing.by_group(self.project, self.entries)
            sources = {group: [entry.source.id for entry in entries] for group, entries in groups.items()}
            links = output.write_same(who, sources, licensing.OPEN, self.folder / "graphs")
            own_graphs = self._write_catalog(groups, counts) | links
            pieces.make(own_graphs)
            indexed = background.submit(pieces.make_index, [*graphs, "catalog", *links])
            of_store, changed = loaded.result() if loaded else store.make(*folders)
            tiers = self.project.settings.shapes / "tiers"
            told = pieces.told_of_levels(tiers, changed)
            levels = write_levels(self.folder / "store", tiers, sources, self.folder / "graphs", told)
            pieces.make(levels)
            own_graphs |= levels
            store.put(self.folder / "store", own_graphs, self.folder / "dump", last if changed is not None else None)
            tables_written.result()
            extracts.write(self.project, groups, links, self.folder, pieces)
            maps.make(self.folder, self.project.vocabulary.concepts, links.values(), pieces)
            candidates = pairs.result()
            of_index = indexed.result()
        for name in own_graphs:
            graph = name.partition("-")[0]
            quads[graph] = quads.get(graph, 0) + sum(pieces.counts(name)["properties"].values())
        dumps_of = {
            group: changes.dump_names(group, [one.source.id for one in entries], is_open=group == licensing.OPEN)
            for group, entries in groups.items()
        }
        for group, names in dumps_of.items():
            pieces.join(names, f"clirld-{group}")
        said = chain(catalog.issued(self.identifier, self.created), datasets.as_made(groups, self.folder, self.created))
        catalog.write_turtle(own_graphs["catalog"], said, self.folder / "catalog.ttl")
        new = changes.NewRelease(self.folder, dumps_of, self.identifier, self.version, self._created)
        changes.write(new, before, may_repeat, withdrawn, self.folder / "graphs")
        vocabulary_files.copy(self.project.settings.ontology, self.folder / "vocabulary")
        source_reports.write_reports(self.project, self.entries, self.folder / "reports", pieces)
        told_as = self.folder, self.identifier, self.created
        write_measures(self.project, self.entries, *told_as, before, withdrawn, pieces)
        shutil.rmtree(self.folder / "graphs")
        made = {"made_from": pieces.made_from, "store": of_store, "index": of_index, "link_issues": of_links}
        manifest = self._manifest(quads, candidates, made | {"registered": self._registered(before)})
        grade.write(self.folder, manifest, self.project.settings.shapes, before, withdrawn)
        known.save()
        self._write_manifest(manifest)

    def _registered(self, before: Release | None) -> list[dict[str, Any]]:
        """What the registered queries get; of samples, which nobody relies on, none is asked."""
        if all(entry.harvest.sample for entry in self.entries):
            return []
        return registered.check(self.project.settings, self.folder, before.manifest if before else None)

    @property
    def _created(self) -> str:
        return self.created.isoformat(timespec="seconds")

    def _write_graphs(self) -> dict[str, Path]:
        """N-Quads of each source, and of the ontology and its schemes."""
        graphs = {entry.source.id: entry.harvest.validated / "graph.nq" for entry in self.entries}
        for name in ("ontology", "concepts"):
            path = self.folder / "graphs" / f"{name}.nq"
            lines = self.project.vocabulary.as_nquads(f"{BASE}graph/{name}")
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            graphs[name] = path
        return graphs

    def _described(self, counts: Mapping[str, partitions.Counts]) -> Iterator[Quad]:
        """What the catalogue says beside what the version is of: sizes, quality, dates, what it was made from."""
        yield from partitions.described({entry.source.id: counts[entry.source.id] for entry in self.entries})
        yield from partitions.overview(counts.values())
        yield from quality.measured(self.entries)
        yield from datasets.modified(licensing.by_group(self.project, self.entries))
        yield from provenance.own_graphs(self.entries, self.project.settings.ontology)

    def _write_catalog(
        self, groups: Mapping[str, Sequence[SourceEntry]], counts: Mapping[str, partitions.Counts]
    ) -> dict[str, Path]:
        """The catalogue; and what became of the rows, by licence group."""
        graphs = {"catalog": self.folder / "graphs" / "catalog.nq"}
        quads = chain(_catalogue(self.project, self.entries, self.version), self._described(counts))
        catalog.write(quads, graphs["catalog"])
        for group, entries in groups.items():
            graphs[f"accounting-{group}"] = self.folder / "graphs" / f"accounting-{group}.nq"
            catalog.write(catalog.accounting(entries), graphs[f"accounting-{group}"])
        return graphs

    def _identity(self) -> Identity:
        """Which of the published records of the tables of which records may be one are one."""
        found = {name: records.of_tables(self._rows(name)) for name in records.TABLES}
        ended = [frame.select("kind", "key", "replaced_by").collect() for frame in self._rows("ended")]
        gone = pl.concat(ended or [pl.DataFrame(schema=dict.fromkeys(("kind", "key", "replaced_by"), pl.String()))])
        return identity(found, gone, self.project.settings.judgements)

    def _rows(self, table: str) -> Iterator[pl.LazyFrame]:
        frames = (files.published_rows(self.project.tables[table], one) for one in self.entries)
        return (frame for frame in frames if frame is not None)

    def _manifest(self, quads: dict[str, int], candidates: int, origin: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": self.identifier,
            "sequence": self.sequence,
            "created": self._created,
            "layout": int(_LAYOUT),
            "version": self.version,
            "base": BASE,
            "quads": sum(quads.values()),
            "graphs": quads,
            "candidates": candidates,
            "rights": licensing.in_manifest(self.project, self.entries),
            "sources": [source_reports.manifest_source(self.project, entry) for entry in self.entries],
            "left_out": self.left_out,
            **origin,
        }

    def _write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write what the release has, its README and its RO-Crate, and list all its files."""
        (self.folder / "README.md").write_text(licensing.readme(manifest), encoding="utf-8")
        ro_crate.write(self.folder, manifest)
        checksums.write(self.folder)
        manifest["files"] = [
            {"path": name, "bytes": one.size, "sha256": one.sha256}
            for name, one in sorted(checksums.read(self.folder).items())
            if not name.startswith(("store/", f"{FOLDER}/"))
        ]
        stages.write_json(self.folder / "manifest.json", manifest)
