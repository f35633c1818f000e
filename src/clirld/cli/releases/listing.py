"""The list of releases as people read it: lines and no table, since an id that is cut is of no use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clirld.cli.report import labels_of
from clirld.release.published import Release
from clirld.release.unavailable.mark import Mark, Withdrawal


def lines(listed: Sequence[Release], served: Release | None, marks: Mapping[str, Mark], language: str) -> list[str]:
    """A line for each release, the newest first, below what its numbers are; then which are given no more, and why."""
    labels = labels_of(language)
    rows = [[labels[name] for name in ("release", "sources", "quads", "candidates")]]
    for release in listed:
        manifest = release.manifest
        counts = (len(manifest["sources"]), manifest["quads"], manifest["candidates"])
        rows.append([release.id, *(f"{count:,}".replace(",", "\u00a0") for count in counts)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ends = ["", *(_state(one, served, marks, labels) for one in listed)]
    found = []
    for (name, *numbers), end in zip(rows, ends, strict=True):
        cells = (number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
        found.append("  ".join([name.ljust(widths[0]), *cells, end]).rstrip())
    return [*found, *withdrawn({one.id: mark for one in listed if (mark := marks[one.id].withdrawal)}, language)]


def _state(release: Release, served: Release | None, marks: Mapping[str, Mark], labels: Mapping[str, str]) -> str:
    said = [f"● {labels['current']}"] if served and served.id == release.id else []
    said += [labels["holds"]] if marks[release.id].holds_erased else []
    return " ".join([*said, "✗"] if marks[release.id].withdrawal else said)


def withdrawn(withdrawals: Mapping[str, Withdrawal], language: str) -> list[str]:
    """A line for each release that was withdrawn: when, and why."""
    text = labels_of(language)["withdrawn"]
    return [f"{name} {text.format(one.day, one.because)}" for name, one in withdrawals.items()]
