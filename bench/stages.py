"""Contenders of the other stages, and the data they work on."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl

from bench import synthetic
from bench.contender import SETTINGS, Figures, main
from clirld.fetch.stage import Origin
from clirld.harvest import line, outcome
from clirld.harvest.outcome import Harvest
from clirld.project import Project
from clirld.records import accounts
from clirld.records.accounts import Account
from clirld.records.make import write_records
from clirld.records.plan import ReferenceData
from clirld.records.territory import Territories
from clirld.release import make
from clirld.snapshot.store import Snapshot
from clirld.validate import graph as validate


def make_csv(data: Path, out: Path, rows: int) -> Figures:
    """Harvest the sample of the territories into `data`, and write a CSV file in the layout of tiers-lieux."""
    project = Project.load(replace(SETTINGS, data=data))
    harvest = line.harvest(project, project.sources["territories"], Origin(sample=True))
    card = project.sources[synthetic.SOURCE].card
    communes = (
        pl.read_parquet(harvest.records / "territory" / "*.parquet")
        .filter(pl.col("kind") == "commune", pl.col("latitude").is_not_null())
        .select("code", "name", pl.col("postcode").list.first(), "latitude", "longitude")
    )
    places = [
        synthetic.Place(code, name, code[:3] if code.startswith("97") else code[:2], postcode or "", lat, long)
        for code, name, postcode, lat, long in communes.iter_rows()
    ]
    columns = [*card.records[0].columns]
    synthetic.write_csv(out, rows, columns, places, [*card.lookups["typo"]])
    return {"places": len(places)}


def records(data: Path, file: Path, out: Path) -> Figures:
    """The records stage on a CSV file."""
    project = Project.load(replace(SETTINGS, data=data))
    source = project.sources[synthetic.SOURCE]
    territories_harvest = outcome.last_good(project, "territories")
    assert territories_harvest
    snapshot = Snapshot(source.id, "default", file, "0" * 64, file.stat().st_size, None, synthetic.RETRIEVED, "mirror")
    start = time.perf_counter()
    territories = Territories.load(sorted((territories_harvest.records / "territory").glob("*.parquet")))
    reference = ReferenceData(project.tables, project.vocabulary, territories)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    account = write_records(source, {"default": snapshot}, reference, out)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "made": account.rows_made.total()}


def validation(graph: Path, out: Path) -> Figures:
    """The validate stage."""
    project = Project.load(SETTINGS)
    start = time.perf_counter()
    validated = validate.validate(graph, project.shapes, project.vocabulary, out, source=synthetic.SOURCE)
    return {"seconds": time.perf_counter() - start, "held": sum(validated.held.values())}


def make_harvest(records: Path, graph: Path, data: Path, validated: Path | None = None) -> Figures:
    """Put tables and their quads in a data folder as the good harvest of a source.

    `validated` is what the validate stage made of the quads; without it they are taken as they are.
    """
    project = Project.load(replace(SETTINGS, data=data))
    source = project.sources[synthetic.SOURCE]
    rows = pl.scan_parquet(records / "record" / "*.parquet").select(pl.len()).collect().item()
    account = Account(source.id, Counter(default=rows), Counter(default=rows))
    # Any name does: no stage is run that would look for its fingerprint.
    records_folder, graph_folder, validated_folder = (
        data / stage / source.id / ("0" * 16) for stage in ("records", "graphs", "validated")
    )
    records_folder.parent.mkdir(parents=True)
    shutil.copytree(records, records_folder)
    for folder in (graph_folder, validated_folder):
        folder.mkdir(parents=True)
        shutil.copyfile(graph, folder / "graph.nq")
    for folder in (records_folder, validated_folder):
        (folder / "issues.jsonl").touch()
        account.write(folder / "account.json")
    (validated_folder / "report.ttl").touch()
    (validated_folder / "held.jsonl").touch()
    if validated:
        for name in ("graph.nq", "held.jsonl", "report.ttl", "issues.jsonl"):
            shutil.copyfile(validated / name, validated_folder / name)
        held = accounts.held_rows(records_folder, validated / "held.jsonl")
        account.with_held(held).write(validated_folder / "account.json")
    snapshot = Snapshot(source.id, "default", graph, "0" * 64, 0, None, synthetic.RETRIEVED, "mirror")
    snapshots = (
        {name: getattr(snapshot, name) for name in ("distribution", "url", "via", "retrieved", "sha256", "size")},
    )
    # One folder for rows, records and guards: nothing is carried over from an earlier harvest, or kept back.
    folders = (records_folder, records_folder, graph_folder, validated_folder, records_folder)
    outcome.promote(project, Harvest(source.id, *folders, snapshots, sample=False))
    return {}


def make_release(data: Path) -> Figures:
    """The release stage."""
    project = Project.load(replace(SETTINGS, data=data))
    shutil.rmtree(data / "releases", ignore_errors=True)
    (data / "current").unlink(missing_ok=True)
    start = time.perf_counter()
    new_release, _ = make.make_release(project)
    return {"seconds": time.perf_counter() - start, "quads": new_release.manifest["quads"]}


if __name__ == "__main__":
    main(make_csv, records, validation, make_harvest, make_release)
