"""What a release changes: two dumps compared, against what one would take instead.

    python -m bench.changes                  five million quads a side, one in a thousand of which differs
    python -m bench.changes --quads 50000

clirld reads the packed dumps and writes patch and tables; `comm` compares the same lines unpacked, and has no patch;
rdflib's difference of two graphs holds both in memory, so it gets a hundredth of the quads.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.contender import Figures, main
from bench.measure import contender, machine, race

GRAPH = "https://w3id.org/clirld/graph/source"
PREDICATES = 8


def lines(quads: int, changed: bool) -> Iterator[bytes]:
    """Sorted lines of N-Quads; one subject in 125 has another value where they are `changed`."""
    for n in range(quads // PREDICATES):
        for p in range(PREDICATES):
            value = -n if changed and p == 0 and n % 125 == 0 else n
            yield (
                f"<https://w3id.org/clirld/id/initiative/source-{n:09}> <https://w3id.org/clirld/ontology#p{p}> "
                f'"value {value}" <{GRAPH}> .\n'.encode()
            )


def make_dumps(folder: Path, quads: int) -> Figures:
    """Write both dumps, packed and plain."""
    from clirld.release import gzip_files

    for name in ("before", "after"):
        gzip_files.write_lines(lines(quads, name == "after"), folder / f"{name}.nq.gz")
        with (folder / f"{name}.nq").open("wb") as out:
            out.writelines(lines(quads, name == "after"))
    return {"bytes": (folder / "before.nq").stat().st_size}


def clirld(folder: Path) -> Figures:
    """Patch, table and counts, from the packed dumps."""
    from clirld.release import gzip_files
    from clirld.release.changes.difference import differences
    from clirld.release.changes.patch import Counts, group_changes

    start, counts = time.perf_counter(), Counts()
    with group_changes(folder, "open", ("before", "after"), counts) as changes:
        for one in differences(gzip_files.lines(folder / "before.nq.gz"), gzip_files.lines(folder / "after.nq.gz")):
            changes.add("source", one)
    return {"seconds": time.perf_counter() - start, "quads": sum(counts.quads.values())}


def comm(folder: Path) -> Figures:
    """The lines that are in one only, by coreutils."""
    start = time.perf_counter()
    with (folder / "comm").open("wb") as out:
        command = ["comm", "-3", "before.nq", "after.nq"]
        subprocess.run(command, cwd=folder, stdout=out, env={"LC_ALL": "C"}, check=True)
    return {"seconds": time.perf_counter() - start, "quads": (folder / "comm").read_bytes().count(b"\n")}


def rdflib_difference(folder: Path) -> Figures:
    """Both graphs read and subtracted both ways."""
    import rdflib

    start = time.perf_counter()
    graphs = []
    for name in ("before", "after"):
        dataset = rdflib.Dataset()
        dataset.parse(folder / f"{name}.nq", format="nquads")
        graphs.append(dataset.graph(rdflib.URIRef(GRAPH)))
    found = len(graphs[0] - graphs[1]) + len(graphs[1] - graphs[0])
    return {"seconds": time.perf_counter() - start, "quads": found}


def run() -> None:
    """Run all, and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quads", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        for quads, names in (
            (options.quads, ("clirld", "comm")),
            (options.quads // 100, ("clirld", "rdflib_difference")),
        ):
            folder = Path(scratch) / str(quads)
            folder.mkdir()
            race({"dumps": contender("changes", "make_dumps", folder, quads)}, 1)
            measured = race({name: contender("changes", name, folder) for name in names}, options.repeat)
            if len({one.figures["quads"] for one in measured.values()}) != 1:
                raise SystemExit(f"the contenders do not find the same: {measured}")
            for name, one in measured.items():
                rate = quads / one.seconds
                print(
                    f"{quads:>9,} quads a side  {name:18} {one.seconds:7.2f} s  {rate:>11,.0f}/s  {one.peak:6.0f} MiB"
                )


if __name__ == "__main__":
    import sys

    if len(sys.argv) > 1 and sys.argv[1] in ("make_dumps", "clirld", "comm", "rdflib_difference"):
        main(make_dumps, clirld, comm, rdflib_difference)
    else:
        run()
