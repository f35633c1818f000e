"""Which column an issue of a place is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from clirld.records.cells import CellIssue

ISSUE_COLUMNS: Mapping[str, Sequence[str]] = {
    "commune": ("commune", "locality", "departement", "street", "private_address"),
    "commune-by-name": ("locality",),
    "commune-by-beginning": ("locality",),
    "commune-by-resemblance": ("locality", "street"),
    "commune-ambiguous": ("locality",),
    "commune-corrected": ("locality",),
    "commune-first": ("locality",),
    "commune-by-postcode": ("postcode", "locality", "street"),
    "commune-by-point": ("latitude", "longitude"),
    "departement-by-cedex": ("postcode", "locality", "street"),
    "departement-by-postcode": ("postcode", "locality", "street"),
    "departement-by-point": ("latitude", "longitude"),
    "departement-other": ("departement",),
    "postcode": ("postcode", "locality", "street"),
    "point": ("latitude", "longitude"),
    "country": ("country",),
    "place": ("country", "locality"),
    "name-other": ("locality",),
    "organization": ("name",),
}
"""By the code of an issue of an entity, or its first word, the columns that it may be about, the likeliest first, if
the issue does not say in which it was found (`of`)."""


def issue_columns(issue: CellIssue, columns: Collection[str]) -> list[str]:
    """Which of the columns an issue of a place may be about, the likeliest first."""
    by_code = ISSUE_COLUMNS.get(issue.code) or ISSUE_COLUMNS.get(issue.code.partition("-")[0], ())
    of = issue.of or issue.detail.get("of")
    found = (of, "private_address") if of == "street" else (of,)
    return [name for name in dict.fromkeys((*found, *by_code)) if name in columns]
