"""What each part of a release costs, against a bare bulk load of the same graphs.

    python -m bench.release_parts --data DIR

Processor seconds of a release of the harvests in a data folder: from nothing, and once more from the one before with
nothing changed. It works on links to the folder, beside it; parts that run beside each other are run one by one. Then
once more from nothing as it is, with seconds by the clock.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from pyoxigraph import RdfFormat, Store

from bench.measure import machine
from clirld import checksums
from clirld.harvest.outcome import last_good
from clirld.project import Project
from clirld.release import files, make, source_reports
from clirld.release.formats import descriptions, geopackage, jsonld_dump, ro_crate
from clirld.release.incremental import pieces, store
from clirld.settings import Settings

PARTS: dict[str, list[tuple[Any, str]]] = {
    "store: loaded, or copied and changed": [(store, "make"), (store, "put")],
    "dumps as N-Quads, counts, words": [(pieces.Pieces, "make")],
    "dumps as JSON-LD": [(jsonld_dump, "write_part"), (jsonld_dump, "join")],
    "tables as CSV and GeoParquet": [(files, "write_table")],
    "GeoPackage": [(geopackage, "write")],
    "CSVW and Data Package": [(descriptions, "write")],
    "networks and panels": [(make.extracts, "write")],
    "map": [(make.maps, "make")],
    "index of words": [(pieces.Pieces, "make_index")],
    "levels of completeness": [(make, "write_levels")],
    "candidates": [
        (make.output, "write_candidates"),
        (make._ReleaseBuilder, "_identity"),
        (make.output, "write_judged"),
    ],
    "changes and feed": [(make.changes, "write")],
    "reports": [(source_reports, "write_reports")],
    "RO-Crate": [(ro_crate, "write")],
    "checksums": [(checksums, "write")],
    "grade": [(make.grade, "write")],
    "measures": [(make, "write_measures")],
}


class _OneByOne:
    """An executor that does what it is given at once."""

    def __init__(self, _workers: int) -> None: ...

    def __enter__(self) -> _OneByOne:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Do it; gives what has a result."""
        return mock.Mock(result=mock.Mock(return_value=work(*arguments)))


@contextmanager
def measured() -> Iterator[Counter[str]]:
    """Processor seconds of each part, without those of the parts in it."""
    seconds: Counter[str] = Counter()
    inside: list[float] = []

    def timed(part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            inside.append(0.0)
            try:
                return work(*arguments, **named)
            finally:
                took = time.process_time() - start
                seconds[part] += took - inside.pop()
                if inside:
                    inside[-1] += took

        return run

    with mock.patch.object(make, "ThreadPoolExecutor", _OneByOne):
        patches = [
            mock.patch.object(owner, name, timed(part, getattr(owner, name)))
            for part, places in PARTS.items()
            for owner, name in places
        ]
        for one in patches:
            one.start()
        try:
            yield seconds
        finally:
            for one in patches:
                one.stop()


def release(project: Project) -> Counter[str]:
    """The seconds of each part of a release, and of what is in none of them."""
    with measured() as seconds:
        start = time.process_time()
        make.make_release(project, force=True)
        seconds["the rest"] = time.process_time() - start - seconds.total()
    return seconds


def bare_load(project: Project, folder: Path) -> tuple[float, float]:
    """Processor seconds of a bulk load of the same graphs, and by the clock."""
    harvests = [harvest for name in project.sources if (harvest := last_good(project, name))]
    start, clock = time.process_time(), time.perf_counter()
    bare = Store(str(folder))
    for harvest in harvests:
        bare.bulk_load(path=str(harvest.validated / "graph.nq"), format=RdfFormat.N_QUADS)
    bare.flush()
    return time.process_time() - start, time.perf_counter() - clock


def main(say: Callable[[str], None] = print) -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data folder with harvests")
    data: Path = parser.parse_args().data.resolve()
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=f".{data.name}-bench-") as folder:
        copy = Path(folder) / "data"
        ignored = shutil.ignore_patterns("releases", "current", "snapshots", ".*")
        shutil.copytree(data, copy, symlinks=True, ignore=ignored, copy_function=os.link)
        project = Project.load(replace(Settings.from_environment({}), data=copy))
        bare, bare_clock = bare_load(project, Path(folder) / "bare")
        runs = [release(project), release(project)]
        shutil.rmtree(copy / "releases")
        (copy / "current").unlink()
        start = time.perf_counter()
        make.make_release(project)
        whole = time.perf_counter() - start
    say(str(machine()))
    say(f"bare bulk load: {bare:.2f} s\n")
    say("| part | from nothing | × bare load | from the one before |\n| --- | ---: | ---: | ---: |")
    for part in (*PARTS, "the rest"):
        say(f"| {part} | {runs[0][part]:.2f} | {runs[0][part] / bare:.2f} | {runs[1][part]:.2f} |")
    say(f"| all | {runs[0].total():.2f} | {runs[0].total() / bare:.2f} | {runs[1].total():.2f} |")
    say(f"\nby the clock, with parts beside each other: {whole:.2f} s, {whole / bare_clock:.2f} times a bare load")


if __name__ == "__main__":
    main()
