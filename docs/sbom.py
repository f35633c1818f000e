"""The software bill of materials: `requirements.txt` as CycloneDX 1.6, the same bytes for the same lock.

No time and no serial number, which would change with every run; `make sbom` writes it, `tests/test_dependencies.py`
holds it to the lock.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
FILE = PROJECT / "sbom.cdx.json"

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$", re.MULTILINE)


def sbom(lock: str) -> dict[str, Any]:
    """A lock of packages with their versions → the bill. Raises ValueError where nothing is pinned."""
    components = [_component(*match.groups()) for match in _PINNED.finditer(lock)]
    if not components:
        raise ValueError("the lock pins nothing")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "clirld", "name": "clirld"}},
        "components": components,
    }


def _component(name: str, version: str, marker: str | None) -> dict[str, Any]:
    url = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    component: dict[str, Any] = {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}
    if marker:  # of the systems it is installed on, PEP 508
        component["properties"] = [{"name": "clirld:marker", "value": marker}]
    return component


def text() -> str:
    """The bill of this project's lock as it is kept."""
    return json.dumps(sbom((PROJECT / "requirements.txt").read_text(encoding="utf-8")), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
