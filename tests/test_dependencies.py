"""What is installed is told: the table of docs/dependencies.md, and the bill of materials beside the lock."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib

import pytest

from docs import sbom
from tests.conftest import PROJECT

_PROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = {
    re.split(r"[^A-Za-z0-9._-]", requirement)[0]
    for requirements in (_PROJECT["dependencies"], *_PROJECT["optional-dependencies"].values())
    for requirement in requirements
}
ROWS = {
    cells[1]: cells[2:-1]
    for line in (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| [a-z]", line) and (cells := [cell.strip() for cell in line.split("|")]) and cells[1] != "package"
}


def test_every_dependency_has_its_row() -> None:
    assert set(ROWS) == DECLARED


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_row_says_licence_size_and_why(name: str) -> None:
    licence, size, why = ROWS[name]
    assert why
    assert float(size) > 0
    stated = importlib.metadata.metadata(name).get("License-Expression")
    assert licence == stated if stated else licence


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    assert sbom.FILE.read_text(encoding="utf-8") == sbom.text(), "run “make sbom”"
    lock = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {line.split()[0].rstrip(";") for line in lock.splitlines() if re.match(r"[a-z0-9]", line, re.IGNORECASE)}
    components = json.loads(sbom.text())["components"]
    assert {f"{component['name']}=={component['version']}" for component in components} == pinned
    assert len(components) > len(DECLARED)


def test_a_bill_has_no_time_and_keeps_the_systems_of_a_package() -> None:
    bill = sbom.sbom("a==1 \\\n    --hash=sha256:00\nb_c==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:11\n")
    assert [component["purl"] for component in bill["components"]] == ["pkg:pypi/a@1", "pkg:pypi/b-c@2.0"]
    assert bill["components"][1]["properties"] == [{"name": "clirld:marker", "value": "sys_platform == 'win32'"}]
    assert not {"serialNumber", "timestamp"} & {*bill, *bill["metadata"]}


def test_a_lock_that_pins_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="pins nothing"):
        sbom.sbom("# nothing\n")
