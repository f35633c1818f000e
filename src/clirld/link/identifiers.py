"""Organizations that official numbers say are one: the IRI that stands for each, and numbers that contradict.

A SIREN and an RNA number are joined where a record has both, as Sirene and the RNA themselves say of associations
(`identifiantAssociationUniteLegale`, `siret`). Only organizations have numbers: an initiative never takes those of its
carrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import polars as pl

from clirld.link.clusters import clusters

PRECEDENCE = ("siren", "rna")
"""Registers by whose number an organization goes, the first before the other; then the record of a source.

The SIREN first: each organization that employs, pays taxes or is subsidised has one, and one alone, for good (Code de
commerce, article R123-220); the RNA knows associations only. An organization without either goes by the record of a
source, the first by name.
"""

RULE_VERSION = "1"
"""Version of the rule by which organizations are one, told in the catalogue: raise it when the rule changes."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What is one organization: keys of records (last parts of IRIs), the canonical one first; and who says so."""

    keys: tuple[str, ...]
    """Those that records have, by PRECEDENCE."""
    numbers: tuple[str, ...]
    """All numbers, written as keys: siren-…, rna-…"""
    sources: tuple[str, ...]

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """Pairs of numbers of one register that contradict: then nothing is known, and none is joined."""
        return [
            pair
            for register in PRECEDENCE
            for pair in combinations([one for one in self.numbers if one.startswith(f"{register}-")], 2)
        ]


def numbered(organizations: pl.DataFrame) -> list[Numbered]:
    """Organizations (`records.SCHEMA`) that several keys or numbers stand for, in the order of the first of each.

    A record's keys are its own and one for each of its numbers; a SIRET counts as its SIREN, its first nine digits.
    """
    number = pl.element().str.replace(":", "-").str.replace(r"^siret-(\d{9}).*$", "siren-${1}")
    keys = pl.concat_list("key", pl.col("identifiers").list.eval(number)).list.unique().list.sort()
    told = organizations.select("source", keys=keys).filter(pl.col("keys").list.len() > 1)
    sources: dict[str, set[str]] = {}
    for source, names in told.iter_rows():
        for name in names:
            sources.setdefault(name, set()).add(source)
    known = set(organizations["key"])
    return [
        Numbered(
            tuple(sorted(known.intersection(names), key=rank)),
            tuple(name for name in sorted(names, key=rank) if rank(name)[0] < len(PRECEDENCE)),
            tuple(sorted(set().union(*(sources[name] for name in names)))),
        )
        for names in clusters(told["keys"].to_list())
    ]


def rank(key: str) -> tuple[int, str]:
    at = (place for place, register in enumerate(PRECEDENCE) if key.startswith(f"{register}-"))
    return next(at, len(PRECEDENCE)), key
