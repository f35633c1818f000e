"""What a row of an unknown file is: an organization, or an initiative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clirld.draft.evidence import ColumnNames, valid_share
from clirld.draft.sniff import ColumnProfile
from clirld.values.persons.columns import speaks_of_carrier

EXACT_NAME = 96
"""Likeness from which a name is one that is known; less is one with a letter or two that differ."""

_MIN_VALID_SHARE = 0.6


def table_of(columns: Sequence[ColumnProfile], types: Mapping[str, str], names: ColumnNames) -> str:
    """What each row is, by all columns: `organization`, or `initiative`, which may name its carrier and its SIRET.

    An organization nearly always has a legal number, one of its own in each row; it has a legal form, an activity, a
    date of creation or a corporate name, and no carrier. A place or a project has a point, a kind, a name that says so.
    """

    def is_named(column: ColumnProfile, target: str) -> bool:
        return column.filled > 0 and names.similarity(column.name, target) >= EXACT_NAME

    kinds = {one.name: _legal_number(one, types, names) for one in columns if one.fill_rate >= 0.8}
    legal = [one for one in columns if kinds.get(one.name)]
    has_carrier = any(
        speaks_of_carrier(one.name) or names.similarity(one.name, "organization.name")
        for one in columns
        if one.fill_rate >= 0.5
    )
    if not legal or has_carrier:
        return "initiative"
    of_organizations = sum(any(is_named(one, target) for one in columns) for target in ("legal_form", "naf", "founded"))
    of_organizations += any(names.speaks_of_organization(one.name) for one in columns)
    of_organizations += any(kinds[one.name] in ("siren", "rna") and one.unique for one in legal)
    of_initiatives = sum(any(is_named(one, target) for one in columns) for target in ("kind", "latitude", "start_year"))
    of_initiatives += any(names.speaks_of_initiative(one.name) for one in columns)
    return "organization" if of_organizations > of_initiatives else "initiative"


def _legal_number(column: ColumnProfile, types: Mapping[str, str], names: ColumnNames) -> str | None:
    """The kind of legal number that a column holds: by its values, or by its name and most of them."""
    for kind in ("siren", "siret", "rna"):
        is_called_so = names.similarity(column.name, kind) >= EXACT_NAME
        if types.get(column.name) == kind or (is_called_so and valid_share(column, kind) >= _MIN_VALID_SHARE):
            return kind
    return None
