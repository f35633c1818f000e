"""The benchmarks: ratios from one run on one machine, to `bench/results.json` and `bench/RESULTS.md`.

    python -m bench                    about an hour, most of it for `france`
    python -m bench --rows 200 …       any size; see --help

Every contender runs in a process of its own, in turn with the others; figures are medians. Rows are synthetic.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Measurement, contender, machine, race
from bench.result import ORACLE, PROJECT, Result, result, run_once
from bench.whole import bench_france, bench_line, growth

STAGES = ("map", "release", "records", "validate", "rna", "link", "line", "france", "territories")
REGISTRIES = PROJECT.parent / "shared" / "registries"


def bench_map(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """map: the same rows to the same quads by five ways; then many rows, for the memory."""
    rows, many = work / f"{options.rows}", work / f"{options.many}"
    commands = {
        "clirld": contender("maps", "map_clirld", rows / "one", rows / "clirld.nq"),
        "generated f-string loop": contender("maps", "map_fstrings", rows / "one", rows / "fstrings.nq"),
        "rdflib": contender("maps", "map_rdflib", rows / "one", rows / "rdflib.nq"),
    }
    if ORACLE.exists():
        for count in sorted({1, os.cpu_count() or 1}):
            name = f"morph-kgc, {count} process{'es'[: 2 * (count > 1)]}"
            output = str(rows / f"morph{count}.nq")
            commands[name] = [str(ORACLE), str(PROJECT / "bench" / "morph.py"), str(rows / "rml"), output, str(count)]
    else:
        print("no .venv-oracle: morph-kgc is left out; “make test” makes it", file=sys.stderr)
    measurements = race(commands, options.repeat)
    digests = run_once("digest", contender("maps", "digest", *sorted(rows.glob("*.nq")))).figures
    if len(set(digests.values())) != 1:
        raise SystemExit(f"the contenders do not give the same quads: {digests}")
    for name, measured in measurements.items():
        yield result("map", name, options.rows, "rows/s", options.rows, measured, measurements["clirld"])
    command = contender("maps", "map_clirld", many / "one", many / "clirld.nq")
    large = race({"clirld": command}, options.repeat)["clirld"]
    yield result("map", "clirld", options.many, "rows/s", options.many, large, measurements["clirld"])


def bench_release(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """release: one harvested source, against nothing but a bulk load of the same file."""
    rows, data = work / f"{options.rows}", work / "release"
    graph = rows / "whole" / "graph.nq"
    graph.parent.mkdir()
    run_once("map", contender("maps", "map_clirld", rows / "tables", graph))
    run_once("harvest", contender("stages", "make_harvest", rows / "tables", graph, data))
    measurements = race(
        {
            "bare bulk_load": contender("load", "load_bare", graph, work / "bare"),
            "clirld": contender("stages", "make_release", data),
        },
        options.repeat,
    )
    quads = measurements["bare bulk_load"].figures["quads"]
    for name, measured in measurements.items():
        yield result("release", name, options.rows, "quads/s", quads, measured, measurements["bare bulk_load"])


def bench_records(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """records: a CSV file in the layout of the tiers-lieux card."""
    data, first = work / "records", None
    for rows, repeat in ((options.rows, options.repeat), (options.many, 1)):
        file = work / f"{rows}.csv"
        run_once("csv", contender("stages", "make_csv", data, file, rows))
        measured = race({"clirld": contender("stages", "records", data, file, work / "made")}, repeat)["clirld"]
        first = first or measured
        yield result("records", "clirld", rows, "rows/s", rows, measured, first)


def bench_validate(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """validate: the shapes alone by both engines, to the same results, and the whole stage; then a large register."""
    rows = work / "validate"
    run_once("tables", contender("maps", "make_tables", rows, options.validated))
    run_once("map", contender("maps", "map_clirld", rows / "tables", rows / "right.nq"))
    run_once("spoil", contender("shapes", "spoil", rows / "right.nq", rows / "graph.nq"))
    commands = {
        "shapes by shacl": contender("shapes", "by_shacl", rows / "graph.nq"),
        "shapes by pySHACL": contender("shapes", "by_pyshacl", rows / "graph.nq"),
        "clirld: shapes, checks, report": contender("stages", "validation", rows / "graph.nq", rows / "validated"),
    }
    measurements = race(commands, options.repeat)
    results = [measured.figures["results"] for name, measured in measurements.items() if name.startswith("shapes")]
    if results[0] != results[1] or not results[0][0]:
        raise SystemExit(f"the engines do not give the same results, or none: {results}")
    for name, measured in measurements.items():
        first = measurements["shapes by shacl"]
        yield result("validate", name, options.validated, "initiatives/s", options.validated, measured, first)
    register = None
    for count in (options.rows, options.many):
        file, made = work / f"validate-{count}.csv", work / "validate-made"
        run_once("csv", contender("rna", "rna_csv", work / "validate-data", file, count))
        run_once("records", contender("rna", "rna_line", work / "validate-data", file, made))
        measured = run_once("validate", contender("stages", "validation", made / "graph.nq", made / "validated"))
        register = register or measured
        yield result("validate", "clirld: rows of the RNA's layout", count, "rows/s", count, measured, register)


def bench_rna(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """fetch, records and map of a register in the layout of the RNA; against what one would write by hand."""
    data, first = work / "rna", None
    for rows in (options.rows, options.register):
        file = work / f"rna-{rows}.csv"
        run_once("csv", contender("rna", "rna_csv", data, file, rows))
        measured = run_once("clirld", contender("rna", "rna_line", data, file, work / "rna-made"))
        first = first or measured
        yield result("rna", "clirld: fetch, records, map", rows, "rows/s", rows, measured, first)
        for name, seconds in measured.figures["stages"].items():
            part = Measurement(seconds, measured.processor, measured.peak, {}, (round(seconds, 3),))
            yield result("rna", f"clirld: {name} of these", rows, "rows/s", rows, part, first)
    file = work / f"rna-{options.rows}.csv"
    by_hand = run_once("by hand", contender("rna", "rna_by_hand", data, file, work / "rna-made"))
    yield result("rna", "csv.DictReader and rdflib, uncleaned", options.rows, "rows/s", options.rows, by_hand, first)


def bench_link(work: Path, options: argparse.Namespace) -> Iterator[Result]:
    """link: which of so many names are one thing."""
    first = None
    for names in options.names:
        file = work / f"names-{names}.parquet"
        run_once("names", contender("identity", "make_names", file, names))
        measured = run_once("clirld", contender("identity", "match_names", file))
        first = first or measured
        yield result("link", "clirld: names of two sources", names, "names/s", names, measured, first)


def matching_quality() -> list[str]:
    """How well records of two registers are told to be one without the key they share, in sentences."""
    if not REGISTRIES.is_dir():
        return ["not measured: there are no real registries in ../shared"]
    figures = run_once("matching", contender("identity", "match_registers", REGISTRIES)).figures["scores"]
    return [
        f"{name}: {true:,} pairs are one thing, {sure:,} are sure, {right:,} of these right: precision"
        f" {right / max(sure, 1):.3f}, recall {right / max(true, 1):.3f}"
        if true
        else f"{name}: only pairs of two things, {sure:,} of them sure"
        for name, (true, sure, right) in figures.items()
    ]


def territories(data: Path) -> list[str]:
    """What is known of territories through time, of situations and neighbours, in sentences: of real files."""
    said = run_once("harvest", contender("territory", "harvested", data)).figures
    if not said["statistics"]:
        return [
            f"not measured: {data} has no harvest of the real statistics and territories (clirld run, with --mirror)"
        ]
    lines: list[str] = []
    for module, *words in (
        ("territory", "--data", str(data)),
        ("likeness", said["statistics"]),
        ("centres", said["statistics"]),
        ("alike_communes", said["statistics"]),
    ):
        command = [sys.executable, "-m", f"bench.{module}", *words]
        done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
        lines += [f"{module}: {line.strip()}" for line in done.stdout.splitlines()]
    return lines


def shacl_conformance() -> dict[str, Any]:
    """Of each SHACL engine, how many tests of W3C there are and which it does not pass; nothing without the suite."""
    core = PROJECT.parent / "shared" / "suites" / "shacl" / "data-shapes-test-suite" / "tests" / "core"
    return dict(run_once("W3C", contender("w3c", "suite", core)).figures) if core.is_dir() else {}


def as_markdown(report: dict[str, Any]) -> str:
    """The report for people."""
    lines = [
        "# Benchmarks",
        "",
        f"`{report['command']}` on {report['date']}.",
        "",
        f"Medians of {report['repeat']} runs (one for records of many rows), each in a process of its own; peak memory",
        "is the greatest. Rows are synthetic (`bench/synthetic.py`). Trust the ratios, which are of one run: “times”",
        "is how long it took against the first line of its stage, which may have fewer rows. “processor” are the",
        "user and system seconds of the whole process, imports included.",
        "",
        "| stage | contender | rows | seconds | processor | rate | times | peak MiB |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row['stage']} | {row['contender']} | {row['rows']:,} | {row['seconds']:.2f} | {row['processor']:.2f}"
        f" | {row['rate']:,} {row['unit']} | {row['times']:.2f} | {row['peak_mib']:,} |"
        for row in report["results"]
    ]
    if told := growth(report["results"]):
        lines += ["", *told]
    if report["matching"]:
        lines += ["", "Matching of registers whose key is hidden (`bench/hidden_keys.py`):", ""]
        lines += [f"- {line}" for line in report["matching"]]
    if report["territories"]:
        lines += ["", "Territories, by what is harvested of the real registries:", ""]
        lines += [f"- {line}" for line in report["territories"]]
    for name, (count, failing) in report["shacl"].items():
        passed = f"{count - len(failing)} of {count} tests passed; not: {', '.join(failing) or 'none'}"
        lines += ["", f"SHACL Core of W3C, {name}: {passed}."]
    lines += ["", "Machine:", "", *(f"- {name}: {value}" for name, value in report["machine"].items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the benchmarks and write what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks of clirld, written to --out.")
    parser.add_argument("--rows", type=int, default=50_000, help="rows that the contenders share (%(default)s)")
    parser.add_argument("--register", type=int, default=2_000_000, help="rows of the register (%(default)s)")
    parser.add_argument("--many", type=int, default=500_000, help="rows that show whether memory grows (%(default)s)")
    parser.add_argument("--validated", type=int, default=2_000, help="initiatives to validate (%(default)s)")
    parser.add_argument(
        "--names", type=int, nargs="+", default=[300_000, 2_000_000], help="names to match, in turn (%(default)s)"
    )
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[50_000, 200_000, 500_000, 2_000_000],
        help="rows of the register of the country, in turn: 10000000 too where there is time (%(default)s)",
    )
    parser.add_argument("--changed", type=int, default=1_000, help="rows of it that change (%(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each contender (%(default)s)")
    parser.add_argument("--only", choices=STAGES, action="append", help="one stage; may be given several times")
    parser.add_argument("--out", type=Path, default=PROJECT / "bench", help="folder of the results (%(default)s)")
    parser.add_argument(
        "--data", type=Path, default=PROJECT / "data", help="a harvest of real registries (%(default)s)"
    )
    options = parser.parse_args()
    report: dict[str, Any] = {
        "command": shlex.join(["python", "-m", "bench", *sys.argv[1:]]),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "repeat": options.repeat,
        "results": [],
    }
    benches = {"map": bench_map, "release": bench_release, "records": bench_records, "validate": bench_validate}
    benches |= {"rna": bench_rna, "link": bench_link, "line": bench_line, "france": bench_france}
    os.chdir(PROJECT)
    with tempfile.TemporaryDirectory(prefix="clirld-bench-") as name:
        work = Path(name)
        wanted = options.only or STAGES
        for rows in {options.rows, options.many} if {"map", "release", "line"} & {*wanted} else ():
            run_once(f"tables of {rows} rows", contender("maps", "make_tables", work / f"{rows}", rows))
        for stage in wanted:
            report["results"] += benches[stage](work, options) if stage in benches else ()
    report["matching"] = matching_quality() if "link" in wanted else []
    report["territories"] = territories(options.data) if "territories" in wanted else []
    report["shacl"] = shacl_conformance() if "validate" in wanted else {}
    report["machine"] = machine()
    options.out.mkdir(parents=True, exist_ok=True)
    text = as_markdown(report)
    (options.out / "results.json").write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (options.out / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
