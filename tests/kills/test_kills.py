"""A few of `make kills`, in every run of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_runs_that_are_killed_leave_nothing_wrong(project: Path) -> None:
    command = [sys.executable, "-m", "tests.kills", "--count", "12", "--seed", "12"]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "releases not whole: 0" in ran.stdout
    assert "after the next run: 0\n" in ran.stdout
    assert "12 runs, 0 killed" not in ran.stdout
