"""Organizations that official numbers say are one: the IRI that stands for each, and numbers that contradict.

A SIREN and an RNA number are joined where a record has both, as Sirene and the RNA themselves say of associations
(`identifiantAssociationUniteLegale`, `siret`); so are the number of a foundation in the RNF and an item of Wikidata,
whoever gives them. Only organizations have numbers: an initiative never takes those of its carrier.
"""

from __future__ import annotations

import re
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

REGISTERS = (*PRECEDENCE, "rnf", "wikidata")
"""Registers whose number says which organization it is. Those of the last two are never part of its IRI: not every
foundation has its number yet, and who writes Wikidata may merge items."""

_NUMBER = re.compile(r"(siren)-[0-9]+|(rna)-W[0-9A-Z]+|(rnf|wikidata):.+")

RULE_VERSION = "2"
"""Version of the rule by which organizations are one, told in the catalogue: raise it when the rule changes."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What is one organization: keys of records (last parts of IRIs), the canonical one first; and who says so."""

    keys: tuple[str, ...]
    """Those that records have, by PRECEDENCE."""
    numbers: tuple[str, ...]
    """All numbers: siren-… and rna-… as keys are written, rnf:… and wikidata:…"""
    sources: tuple[str, ...]

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """Pairs of numbers of one register that contradict: then nothing is known, and none is joined."""
        return [
            pair
            for register in REGISTERS
            for pair in combinations([one for one in self.numbers if register_of(one) == register], 2)
        ]


def numbered(organizations: pl.DataFrame) -> list[Numbered]:
    """Organizations (`records.SCHEMA`) that several keys or numbers stand for, in the order of the first of each.

    A record's keys are its own and one for each of its numbers; a SIRET counts as its SIREN, its first nine digits.
    """
    number = pl.element().str.replace("^(siren|siret|rna):", "${1}-").str.replace(r"^siret-(\d{9}).*$", "siren-${1}")
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
            tuple(name for name in sorted(names, key=rank) if register_of(name)),
            tuple(sorted(set().union(*(sources[name] for name in names)))),
        )
        for names in clusters(told["keys"].to_list())
    ]


def register_of(number: str) -> str | None:
    """The register of a number as `Numbered` has it; None of the key of a record, whatever its source is called."""
    match = _NUMBER.fullmatch(number)
    return next(filter(None, match.groups())) if match else None


def rank(key: str) -> tuple[int, str]:
    """To sort keys and numbers by: the place of the register in REGISTERS, records last."""
    register = register_of(key)
    return REGISTERS.index(register) if register else len(REGISTERS), key
