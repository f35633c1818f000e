"""Counts of changes by class as a visitor reads them: in words, and what only programs read as one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from clirld import yamlfile
from clirld.settings import BASE
from clirld.web.documents.naming import Naming, whole

_PROJECT = f"{BASE}ontology#"
RECORD = f"{_PROJECT}SourceRecord"
"""The class of a row of a file: where it was read again it is said anew when."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many things of a class, or of the technical ones (`iri` is empty), are new, gone or told otherwise."""

    iri: str
    name: str
    added: int
    removed: int
    changed: int

    @property
    def count(self) -> int:
        """How many things changed."""
        return self.added + self.removed + self.changed


def counts(rows: Iterable[Mapping[str, Any]], naming: Naming) -> list[Count]:
    """The rows of `changes/summary.json` of one graph in words, those that most changed in first."""
    said = _said()
    found, technical = [], []
    for row in rows:
        iri, numbers = str(row["class"] or ""), (row["added"], row["removed"], row["changed"])
        if iri in said["words"]:
            found.append(Count(iri, said["words"][iri][naming.language], *numbers))
        elif iri.startswith(_PROJECT):
            label = naming.label(iri)
            found.append(Count(iri, f"{label[:1].upper()}{label[1:]}", *numbers))
        elif iri not in said["twice"]:
            technical.append(numbers)
    found.sort(key=lambda one: (-one.count, one.name))
    if technical:
        added, removed, changed = map(sum, zip(*technical, strict=True))
        found.append(Count("", said["technical"][naming.language], added, removed, changed))
    return [one for one in found if one.count]


@cache
def _said() -> dict[str, Any]:
    said = yamlfile.shipped(__package__, "classes.yaml")
    words = {name if "//" in name else whole(name): text for name, text in said["words"].items()}
    return {"words": words, "twice": {whole(name) for name in said["twice"]}, "technical": said["technical"]}
