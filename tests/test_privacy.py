"""No source lets what is personal in: neither a column that is named so nor one whose values are so is mapped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from clirld.card.model import Rows
from clirld.card.source import Source
from clirld.project import Project
from clirld.read import reader
from clirld.read.rows import SourceRow
from clirld.settings import Settings
from clirld.values.contacts import is_contact
from clirld.values.persons.columns import why_personal

PROJECT = Project.load(Settings.from_environment({}))
TABULAR = sorted(
    name
    for name, source in PROJECT.sources.items()
    if any(distribution.format != "cases" for distribution in source.card.distributions.values())
)
CLEANED = {("siae", "contact_website"): "of type url, whose cleaner refuses the address that one row has"}
"""(source, column) → why what stands in its sample is not published."""
FREE = ("text", "name")
"""Types that any text passes; the cleaners of the others refuse e-mail addresses and phone numbers."""


def columns(source: Source) -> Iterator[tuple[str, Mapping[str, int], list[str]]]:
    """The columns that a card maps, with their values in the sample where any would pass, and those beside each."""
    for rows in source.card.records:
        distribution = source.card.distributions[rows.source]
        sample = source.sample(rows.source)
        if distribution.format == "cases" or sample is None:
            continue
        counts: dict[str, Counter[str]] = {name: Counter() for name in rows.columns}
        for row in reader.read(sample, distribution.layout):
            if isinstance(row, SourceRow):
                for name, cell in row.values.items():
                    for value in [cell] if isinstance(cell, str) else cell:
                        if value:
                            counts.setdefault(name, Counter())[value] += 1
        for name, target in rows.columns.items():
            if target is not None:
                free = source.function is not None or any(one in FREE for one in types(rows, name))
                yield name, counts[name] if free else {}, list(counts)


def types(rows: Rows, column: str) -> Iterator[str]:
    """The types of the canonical columns that a column goes to."""
    for target in rows.targets(column):
        table, _dot, name = (target.to if "." in target.to else f"{rows.table}.{target.to}").partition(".")
        yield PROJECT.tables[table].columns[name].type


@pytest.mark.parametrize("name", TABULAR)
def test_nothing_that_looks_personal_is_mapped(name: str) -> None:
    source = PROJECT.sources[name]
    found = [one for one, counts, beside in columns(source) if why_personal(one, counts, beside)]
    assert found == []


@pytest.mark.parametrize("name", TABULAR)
def test_no_value_of_a_mapped_column_is_a_way_to_reach_somebody(name: str) -> None:
    told = [one for one, counts, _beside in columns(PROJECT.sources[name]) if any(map(is_contact, counts))]
    assert [column for column in told if (name, column) not in CLEANED] == []


def test_a_source_with_personal_data_keeps_no_bytes() -> None:
    """Nor does one of which some columns are not known yet: what they hold cannot be said."""
    keeps = []
    for name, source in PROJECT.sources.items():
        card = (source.folder / "source.yaml").read_text(encoding="utf-8")
        told = re.search(r"~ .*#.*\bpersonal\b|natural-person|statutDiffusion|statut_diffusion|contacts: ~", card)
        if told and source.card.retention != 0:
            keeps.append(name)
    assert keeps == []
