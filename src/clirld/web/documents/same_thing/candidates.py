"""Records that may be one thing, with what speaks for it: `links/candidates.csv` of a release (docs/linking.md)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from clirld.settings import BASE

FILE = "links/candidates.csv"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another record that may be the same thing: its IRI, the verdict and the columns of evidence."""

    other: str
    verdict: str
    evidence: Mapping[str, str]

    @property
    def score(self) -> float:
        """What the candidates are ordered by."""
        return _number(self.evidence.get("score", ""))

    @property
    def name(self) -> int:
        """How alike the names are, of 100."""
        return round(_number(self.evidence.get("name", "")))


@lru_cache(maxsize=2)  # the release that is served, and the one before
def load(release: Path) -> Mapping[str, list[Candidate]]:
    """The candidates of each thing by its IRI, the likeliest first; none where the release has no such file."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    try:
        with (release / FILE).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                one, two = (f"{BASE}id/{row['table']}/{row[side]}" for side in ("left", "right"))
                found[one].append(Candidate(two, row["verdict"], row))
                found[two].append(Candidate(one, row["verdict"], row))
    except FileNotFoundError:
        return {}
    return {iri: sorted(some, key=lambda one: (-one.score, one.other)) for iri, some in found.items()}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
