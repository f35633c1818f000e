"""Rows that were read and are not published: how many of those that should be, and for which reason most of all.

Pure: an account and a card in. That nothing at all is published of rows that were read is a failure of the source;
that few are is a finding of the guards (`clirld.guards.checks`), on a first harvest too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from clirld.card.model import Card
from clirld.errors import RecordsError
from clirld.french import plural
from clirld.read.rows import OUTSIDE_TABLE
from clirld.records import reasons
from clirld.records.accounts import Account
from clirld.records.erasure.matching import ERASED
from clirld.records.plan import not_kept_reason
from clirld.records.reasons import Bilingual

_NOT_KEPT = "not-kept-"
_WITHOUT_PLACE = "InitiativeTerritory"
"""The shape of an initiative that no territory is known of."""
_IDENTIFIER_REASONS = ("missing-identifier", "duplicate-identifier")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are not published: its code, of how many rows, its words, and the column that it is about.

    `target` is the canonical column that a row lacks, `column` the source's that goes to it, empty where none does.
    """

    code: str
    count: int
    label: Mapping[str, str]
    target: str = ""
    column: str = ""
    is_expected: bool = True
    """Whether rows that it leaves out were expected to be published."""

    def text(self, language: str) -> str:
        """The reason in words, with its column."""
        words = {"fr": ("colonne", "ligne", "lignes", f"aucune colonne ne va vers {self.target}")}
        column, row, rows, none = words.get(language, ("column", "row", "rows", f"no column goes to {self.target}"))
        rows = plural(row, rows, self.count, language)
        about = f", {column} {self.column}" if self.column else f", {none}" if self.target else ""
        return f"{self.label[language]} ({self.count} {rows}, {self.code}{about})"


@dataclass(frozen=True, slots=True)
class Share:
    """How many rows are `published` of those `expected` to be, and why the others are not, the most frequent first."""

    expected: int
    published: int
    reasons: tuple[Reason, ...] = ()


def share(card: Card, account: Account, shapes: Mapping[str, Bilingual]) -> Share:
    """The share of a source: of the rows that should be published, how many are.

    - Expected are the records of the table, bad ones too: a row that cannot be read (`ragged`), lacks something or
      breaks a shape counts as one that is kept back.
    - Not expected are rows outside the table (above its header, below its end), which are no records, and those that
      the card does not keep or that a function has no use for. They are reasons all the same, should nothing be
      published.
    - Not counted at all are rows that somebody asked to leave out, in the card (`withhold`) or by an erasure.
    """
    on_purpose = {ERASED, *(reason for rows in card.records for reason in rows.withhold.values())}
    counts: Counter[tuple[str, str]] = Counter()
    for rows_left_out, count in account.counts().items():
        if rows_left_out.reason not in on_purpose:
            counts[rows_left_out.reason, rows_left_out.distribution] += count
    unused = {rows_left_out.reason for rows_left_out in account.counted if rows_left_out.outcome == "dropped"}
    unused |= {row.reason for row in account.excluded if row.reason.startswith(_NOT_KEPT)} | {*OUTSIDE_TABLE}
    expected = account.rows_made.total() + sum(count for (code, _name), count in counts.items() if code not in unused)
    by_count = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Share(
        expected,
        account.rows_made.total(),
        tuple(
            replace(_reason(card, code, name, count, shapes), is_expected=code not in unused)
            for (code, name), count in by_count
        ),
    )


def require_some(card: Card, account: Account, shapes: Mapping[str, Bilingual]) -> None:
    """Raises RecordsError, the main reason first, where rows were read and none of them is published."""
    found = share(card, account, shapes)
    if found.published or not found.reasons:
        return
    # Rows outside the table are the reason only where there are no others.
    told = [one for one in found.reasons if one.code not in OUTSIDE_TABLE] or found.reasons
    count = sum(one.count for one in told)
    texts = {language: "; ".join(one.text(language) for one in told[:3]) for language in ("fr", "en")}
    main = told[0]
    name = main.target
    if name and not main.column:
        do = f"map a column to {name} in source.yaml, or give one value to all: constants: {{{name}: …}}"
    elif main.code in _IDENTIFIER_REASONS:
        do = "choose in source.yaml the column that identifies each row, and map it to record.identifier"
    elif name:
        do = f"see in the file what {main.column} holds; map the right column to {name} in source.yaml"
    elif main.column:
        do = f"see in the file what {main.column} holds, and correct keep in source.yaml"
    elif main.code == _WITHOUT_PLACE:
        do = (
            "map the columns of commune, postcode, département or point; a sample is placed by the communes of "
            "pipelines/sources/territories/sample/communes.csv: let its rows name some of those"
        )
    else:
        do = f"see “clirld issues {card.id} --severity error”; correct source.yaml, or the file at the source"
    raise RecordsError(
        f"none of the {count} rows is published: {texts['en']}",
        fr=f"aucune des {count} lignes n'est publiée : {texts['fr']}",
        where=f"source {card.id}",
        do=do,
    )


def _reason(card: Card, code: str, distribution: str, count: int, shapes: Mapping[str, Bilingual]) -> Reason:
    label = reasons.labels_by_language(code, shapes)
    rows = next((one for one in card.records if one.source == distribution), None)
    if rows is None or rows.table is None:  # a function's own reasons
        return Reason(code, count, label)
    kept = next((name for name in rows.keep if code == not_kept_reason(name)), "")
    target = "record.identifier" if code in _IDENTIFIER_REASONS else ""
    if code.startswith("missing-") and not target:
        target = code.removeprefix("missing-")
    table, _dot, column = target.rpartition(".")
    named = card.column_of(distribution, table or rows.table, column) if target else kept
    return Reason(code, count, label, target, named or "")
