"""What the pages load that others wrote: it is what was published, and its licences lie beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

import clirld.web

STATIC = Path(clirld.web.__file__).parent / "static"
PACKAGES: list[dict[str, Any]] = yaml.safe_load((STATIC / "vendored.yaml").read_text(encoding="utf-8"))
OWN = {"icon.svg", "style.css", "vendored.yaml"}
FILES = {name: one["sha256"] for package in PACKAGES for name, one in package["files"].items()}
LICENCES = {package["licences"]["file"]: package["licences"]["sha256"] for package in PACKAGES}


@pytest.mark.parametrize("name", [*FILES, *LICENCES])
def test_a_file_is_what_was_published(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == (FILES | LICENCES)[name]


def test_every_file_is_ours_or_in_the_manifest() -> None:
    ours = {path.name for path in STATIC.iterdir() if path.name.startswith("sparql-editor")}
    assert {path.name for path in STATIC.iterdir()} - OWN - ours == FILES.keys() | LICENCES.keys()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one["package"])
def test_its_licences_name_all_that_is_bundled(package: dict[str, Any]) -> None:
    text = (STATIC / package["licences"]["file"]).read_text(encoding="utf-8")
    assert package["integrity"].startswith("sha512-")
    assert text.strip()
    for one in package.get("bundles", ()):
        assert f"{one}, bundled in it" in text
