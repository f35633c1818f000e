"""A line of the table of results, and what the benchmarks of all stages need to make one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.measure import Measurement, race

PROJECT = Path(__file__).resolve().parent.parent
ORACLE = PROJECT / ".venv-oracle" / "bin" / "python"

Result = dict[str, Any]


def result(
    stage: str, name: str, rows: int, unit: str, count: int, measurement: Measurement, baseline: Measurement
) -> Result:
    """One line of the table; `times` is how many times as long as `baseline` it took."""
    return {
        "stage": stage,
        "contender": name,
        "rows": rows,
        "seconds": round(measurement.seconds, 3),
        "runs": measurement.runs,
        "processor": round(measurement.processor, 2),
        "rate": round(count / measurement.seconds),
        "unit": unit,
        "times": round(measurement.seconds / baseline.seconds, 2),
        "peak_mib": round(measurement.peak),
    }


def run_once(name: str, command: list[str]) -> Measurement:
    """Run something once."""
    return race({name: command}, 1)[name]
