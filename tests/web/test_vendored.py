"""What the pages load that others wrote: it is what was published, and its licences lie beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import clirld.web

STATIC = Path(clirld.web.__file__).parent / "static"
PACKAGES: list[dict[str, Any]] = yaml.safe_load((STATIC / "vendored.yaml").read_text(encoding="utf-8"))
FILES = {name: one["sha256"] for package in PACKAGES for name, one in package["files"].items()}
LICENCES = {package["licences"]["file"]: package["licences"]["sha256"] for package in PACKAGES}


@pytest.mark.parametrize("name", [*FILES, *LICENCES])
def test_a_file_is_what_was_published(name: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == (FILES | LICENCES)[name]


def test_what_others_wrote_is_in_the_manifest() -> None:
    paths = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    others = {path for path in paths if re.search(r"\.min\.|licen[sc]e|\.woff2?$", path, re.IGNORECASE)}
    assert others == (FILES | LICENCES).keys() & others
    assert (FILES | LICENCES).keys() <= paths


@pytest.mark.parametrize("package", PACKAGES, ids=lambda one: one["package"])
def test_its_licences_name_all_that_is_bundled(package: dict[str, Any]) -> None:
    text = (STATIC / package["licences"]["file"]).read_text(encoding="utf-8")
    assert package["integrity"].startswith("sha512-")
    assert text.strip()
    for one in package.get("bundles", ()):
        assert f"{one}, bundled in it" in text
