"""No source lets what is personal in: neither a column that is named so nor one whose values are so is mapped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from clirld.card.model import Rows
from clirld.card.source import Source
from clirld.draft.evidence import ColumnNames
from clirld.draft.sniff import ColumnProfile
from clirld.project import Project
from clirld.read import reader
from clirld.read.rows import SourceRow
from clirld.settings import Settings
from clirld.values.contacts import is_contact

PROJECT = Project.load(Settings.from_environment({}))
NAMES = ColumnNames.load(PROJECT.tables)
TABULAR = sorted(
    name
    for name, source in PROJECT.sources.items()
    if any(distribution.format != "cases" for distribution in source.card.distributions.values())
)
ALLOWED = {
    ("osm-tiers-lieux", "tags.contact:website"): "the site of the place, of type url",
    ("siae", "contact_website"): "the site of the organization, of type url",
}
"""(source, column) → why a column that looks personal is not."""
FREE = ("text", "name")
"""Types that any text passes; the cleaners of the others refuse e-mail addresses and phone numbers."""


def profile(name: str, counts: Mapping[str, int]) -> ColumnProfile:
    """A column with these values."""
    total = sum(counts.values())
    return ColumnProfile(name, total, total, counts)


def columns(source: Source) -> Iterator[tuple[ColumnProfile, list[ColumnProfile]]]:
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
        profiles = {name: profile(name, found) for name, found in counts.items()}
        for name, target in rows.columns.items():
            if target is not None:
                free = source.function is not None or any(one in FREE for one in types(rows, name))
                yield profiles[name] if free else profile(name, {}), list(profiles.values())


def types(rows: Rows, column: str) -> Iterator[str]:
    """The types of the canonical columns that a column goes to."""
    for target in rows.targets(column):
        table, _dot, name = (target.to if "." in target.to else f"{rows.table}.{target.to}").partition(".")
        yield PROJECT.tables[table].columns[name].type


@pytest.mark.parametrize("name", TABULAR)
def test_nothing_that_looks_personal_is_mapped(name: str) -> None:
    source = PROJECT.sources[name]
    found = [one.name for one, beside in columns(source) if NAMES.is_personal(one, beside)]
    assert [column for column in found if (name, column) not in ALLOWED] == []


@pytest.mark.parametrize("name", TABULAR)
def test_no_value_of_a_mapped_column_is_a_way_to_reach_somebody(name: str) -> None:
    told = [one.name for one, _beside in columns(PROJECT.sources[name]) if any(map(is_contact, one.counts))]
    assert [column for column in told if (name, column) not in ALLOWED] == []


def test_what_looks_personal_is_known() -> None:
    for name in ("Email", "Téléphone", "contact_nom", "dirigeants", "President", "mail_contact", "prenom"):
        assert NAMES.is_personal(profile(name, {"x": 1}), [])
    assert NAMES.is_personal(profile("joindre", {"quelqu.un@example.org": 1}), [])
    assert NAMES.is_personal(profile("joindre", {"01 23 45 67 89": 1}), [])
    assert not NAMES.is_personal(profile("nom", {"Le lieu": 1}), [])


def test_a_source_with_personal_data_keeps_no_bytes() -> None:
    """Nor does one of which some columns are not known yet: what they hold cannot be said."""
    keeps = []
    for name, source in PROJECT.sources.items():
        card = (source.folder / "source.yaml").read_text(encoding="utf-8")
        told = re.search(r"~ .*#.*\bpersonal\b|natural-person|statutDiffusion|statut_diffusion|contacts: ~", card)
        if told and source.card.retention != 0:
            keeps.append(name)
    assert keeps == []


def test_what_is_allowed_is_there() -> None:
    for name, column in ALLOWED:
        assert any(column in rows.columns for rows in PROJECT.sources[name].card.records)
