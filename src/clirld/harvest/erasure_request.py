"""What a request to erase is about: which records of which sources match it now, and all that goes on the list for it.

In: the last good harvests of all sources, and what the guards keep back. Out: a `Found`; nothing is written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

import polars as pl

from clirld.errors import UsageError
from clirld.harvest import outcome
from clirld.presence.history import STATE_FILE
from clirld.project import Project
from clirld.records.accounts import Account
from clirld.records.erasure import identity, matching
from clirld.records.erasure.erasure_list import Request
from clirld.records.table_files import scan_table, tables_of, withdrawn_records
from clirld.values.cleaners import CLEANERS
from clirld.values.persons.identifiers import hashed, local_key


@dataclass(frozen=True, slots=True)
class Found:
    """What goes on the list, and by source how many records or rows match it now; `numbers` are all of the unit."""

    requests: tuple[Request, ...]
    matches: Counter[str] = field(default_factory=Counter)
    numbers: frozenset[tuple[str, str]] = frozenset()


def clean_number(kind: str, text: str) -> str:
    """An official number as the tables have it. Raises UsageError where its digits are not those of one."""
    cleaned = CLEANERS[kind](text)
    if cleaned.value is None:
        raise UsageError(
            f"this is not a {kind.upper()} number",
            where=f"--{kind}",
            do="check it: a wrong one would be kept as a hash, and could never be found again",
        )
    return cleaned.value


def by_number(project: Project, key: bytes, kind: str, number: str) -> Found:
    """A legal unit with its establishments, and its other number where a source knows it, in every source.

    A SIRET stands for its unit: what is told of one of its places is told of it.
    """
    numbers = {(kind, number)} | ({("siren", number[:9])} if kind == "siret" else set())
    organizations = {name: list(_organizations(project, name)) for name in project.sources}
    pairs = reduce(set.union, (_twins(rows) for some in organizations.values() for rows in some), set[_Pair]())
    while True:  # one association may have had two numbers
        known = {pair for pair in pairs if numbers & {("siren", pair[0]), ("rna", pair[1])}}
        more = {("siren", siren) for siren, _rna in known} | {("rna", rna) for _siren, rna in known}
        if more <= numbers:
            break
        numbers |= more
    matches: Counter[str] = Counter()
    for name, some in organizations.items():
        records = set[str]().union(*(_records_with(rows, numbers) for rows in some))
        matches[name] = len(records)
    requests = tuple(matching.request(key, *one) for one in sorted(numbers))
    return Found(requests, +matches, frozenset(numbers))


def by_identifier(project: Project, key: bytes, source: str, identifier: str) -> Found:
    """A record of a source, with those that it replaced; its name and place too, so that it is known again.

    `identifier` is that at the source, or its key as the record's IRI ends with it.

    It is looked for in the tables, among the rows that were left out, and among those that a person has to look at.
    """
    requests = [matching.request(key, "record", identifier, source)]
    seen = 0
    for folder in _tables(project, source):
        table = scan_table(folder, "record")
        if table is None:
            continue
        rows = table.select("key", "identifier").collect()
        names = [identifier, identifier.removesuffix(".0"), hashed(identifier)]
        is_named = pl.col("identifier").is_in(names) | (pl.col("key") == f"{source}-{local_key(identifier)}")
        keys = set(rows.filter(is_named)["key"])
        keys |= _predecessors(folder, keys)
        seen = max(seen, len(keys))
        for other in rows.filter(pl.col("key").is_in(list(keys)))["identifier"]:
            requests.append(matching.request(key, "record", other, source))
        for known_by in identity.of_tables(tables_of(folder), keys).values():
            if known_by.name and known_by.place:
                requests.append(matching.request(key, "place", matching.name_and_place(known_by), source))
    found = Counter({source: seen or _rows_left_out(project, source, identifier)})
    return Found(tuple(dict.fromkeys(requests)), +found)


def another(project: Project, key: bytes, source: str, identifier: str) -> Found:
    """A person's word that a row that looks like an erased record is another one."""
    matches = Counter({source: int(not {identifier, hashed(identifier)}.isdisjoint(_undecided(project, source)))})
    return Found((matching.request(key, "other", identifier, source),), +matches)


_Pair = tuple[str, str]


def _tables(project: Project, source: str) -> list[Path]:
    """The folders of tables of a source: what is published, and what the guards keep back."""
    harvests = (outcome.last_good(project, source), outcome.refused(project, source))
    return [harvest.records for harvest in harvests if harvest]


def _organizations(project: Project, source: str) -> Iterator[pl.DataFrame]:
    """The organizations of a source with their numbers, and the tombstones of those that had one."""
    for folder in _tables(project, source):
        for table in ("organization", "ended"):
            rows = scan_table(folder, table)
            if rows is not None:
                empty = pl.lit(None, pl.String)
                columns = rows.collect_schema().names()
                numbers = [pl.col(name) if name in columns else empty.alias(name) for name in matching.OFFICIAL_NUMBERS]
                yield rows.select("record", "key", *numbers).collect()


def _twins(organizations: pl.DataFrame) -> set[_Pair]:
    siren = pl.coalesce("siren", pl.col("siret").str.head(9))
    return set(organizations.select(siren, "rna").drop_nulls().iter_rows())


def _records_with(organizations: pl.DataFrame, numbers: set[tuple[str, str]]) -> set[str]:
    """The records of organizations that have one of some numbers, or an establishment of one."""
    of_kind = {kind: [number for one, number in numbers if one == kind] for kind in matching.OFFICIAL_NUMBERS}
    keys = [f"{kind}-{number}" for kind, some in of_kind.items() for number in some]
    having = (
        pl.col("key").is_in(keys)
        | pl.col("siren").is_in(of_kind["siren"])
        | pl.col("siret").str.head(9).is_in(of_kind["siren"])
        | pl.col("siret").is_in(of_kind["siret"])
        | pl.col("rna").is_in(of_kind["rna"])
    )
    return set(organizations.filter(having.fill_null(value=False))["record"])


def _predecessors(folder: Path, records: set[str]) -> set[str]:
    """The records that some records replaced, and those that these replaced."""
    path = folder / STATE_FILE
    found: set[str] = set()
    if path.is_file() and records:
        state = pl.read_parquet(path, columns=["record", "replaced_by"]).drop_nulls()
        while more := set(state.filter(pl.col("replaced_by").is_in(list(records | found)))["record"]) - found:
            found |= more
    return found


def _rows_left_out(project: Project, source: str, identifier: str) -> int:
    """Whether the source has rows with this identifier that are not published, and how many."""
    rows = 0
    for harvest in (outcome.last_good(project, source), outcome.refused(project, source)):
        if harvest:
            rows += sum(
                row.identifier in (identifier, hashed(identifier))
                for row in Account.load(harvest.rows / "account.json").excluded
            )
            rows += len(withdrawn_records(harvest.rows, [f"{source}-{local_key(identifier)}"]))
    return rows


def _undecided(project: Project, source: str) -> Iterator[str]:
    """The identifiers of the rows that a person has to look at."""
    for harvest in (outcome.last_good(project, source), outcome.refused(project, source)):
        path = harvest.rows / matching.UNDECIDED_FILE if harvest else None
        if path and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)["identifier"]
