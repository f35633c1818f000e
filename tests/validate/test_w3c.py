"""The W3C test suite of SHACL Core (w3c/data-shapes), by both engines; it stands in ../shared, beside the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.w3c import ENGINES, failed

pytestmark = pytest.mark.real

FAILING = {
    "shacl": {},
    "pySHACL": {"property/uniqueLang-002": "takes “1”^^xsd:boolean for true, where SHACL asks for the term true"},
}
"""Engine → the tests that it does not pass → why."""


@pytest.fixture(scope="module")
def core(shared: Path) -> Path:
    return shared / "suites" / "shacl" / "data-shapes-test-suite" / "tests" / "core"


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("name", ENGINES)
def test_suite_of_shacl_core(name: str, core: Path, figure: Callable[[str], None]) -> None:
    count, names = failed(name, core)
    failures = " ".join(names) or "-"
    figure(f"SHACL Core of W3C, {name}: {count - len(names)} of {count} passed; not: {failures}")
    assert names == [*FAILING[name]]
    assert count == 98
