"""The benchmarks run, on a few rows, and write what they measured; how fast anything is, is no test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench import release_parts


def test_benchmarks_run_and_write_their_results(project: Path, tmp_path: Path) -> None:
    sizes = [
        "--rows",
        "100",
        "--many",
        "200",
        "--register",
        "200",
        "--validated",
        "10",
        "--names",
        "200",
        "--repeat",
        "1",
    ]
    command = [sys.executable, "-m", "bench", *sizes, "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [one["stage"] for one in report["results"]].index("release") >= 4
    assert {one["stage"] for one in report["results"]} == {"map", "release", "records", "validate", "rna", "link"}
    assert all(one["seconds"] > 0 and one["peak_mib"] > 0 for one in report["results"])
    table = (tmp_path / "out" / "RESULTS.md").read_text(encoding="utf-8")
    assert done.stdout.strip() == table.strip()
    assert table.count("\n| ") == 2 + len(report["results"])


def test_the_parts_of_a_release_that_are_measured_are_there() -> None:
    release = release_parts.make.make_release
    with release_parts.measured() as seconds:
        assert release_parts.make.make_release is release
        assert release_parts.store.load.__name__ == "load"
    assert not seconds
