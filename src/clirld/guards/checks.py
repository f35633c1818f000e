"""guards: what was made of a source, against its card and against last time → findings, before it is published.

Pure: statistics and thresholds in, issues out. A finding of severity error keeps the outputs from being published, so
that the source's last good graph stays; `clirld accept` is how a person says that they are right all the same.
All findings are given, not the first only: a steward looks once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from clirld import stages
from clirld.card.model import Card
from clirld.guards.unpublished import Share
from clirld.issues import Issue
from clirld.records.statistics import Statistics

MINIMUM_COUNT = 20
"""Below so many rows, records or values a share says little: one row more or less is not judged by it."""


PERSONAL_COLUMN = "column-maybe-personal"
"""What the records stage tells of a column that seems to hold persons."""

CLOCK_TOLERANCE = timedelta(hours=1)
"""By how much the clock of this machine may go back between two harvests: it is set right now and then."""


class Clock(NamedTuple):
    """When the source was asked, in ISO 8601: for the last good harvest, and now; `expired` records are gone by it."""

    before: str
    now: str
    expired: int


def check_clock(card: Card, clock: Clock) -> list[Issue]:
    """Findings that the clock may be wrong: behind the last harvest, or so far ahead that records are gone by it."""
    passed = datetime.fromisoformat(clock.now) - datetime.fromisoformat(clock.before)
    detail = {"found": clock.now, "before": clock.before}
    if passed < -CLOCK_TOLERANCE:
        return [_issue(card, "guard-clock-back", detail)]
    if clock.expired and passed > timedelta(days=card.grace):
        detail = {"found": clock.now, "before": clock.before, "given": str(clock.expired), "grace": str(card.grace)}
        return [_issue(card, "guard-clock-jump", detail)]
    return []


def check(card: Card, now: Statistics, before: Statistics | None, share: Share | None = None) -> list[Issue]:
    """What is not as the card promises, or not as it was `before` (the last good harvest; None for a first one).

    `share` is how many of its rows are published. With the bytes of last time nothing is compared with last time: what
    differs then is the work of the steward.
    """
    findings = [*_rows(card, now), *_filled(card, now), *_identifiers(card, now), *_license(card, now, before)]
    if share:
        findings += _published(card, share)
    if before and before.bytes != now.bytes:
        findings += _fewer_rows(card, now, before)
        findings += [*_less_filled(card, now, before), *_less_valid(card, now, before)]
        findings += [*_changed_records(card, now), *_gone_columns(card, now, before)]
    return findings


def check_persons(card: Card, noticed: Iterable[Issue]) -> list[Issue]:
    """Findings that columns which seem to hold persons would be published, from what the records stage noticed."""
    findings = []
    for one in noticed:
        if one.code == PERSONAL_COLUMN:
            detail = {"to": one.detail["to"], "why": one.detail["why"], "why_en": one.detail["why_en"]}
            place = {"distribution": one.distribution, "column": one.column}
            findings.append(_issue(card, "guard-persons", detail, **place))
    return findings


def blocking(findings: Iterable[Issue]) -> list[Issue]:
    """The findings that keep outputs from being published."""
    return [issue for issue in findings if issue.severity == "error"]


def fingerprint(finding: Issue) -> str:
    """Name of a finding: the same for the same words about the same place, numbers included."""
    return stages.fingerprint(finding.as_json())


def _issue(
    card: Card, code: str, detail: dict[str, str], *, distribution: str | None = None, column: str | None = None
) -> Issue:
    return Issue(card.id, "guards", code, distribution=distribution, column=column, detail=detail)


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _rows(card: Card, now: Statistics) -> Iterator[Issue]:
    for name, (minimum, maximum) in card.assertions.rows.items():
        count = now.rows_in.get(name, 0)
        if not minimum <= count <= maximum:
            detail = {"found": str(count), "least": str(minimum), "most": str(maximum)}
            yield _issue(card, "guard-rows", detail, distribution=name)


def _published(card: Card, share: Share) -> Iterator[Issue]:
    if share.expected < MINIMUM_COUNT or share.published / share.expected >= card.guards.published:
        return
    main = next(one for one in share.reasons if one.is_expected)
    found, least = _percent(share.published / share.expected), _percent(card.guards.published)
    detail = {"found": found, "least": least, "given": str(share.expected)}
    detail |= {"why": main.text("fr"), "why_en": main.text("en")}
    yield _issue(card, "guard-published", detail)


def _filled(card: Card, now: Statistics) -> Iterator[Issue]:
    for name, minimum in card.assertions.filled.items():
        share = now.filled_shares.get(name, 0.0)
        if share < minimum:
            detail = {"found": _percent(share), "least": _percent(minimum)}
            yield _issue(card, "guard-filled", detail, column=name)


def _identifiers(card: Card, now: Statistics) -> Iterator[Issue]:
    for name, (valid, total) in now.identifiers.items():
        required = card.guards.identifiers.get(name)
        minimum = card.guards.valid if required is None else required
        if total and valid / total < minimum and (total >= MINIMUM_COUNT or required is not None):
            detail = {"found": _percent(valid / total), "least": _percent(minimum), "given": str(total)}
            yield _issue(card, "guard-identifiers", detail, column=name)


def _license(card: Card, now: Statistics, before: Statistics | None) -> Iterator[Issue]:
    for name, stated in now.licenses.items():
        previous = before.licenses.get(name) if before else None
        # A first harvest has only the card's IRI to compare with, and a code such as “lov2” is no IRI.
        is_another = stated.startswith("http") and _without_scheme(stated) != _without_scheme(card.license)
        if previous != stated if previous is not None else is_another:
            detail = {"found": stated, "before": previous or card.license}
            yield _issue(card, "guard-license", detail, distribution=name)


def _without_scheme(iri: str) -> str:
    return iri.partition("://")[2].rstrip("/")


def _fewer_rows(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    harvested = {rows.source for rows in card.records}
    for name, previous in before.rows_in.items():
        count = now.rows_in.get(name, 0)
        # A distribution that the card no longer has was taken out by a person.
        if name not in harvested or count >= previous:
            continue
        share = 1 - count / previous
        if share > card.guards.fewer and (previous >= MINIMUM_COUNT or not count):
            detail = {"found": str(count), "before": str(previous), "share": _percent(share)}
            detail |= {"most": _percent(card.guards.fewer)}
            yield _issue(card, "guard-fewer", detail, distribution=name)


def _less_filled(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    comparable = {
        name: share for name, share in before.filled_shares.items() if before.rows[_table(name)] >= MINIMUM_COUNT
    }
    for name, share, previous in _falls(now.filled_shares, comparable, card.guards.filled):
        detail = {"found": share, "before": previous}
        yield _issue(card, "guard-filled-fell", detail, column=name)


def _less_valid(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    comparable = {
        name: share for name, share in before.valid_shares.items() if before.identifiers[name][1] >= MINIMUM_COUNT
    }
    for name, share, previous in _falls(now.valid_shares, comparable, card.guards.valid_fell):
        detail = {"found": share, "before": previous}
        yield _issue(card, "guard-identifiers-fell", detail, column=name)


def _table(name: str) -> str:
    return name.partition(".")[0]


def _falls(now: Mapping[str, float], before: Mapping[str, float], tolerance: float) -> Iterator[tuple[str, str, str]]:
    for name, previous in before.items():
        share = now.get(name, 0.0)
        if previous - share > tolerance:
            yield name, _percent(share), _percent(previous)


def _changed_records(card: Card, now: Statistics) -> Iterator[Issue]:
    differing = now.appeared + now.vanished + now.changed
    count = now.before + now.appeared - now.vanished
    share = min(1.0, differing / max(now.before, count, 1))
    if now.before >= MINIMUM_COUNT and share > card.guards.changed:
        detail = {"share": _percent(share), "most": _percent(card.guards.changed)}
        detail |= {"appeared": str(now.appeared), "vanished": str(now.vanished), "changed": str(now.changed)}
        yield _issue(card, "guard-changed", detail | {"before": str(now.before)})


def _gone_columns(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    """Columns that the card knows and ignores; those that it maps have stopped the run long before."""
    for name, previous in before.columns.items():
        if name in now.columns:
            for column in sorted(set(previous) - set(now.columns[name])):
                yield _issue(card, "column-gone", {}, distribution=name, column=column)
