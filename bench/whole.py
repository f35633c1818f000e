"""The line as a whole, in the terms of `bench.__main__`: against what one would put together, and by size."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.measure import Measurement, contender, race
from bench.result import ORACLE, PROJECT, Result, result, run_once


def bench_line(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """The same initiatives from canonical tables to a store: to the same triples and the same SHACL results.

    Ends with an error where they are not. The triples that are compared are all that the mapping makes of the tables
    `initiative` and `record`, before anything is held back; the results are those of the shapes, without the checks in
    SPARQL, which pySHACL is not asked for.
    """
    rows, here = options.rows, work / "line"
    run_once("tables", contender("line", "make", work / f"{rows}", here))
    triples, graph, validated = here / "morph.nt", here / "graph.nq", here / "validated"
    ours = {
        "clirld: map": contender("maps", "map_clirld", here / "tables", graph),
        "clirld: validate (shapes, checks, report)": contender("stages", "validation", graph, validated),
    }
    steps = race(ours, 1)
    run_once("harvest", contender("stages", "make_harvest", here / "tables", graph, here / "data", validated))
    name = "clirld: release (store, dumps, tables, index, catalogue)"
    steps[name] = run_once(name, contender("stages", "make_release", here / "data"))
    alone = {
        "clirld: map": steps["clirld: map"],
        "shapes": run_once("shapes", contender("shapes", "by_shacl", graph)),
        "load": run_once("load", contender("load", "load_bare", graph, here / "bare")),
    }
    whole = _together(steps.values())
    yield result("line", "clirld: from tables to a release", rows, "rows/s", rows, whole, whole)
    for step, measured in steps.items():
        yield result("line", step, rows, "rows/s", rows, measured, whole)
    name = "clirld: map, shapes and bare load alone"
    yield result("line", name, rows, "rows/s", rows, _together(alone.values()), whole)
    if not ORACLE.exists():
        print("no .venv-oracle: morph-kgc is left out; “make test” makes it", file=sys.stderr)
        return
    mapping = [str(ORACLE), str(PROJECT / "bench" / "morph.py"), str(here / "rml"), str(triples)]
    by_hand = {
        "put together: morph-kgc": run_once("morph-kgc", [*mapping, str(os.cpu_count() or 1)]),
        "put together: pySHACL": run_once("pySHACL", contender("line", "shacl_by_hand", triples)),
        "put together: bulk load": run_once("bulk load", contender("line", "load_by_hand", triples, here / "store")),
    }
    found = run_once("report", contender("line", "reported", validated / "report.ttl")).figures
    _require_same("SHACL results", found, by_hand["put together: pySHACL"].figures)
    sizes = run_once("triples", contender("line", "same_triples", triples, graph)).figures["triples"]
    _require_same("triples", sizes[:2], [sizes[2]] * 2)
    name = "put together: morph-kgc, pySHACL, bulk load"
    yield result("line", name, rows, "rows/s", rows, _together(by_hand.values()), whole)
    for step, measured in by_hand.items():
        yield result("line", step, rows, "rows/s", rows, measured, whole)


def _require_same(what: str, ours: Any, theirs: Any) -> None:
    if ours != theirs or not ours:
        raise SystemExit(f"the {what} are not the same, or there are none: {ours} and {theirs}")


def _together(steps: Any) -> Measurement:
    """Steps one after another as one: seconds added, the greatest memory."""
    every: list[Measurement] = [*steps]
    seconds = sum(one.seconds for one in every)
    peak = max(one.peak for one in every)
    return Measurement(seconds, sum(one.processor for one in every), peak, {}, (round(seconds, 3),))


def bench_france(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """A register of the country in several sizes: from its file to a release, and again with some rows changed.

    `times` is against the same stage of the same run at the first size, so that more than the rows is growth.
    """
    first: dict[str, Measurement] = {}
    for rows in options.sizes:
        data, files = work / f"france-{rows}", [work / f"france-{rows}-{day}" for day in ("first", "next")]
        file, changed_file = (folder / "rna-waldec" / "default.csv" for folder in files)
        file.parent.mkdir(parents=True)
        run_once("csv", contender("rna", "rna_csv", data, file, rows))
        run_once("changed", contender("france", "change_rows", file, changed_file, options.changed))
        # The release of the territories is there already: what is measured is the register's.
        run_once("territories", contender("france", "release", data))
        for run, folder in zip(("first", f"{options.changed:,} changed"), files, strict=True):
            measured = run_once(f"{run}, {rows}", contender("france", "line", data, folder))
            for name, (seconds, processor, peak) in measured.figures["stages"].items():
                name = f"{run}: {name}"
                part = Measurement(seconds, processor, peak, {}, (round(seconds, 3),))
                yield result("france", name, rows, "rows/s", rows, part, first.setdefault(name, part))
            name = f"{run}: all"
            yield result("france", name, rows, "rows/s", rows, measured, first.setdefault(name, measured))


def growth(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of a table of how each stage grows with the rows: processor seconds for 100,000 rows, and peak memory."""
    found = [row for row in results if row["stage"] == "france"]
    sizes = sorted({row["rows"] for row in found})
    if len(sizes) < 2:
        return []
    cells = {(row["contender"], row["rows"]): row for row in found}
    lines = [
        "Processor seconds for 100,000 rows, and peak MiB, of a register of so many rows: what grows with the rows",
        "keeps the first figure, what is flat keeps the second.",
        "",
        "| france | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "| --- |" + " ---: |" * len(sizes),
    ]
    for name in dict.fromkeys(row["contender"] for row in found):
        told = [
            f"{cells[name, size]['processor'] / size * 100_000:.2f} · {cells[name, size]['peak_mib']:,}"
            if (name, size) in cells
            else ""
            for size in sizes
        ]
        lines.append(f"| {name} | {' | '.join(told)} |")
    return lines
