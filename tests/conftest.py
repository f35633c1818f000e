"""Fixtures shared by all tests. Prefer the smallest data that shows the point, made inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real registries beside the project; tests that need it are skipped elsewhere."""
    folder = PROJECT.parent / "shared"
    if not (folder / "registries").is_dir():
        pytest.skip("no ../shared beside the project: real registries are not here")
    return folder


COUNTED = {
    "sources, each checked": r"test_sources\.py::",
    "shapes and checks, both ways": r"test_(shapes|mutations)\.py::",
    "competency questions": r"test_competency\.py::",
    "connectors against local servers": r"tests/connect/",
    "faults of the network": r"test_(fetch|partial|client|polite)\.py::",
    "faults of APIs": r"tests/connect/test_paged\.py::test_(what_is_not|a_cursor|a_link|pages_w|empty|an_ident)",
    "faults of content, through the whole line": r"test_(faults|guards)\.py::",
    "records over time, erasures, locks, kills": r"test_(presence|erasure|lock)\.py::",
    "files of real registries": r"test_(real|two_formats|territories_source)\.py::",
}
"""What is counted at the end of a run: name → tests, by a pattern of their ids."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many tests of each kind passed and were skipped."""
    for name, pattern in COUNTED.items():
        counts = {
            outcome: sum(bool(re.search(pattern, report.nodeid)) for report in terminalreporter.stats.get(outcome, []))
            for outcome in ("passed", "failed", "skipped")
        }
        if any(counts.values()):
            terminalreporter.write_line(f"{name}: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items() if n))
