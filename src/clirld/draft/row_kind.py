"""What a row of an unknown file is: an organization, or an initiative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clirld.draft.evidence import ColumnNames
from clirld.draft.sniff import ColumnProfile

EXACT_NAME = 96
"""Likeness from which a name is one that is known; less is one with a letter or two that differ."""


def table_of(columns: Sequence[ColumnProfile], types: Mapping[str, str], names: ColumnNames) -> str:
    """What each row is, by all columns: `organization`, or `initiative`, which may name its carrier and its SIRET.

    An organization nearly always has a legal number, one of its own in each row; it has a legal form, an activity, a
    date of creation or a corporate name, and no carrier. A place or a project has a point, a kind, a name that says so.
    """

    def is_named(column: ColumnProfile, target: str) -> bool:
        return column.filled > 0 and names.similarity(column.name, target) >= EXACT_NAME

    legal = [one for one in columns if types.get(one.name) in ("siren", "siret", "rna") and one.fill_rate >= 0.8]
    has_carrier = any(
        names.speaks_of_carrier(one.name) or names.similarity(one.name, "organization.name")
        for one in columns
        if one.fill_rate >= 0.5
    )
    if not legal or has_carrier:
        return "initiative"
    of_organizations = sum(any(is_named(one, target) for one in columns) for target in ("legal_form", "naf", "founded"))
    of_organizations += any(names.speaks_of_organization(one.name) for one in columns)
    of_organizations += any(types[one.name] in ("siren", "rna") and one.unique for one in legal)
    of_initiatives = sum(any(is_named(one, target) for one in columns) for target in ("kind", "latitude", "start_year"))
    of_initiatives += any(names.speaks_of_initiative(one.name) for one in columns)
    return "organization" if of_organizations > of_initiatives else "initiative"
