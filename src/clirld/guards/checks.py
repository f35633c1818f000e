"""guards: what was made of a source, against its card and against last time → findings, before it is published.

Pure: statistics and thresholds in, issues out. A finding of severity error keeps the outputs from being published, so
that the source's last good graph stays; `clirld accept` is how a person says that they are right all the same.
All findings are given, not the first only: a steward looks once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from clirld import stages
from clirld.card.model import Card
from clirld.issues import Issue
from clirld.records.statistics import Statistics

MINIMUM_COUNT = 20
"""Below so many rows, records or values a share says little: one row more or less is not judged by it."""


def check(card: Card, now: Statistics, before: Statistics | None) -> list[Issue]:
    """What is not as the card promises, or not as it was `before` (the last good harvest; None for a first one).

    With the bytes of last time nothing is compared with last time: what differs then is the work of the steward.
    """
    found = [*_rows(card, now), *_filled(card, now), *_identifiers(card, now), *_license(card, now, before)]
    if before and before.bytes != now.bytes:
        found += _fewer(card, now, before)
        found += [*_less_filled(card, now, before), *_less_valid(card, now, before)]
        found += [*_changed(card, now), *_gone_columns(card, now, before)]
    return found


def blocking(found: Iterable[Issue]) -> list[Issue]:
    """The findings that keep outputs from being published."""
    return [issue for issue in found if issue.severity == "error"]


def fingerprint(found: Issue) -> str:
    """Name of a finding: the same for the same words about the same place, numbers included."""
    return stages.fingerprint(found.as_json())


def _issue(
    card: Card, code: str, detail: dict[str, str], *, distribution: str | None = None, column: str | None = None
) -> Issue:
    return Issue(card.id, "guards", code, distribution=distribution, column=column, detail=detail)


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _rows(card: Card, now: Statistics) -> Iterator[Issue]:
    for name, (least, most) in card.assertions.rows.items():
        found = now.rows_in.get(name, 0)
        if not least <= found <= most:
            detail = {"found": str(found), "least": str(least), "most": str(most)}
            yield _issue(card, "guard-rows", detail, distribution=name)


def _filled(card: Card, now: Statistics) -> Iterator[Issue]:
    for name, least in card.assertions.filled.items():
        share = now.filled_shares.get(name, 0.0)
        if share < least:
            detail = {"found": _percent(share), "least": _percent(least)}
            yield _issue(card, "guard-filled", detail, column=name)


def _identifiers(card: Card, now: Statistics) -> Iterator[Issue]:
    for name, (valid, given) in now.identifiers.items():
        wanted = card.guards.identifiers.get(name)
        least = card.guards.valid if wanted is None else wanted
        if given and valid / given < least and (given >= MINIMUM_COUNT or wanted is not None):
            detail = {"found": _percent(valid / given), "least": _percent(least), "given": str(given)}
            yield _issue(card, "guard-identifiers", detail, column=name)


def _license(card: Card, now: Statistics, before: Statistics | None) -> Iterator[Issue]:
    for name, stated in now.licenses.items():
        known = before.licenses.get(name) if before else None
        is_another = stated.startswith("http") and _bare(stated) != _bare(card.license)
        if known != stated if known is not None else is_another:
            detail = {"found": stated, "before": known or card.license}
            yield _issue(card, "guard-license", detail, distribution=name)


def _bare(iri: str) -> str:
    return iri.partition("://")[2].rstrip("/")


def _fewer(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    harvested = {rows.source for rows in card.records}
    for name, earlier in before.rows_in.items():
        found = now.rows_in.get(name, 0)
        if name not in harvested or found >= earlier:
            continue
        share = 1 - found / earlier
        if share > card.guards.fewer and (earlier >= MINIMUM_COUNT or not found):
            detail = {"found": str(found), "before": str(earlier), "share": _percent(share)}
            detail |= {"most": _percent(card.guards.fewer)}
            yield _issue(card, "guard-fewer", detail, distribution=name)


def _less_filled(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    enough = {name: share for name, share in before.filled_shares.items() if before.rows[_table(name)] >= MINIMUM_COUNT}
    for name, found, earlier in _fallen(now.filled_shares, enough, card.guards.filled):
        detail = {"found": found, "before": earlier}
        yield _issue(card, "guard-filled-fell", detail, column=name)


def _less_valid(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    enough = {
        name: share for name, share in before.valid_shares.items() if before.identifiers[name][1] >= MINIMUM_COUNT
    }
    for name, found, earlier in _fallen(now.valid_shares, enough, card.guards.valid_fell):
        detail = {"found": found, "before": earlier}
        yield _issue(card, "guard-identifiers-fell", detail, column=name)


def _table(name: str) -> str:
    return name.partition(".")[0]


def _fallen(now: Mapping[str, float], before: Mapping[str, float], most: float) -> Iterator[tuple[str, str, str]]:
    for name, earlier in before.items():
        found = now.get(name, 0.0)
        if earlier - found > most:
            yield name, _percent(found), _percent(earlier)


def _changed(card: Card, now: Statistics) -> Iterator[Issue]:
    moved = now.appeared + now.vanished + now.changed
    if now.before >= MINIMUM_COUNT and moved / now.before > card.guards.changed:
        detail = {"share": _percent(moved / now.before), "most": _percent(card.guards.changed)}
        detail |= {"appeared": str(now.appeared), "vanished": str(now.vanished), "changed": str(now.changed)}
        yield _issue(card, "guard-changed", detail | {"before": str(now.before)})


def _gone_columns(card: Card, now: Statistics, before: Statistics) -> Iterator[Issue]:
    """Columns that the card knows and ignores; those that it maps have stopped the run long before."""
    for name, earlier in before.columns.items():
        if name in now.columns:
            for column in sorted(set(earlier) - set(now.columns[name])):
                yield _issue(card, "column-gone", {}, distribution=name, column=column)
