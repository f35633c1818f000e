"""The benchmarks run, on a few rows, and write what they measured; how fast anything is, is no test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench import earl, france, release_parts, whole


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
        "--sizes",
        "60",
        "--changed",
        "5",
        "--data",
        str(tmp_path / "nothing"),
    ]
    command = [sys.executable, "-m", "bench", *sizes, "--out", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [one["stage"] for one in report["results"]].index("release") >= 4
    stages = {"map", "release", "records", "validate", "rna", "link", "line", "france"}
    assert {one["stage"] for one in report["results"]} == stages
    register = [one["contender"] for one in report["results"] if one["stage"] == "france"]
    assert [one for one in register if one.startswith("5 changed")] == [
        f"5 changed: {name}"
        for name in (
            *("fetch", "records", "presence", "map", "validate", "guards"),
            *("harvest, between", "release", "all"),
        )
    ]
    assert all(one["seconds"] > 0 and one["peak_mib"] > 0 for one in report["results"])
    assert "not measured" in report["territories"][0]  # and it is said
    table = (tmp_path / "out" / "RESULTS.md").read_text(encoding="utf-8")
    assert done.stdout.strip() == table.strip()
    assert table.count("\n| ") == 2 + len(report["results"])


def test_the_parts_of_a_release_that_are_measured_are_there() -> None:
    release = release_parts.make.make_release
    with release_parts.measured() as seconds:
        assert release_parts.make.make_release is release
        assert release_parts.store.load.__name__ == "load"
    assert not seconds


def test_the_line_is_compared_only_where_both_give_the_same() -> None:
    with pytest.raises(SystemExit, match="the triples are not the same, or there are none: 3 and 4"):
        whole._require_same("triples", 3, 4)
    with pytest.raises(SystemExit, match="none"):
        whole._require_same("SHACL results", {}, {})


def test_what_grows_is_told_for_as_many_rows() -> None:
    def row(name: str, rows: int, processor: float, peak: int) -> dict[str, object]:
        return {"stage": "france", "contender": name, "rows": rows, "processor": processor, "peak_mib": peak}

    rows = [row("first: map", 50_000, 0.5, 300), row("first: map", 200_000, 4.0, 310), row("first: all", 50_000, 9, 1)]
    told = whole.growth([*rows, {"stage": "map", "contender": "clirld", "rows": 1}])
    assert told[3:] == [
        "| france | 50,000 | 200,000 |",
        "| --- | ---: | ---: |",
        "| first: map | 1.00 · 300 | 2.00 · 310 |",
        "| first: all | 18.00 · 1 |  |",
    ]
    assert whole.growth(rows[:1]) == []


def test_so_many_rows_change_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "first.csv"
    lines = ["id;titre", *(f'{n};"TITRE; {n}"' for n in range(10))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert france.change_rows(file, tmp_path / "next" / "next.csv", 3) == {"changed": 3}
    changed = (tmp_path / "next" / "next.csv").read_text(encoding="utf-8").splitlines()
    assert [n for n, (one, other) in enumerate(zip(lines, changed, strict=True)) if one != other] == [1, 4, 7]


def test_what_came_out_of_the_suites_is_told_in_earl() -> None:
    outcomes = [earl.Outcome("SHACL Core", "http://a.test/t1", "http://a.test/s", "passed"),
                earl.Outcome("SHACL Core", "http://a.test/t2", "http://a.test/s", "failed")]  # fmt: skip
    told = [(one.subject.value, one.predicate.value.rpartition("#")[2], one.object) for one in earl.triples(outcomes)]
    by_assertion = {subject: value for subject, name, value in told if name == "result"}
    outcome = {subject: value.value for subject, name, value in told if name == "outcome"}
    test = {subject: value.value for subject, name, value in told if name == "test"}
    assert {test[one]: outcome[result.value] for one, result in by_assertion.items()} == {
        "http://a.test/t1": f"{earl.EARL}passed",
        "http://a.test/t2": f"{earl.EARL}failed",
    }
