"""The metadata for Zenodo: `CITATION.cff` as `.zenodo.json`, the same bytes for the same citation.

Zenodo reads `.zenodo.json` and then not `CITATION.cff` (https://help.zenodo.org/docs/github/describe-software/), so
one is written from the other: `python docs/zenodo.py`; `tests/deploy/test_citation_file.py` holds it to that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PROJECT = Path(__file__).resolve().parents[1]
FILE = PROJECT / ".zenodo.json"

_CODE = "https://github.com/clirld/clirld"
_LICENCES = (
    "Ontology, shapes and documentation: CC BY 4.0. Data of a release: each source's own licence, in its catalogue."
)


def citation() -> dict[str, Any]:
    """What CITATION.cff says."""
    found: dict[str, Any] = YAML(typ="safe").load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    return found


def metadata(cited: dict[str, Any]) -> dict[str, Any]:
    """What Zenodo is told (https://developers.zenodo.org/#representation)."""
    return {
        "title": cited["title"],
        "description": f"<p>{' '.join(str(cited['abstract']).split())}</p><p>{_LICENCES}</p>",
        "upload_type": cited["type"],
        "access_right": "open",
        "license": cited["license"],
        "creators": [{"name": _name(author)} for author in cited["authors"]],
        "version": str(cited["version"]),
        "publication_date": str(cited["date-released"]),
        "keywords": list(cited["keywords"]),
        "related_identifiers": [
            {"identifier": cited["url"], "relation": "isDescribedBy", "scheme": "url"},
            {"identifier": _CODE, "relation": "isSupplementTo", "scheme": "url"},
        ],
    }


def _name(author: dict[str, Any]) -> str:
    family, given = author.get("family-names"), author.get("given-names")
    return f"{family}, {given}" if family and given else str(author.get("name") or family)


def text() -> str:
    """The metadata of this project as they are kept."""
    return json.dumps(metadata(citation()), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
