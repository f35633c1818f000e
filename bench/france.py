"""A register of the whole country, from its file to a release: invented rows in the layout of the RNA (`bench.rna`).

`line` takes the file through the whole line and makes a release, and says of each stage the seconds, the processor
seconds, and the peak of memory while it ran. `change_rows` writes the file that comes the next day.
"""

from __future__ import annotations

import csv
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.contender import SETTINGS, Figures, main
from bench.rna import SOURCE
from clirld.fetch.stage import Origin
from clirld.harvest import line as harvest_line
from clirld.project import Project
from clirld.release import make

Cost = tuple[float, float, float]
"""Seconds, processor seconds, MiB."""


def change_rows(file: Path, out: Path, changed: int) -> Figures:
    """Write the file with another title in so many of its rows, evenly over it."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = sum(1 for _ in csv.reader(lines, delimiter=";")) - 1
    step, count = max(1, rows // changed), 0
    out.parent.mkdir(parents=True, exist_ok=True)
    with file.open(encoding="utf-8", newline="") as lines, out.open("w", encoding="utf-8", newline="") as written:
        reader, writer = csv.reader(lines, delimiter=";"), csv.writer(written, delimiter=";", lineterminator="\n")
        header = next(reader)
        writer.writerow(header)
        title = header.index("titre")
        for n, row in enumerate(reader):
            if n % step == 0 and count < changed:
                row[title] += " RENOMMÉE"
                count += 1
            writer.writerow(row)
    return {"changed": count}


def line(data: Path, mirror: Path) -> Figures:
    """The file in the mirror's folder from fetch to a release; figures by stage."""
    project = Project.load(replace(SETTINGS, data=data))
    costs: dict[str, Cost] = {}

    def call(stage: str, work: Callable[[], Any]) -> Any:
        made, costs[stage] = measured(work)
        return made

    source = project.sources[SOURCE]
    harvest, whole = measured(lambda: harvest_line.harvest(project, source, Origin(mirror=mirror), call=call))
    # What stands between the stages: erasures, acceptance, the switch.
    between = [whole[n] - sum(cost[n] for cost in costs.values()) for n in (0, 1)]
    costs["harvest, between"] = (max(between[0], 0.001), between[1], whole[2])
    (released, is_new), costs["release"] = measured(lambda: make.make_release(project))
    assert is_new, "the release is the one before: nothing changed"
    seconds = sum(cost[0] for cost in costs.values())
    quads = released.manifest["graphs"][SOURCE]
    made = sum(harvest.account.rows_made.values())
    return {"seconds": seconds, "stages": costs, "made": made, "quads": quads}


def release(data: Path) -> Figures:
    """A release of what is harvested, not measured by its parts."""
    start = time.perf_counter()
    made, _ = make.make_release(Project.load(replace(SETTINGS, data=data)))
    return {"seconds": time.perf_counter() - start, "quads": made.manifest["quads"]}


def measured(work: Callable[[], Any]) -> tuple[Any, Cost]:
    """What some work gives, and what it costs: seconds with those of children, memory without."""
    with suppress(OSError):  # of Linux: the peak is counted from now on
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    start, processor = time.perf_counter(), _processor()
    made = work()
    return made, (time.perf_counter() - start, _processor() - processor, _peak())


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak() -> float:
    """Greatest memory (MiB) of this process since it was last reset.

    Not of its children: one that is started has as its greatest what its parent had then (Linux counts the memory
    before exec), so that the parent would be counted twice. They ask the registered queries and are small.
    """
    with suppress(OSError):
        for row in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if row.startswith("VmHWM:"):
                return int(row.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(change_rows, line, release)
