"""Measuring: each contender in a process of its own, its seconds as it gives them, its peak memory as the kernel does.

This module and `__main__` import nothing large: a child's peak counts what its parent had when it was started.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Measurement:
    """Median seconds and greatest peak memory (MiB) of the runs of one contender, and what figures it gave besides.

    `processor` are user and system seconds of the whole process and its children, imports included: what other work on
    the machine changes least.
    """

    seconds: float
    processor: float
    peak: float
    figures: Mapping[str, Any]
    runs: tuple[float, ...]


def contender(module: str, name: str, *arguments: object) -> list[str]:
    """Command of a contender: a function of a module of `bench`."""
    return [sys.executable, "-m", f"bench.{module}", name, *map(str, arguments)]


def race(commands: Mapping[str, Sequence[str]], repeat: int) -> dict[str, Measurement]:
    """Run the commands in turn, `repeat` times over, so that what else the machine does falls on all of them."""
    runs: dict[str, list[tuple[float, float, float, dict[str, Any]]]] = {name: [] for name in commands}
    for turn in range(repeat):
        for name, command in commands.items():
            print(f"  {name} ({turn + 1}/{repeat})", file=sys.stderr, flush=True)
            runs[name].append(_run(command))
    return {
        name: Measurement(
            statistics.median(seconds for seconds, _, _, _ in results),
            statistics.median(processor for _, processor, _, _ in results),
            max(peak for _, _, peak, _ in results),
            results[-1][3],
            tuple(round(seconds, 3) for seconds, _, _, _ in results),
        )
        for name, results in runs.items()
    }


def _run(command: Sequence[str]) -> tuple[float, float, float, dict[str, Any]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    figures = json.loads(output.splitlines()[-1])
    return float(figures.pop("seconds")), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, figures


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    models = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in models if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3, 1),
        "load_average": round(os.getloadavg()[2], 1),  # of the last 15 minutes, so of others' work too
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in ("clirld", "polars", "pyoxigraph", "rdflib", "pyshacl", "shacl")},
    }
