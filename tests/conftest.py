"""Fixtures shared by all tests. Prefer the smallest data that shows the point, made inline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from clirld.cli.demo import demo
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.settings import Settings
from tests.followed import KEY, Followed, followed
from tests.once import linked_copy, once

# A busy machine is no fault of a strategy: no test depends on how long anything takes. The same examples each time,
# so that a change is judged by what it changes; `make test-random` looks for new ones.
hypothesis.settings.register_profile(
    "clirld", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "random",
    hypothesis.settings.get_profile("clirld"),
    derandomize=False,
    max_examples=1000,
    print_blob=True,
)
hypothesis.settings.load_profile("clirld")

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


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """The small source that changes from day to day, not harvested yet; commands find its project too."""
    found = followed(tmp_path, monkeypatch)
    variables = {"SOURCES": found.settings.sources, "DATA": found.settings.data, "LANGUAGE": "en", "ERASURE_KEY": KEY}
    for name, value in variables.items():
        monkeypatch.setenv(f"CLIRLD_{name}", str(value))
    return found


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a demo, with the samples of all sources and a release of them: nobody changes it."""
    folder = once(tmp_path_factory, "samples", lambda made: demo(serving=False, data=made / "data", as_json=True))
    return folder / "data"


@pytest.fixture(scope="session")
def real_territories(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the harvest of the real territories alone: tests work on a copy (`linked_copy`)."""

    def make(data: Path) -> None:
        project = Project.load(replace(Settings.from_environment({}), data=data))
        line.harvest(project, project.sources["territories"], Origin(mirror=shared / "registries"))

    return once(tmp_path_factory, "real-territories", make)


@pytest.fixture(scope="session")
def real_statistics(shared: Path, real_territories: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The canonical tables of the harvest of the real statistics: nobody changes them."""

    def make(folder: Path) -> None:
        data = linked_copy(real_territories, folder / "data")
        project = Project.load(replace(Settings.from_environment({}), data=data))
        harvest = line.harvest(project, project.sources["statistics"], Origin(mirror=shared / "registries"))
        linked_copy(harvest.records, folder / "tables")

    return once(tmp_path_factory, "real-statistics", make) / "tables"


COUNTED = {
    "sources, each checked": r"sources/test_sources\.py::",
    "shapes and checks, both ways": r"shapes/",
    "competency questions": r"ontology/test_competency\.py::",
    "connectors against local servers": r"connect/",
    "faults of the network": r"fetch/test_(download|resume|client|rate_limits)\.py::",
    "faults of APIs": r"connect/test_paged\.py::test_(what_is_not|a_cursor|a_link|pages_w|empty|an_ident)",
    "faults of content, through the whole line": r"(harvest/test_faults|guards/test_checks)\.py::",
    "records over time, erasures, locks, kills": r"(presence/|records/test_erasure\.py|harvest/test_lock\.py)",
    "files of real registries": r"sources/test_(real|two_formats|territories)\.py::",
}
"""What is counted at the end of a run: name → tests, by a pattern of their ids."""

SLOWEST_FIRST = (
    *("sources/test_real", "pipelines/test_flows", "harvest/test_damage", "test_docs", "test_bench"),
    *("kills/test_kills", "web/test_fairness", "web/test_limits", "cli/test_app", "harvest/test_lock"),
    *("release/changes/test_write", "web/documents/test_every_iri", "map/test_rml_oracle"),
)
"""Files that take longest, begun first so that no process is left alone with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files: the slowest first, the others as they are listed."""

    def rank(item: pytest.Item) -> int:
        named = (n for n, name in enumerate(SLOWEST_FIRST) if item.nodeid.startswith(f"tests/{name}.py"))
        return next(named, len(SLOWEST_FIRST))

    items.sort(key=rank)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Something measured that the end of the run prints, whichever process measured it."""
    return lambda line: record_property("figure", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many tests of each kind passed and were skipped, what was measured, and how long each part took."""
    reports = {
        outcome: [one for one in terminalreporter.stats.get(outcome, []) if hasattr(one, "duration")]
        for outcome in ("passed", "failed", "skipped", "")  # the last: what was set up and taken down
    }
    for name, pattern in COUNTED.items():
        counts = {
            outcome: sum(bool(re.search(pattern, report.nodeid)) for report in reports[outcome])
            for outcome in ("passed", "failed", "skipped")
        }
        if any(counts.values()):
            terminalreporter.write_line(f"{name}: " + ", ".join(f"{n} {outcome}" for outcome, n in counts.items() if n))
    for report in (*reports["passed"], *reports["failed"]):
        for name, text in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(str(text))
    seconds: Counter[str] = Counter()
    for report in (one for some in reports.values() for one in some):
        seconds[report.nodeid.split("::")[0].removeprefix("tests/").split("/")[0]] += report.duration
    parts = ", ".join(f"{part} {spent:.0f}" for part, spent in seconds.most_common() if spent >= 1)
    terminalreporter.write_line(f"seconds by part: {parts}")
