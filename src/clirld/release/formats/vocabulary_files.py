"""What of `ontology/` a release brings along: the words its data is written in, and where they lead to."""

from __future__ import annotations

import shutil
from pathlib import Path

_PATTERNS = ("clirld.ttl", "context.jsonld", "schemes/*.ttl", "alignments/*.ttl", "exports/*.rq")


def listed(ontology: Path) -> list[Path]:
    """The files of that folder that a release brings along."""
    return [path for pattern in _PATTERNS for path in sorted(ontology.glob(pattern))]


def copy(ontology: Path, out: Path) -> None:
    """Copy them into `out`, in folders as they are there."""
    for path in listed(ontology):
        to = out / path.relative_to(ontology)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
