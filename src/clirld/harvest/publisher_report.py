"""What a publisher can mend in its file, in plain words: a page and a table to send as they are.

in: the issues of a source's last good harvest; out: `<source>.html` (French and English, whole in one file, without a
script) and `<source>.csv`. Only what stands in the file is told (publisher_messages.yaml), by file, row and column,
with the value that was read, unless it may name a person; what earns most when it is mended comes first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import polars as pl

from clirld import yamlfile
from clirld.card.model import Card
from clirld.errors import DataError
from clirld.harvest import issue_groups
from clirld.harvest.outcome import Harvest, last_good
from clirld.issues import Issue, Language, Severity
from clirld.project import Project
from clirld.values.personal_data import without_personal_data

MAX_ROWS = 100
"""Rows of a mend on the page; the table has all of them."""

_REASONED = ("value-doubtful", "value-unclean")
"""Codes of issues whose words are of any value: the reason is told besides."""

_GAINS: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
_COLUMNS = ("priority", "file", "row", "column", "value", "read_as", "found", "mend")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is to be mended: file, row and column as the publisher knows them; value, and what we read."""

    file: str
    row: int | None
    column: str
    value: str
    read_as: str


@dataclass(slots=True)
class Mend:
    """One kind of thing to mend: its words by language, what is gained (a row, a value, a correction), and where."""

    found: Mapping[str, str]
    mend: Mapping[str, str]
    gain: Severity
    column: str
    count: int = 0
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """What a publisher is told of one source: its card, the files as they were had, the account, and what to mend."""

    card: Card
    files: list[dict[str, Any]]
    account: Mapping[str, Any]
    mends: list[Mend]

    @property
    def by_choice(self) -> int:
        """Rows that are not taken for a reason that is no fault of the file."""
        reasons = self.account["reasons"].get("dropped", {})
        return sum(count for reason, count in reasons.items() if reason not in words()["reasons"])


def of_source(project: Project, source: str) -> Report:
    """The report of a source's last good harvest. Raises DataError where it has none, CardError for its card."""
    return of_harvest(project.sources[source].card, _harvest(project, source))


def of_harvest(card: Card, harvest: Harvest) -> Report:
    """The report of a harvest of a source."""
    mends: dict[tuple[str, str], Mend] = {}
    for key, mend, place in _places(card, harvest):
        group = mends.setdefault((key, place.column), mend)
        group.count += 1
        if len(group.places) < MAX_ROWS:
            group.places.append(place)
    order = sorted(mends.values(), key=lambda one: (_GAINS[one.gain], -one.count))
    files = [{**one, "name": _file_name(one)} for one in harvest.snapshots]
    return Report(card, files, harvest.account_summary, order)


def write(project: Project, source: str, folder: Path) -> list[Path]:
    """Write the page and the table of a source; gives their paths. Raises DataError where it was never harvested."""
    harvest = _harvest(project, source)
    folder.mkdir(parents=True, exist_ok=True)
    return write_harvest(project.sources[source].card, harvest, folder, source)


def write_harvest(card: Card, harvest: Harvest, folder: Path, name: str) -> list[Path]:
    """Write the page and the table of a harvest as `name`.html and `name`.csv; gives their paths."""
    from jinja2 import Environment, FileSystemLoader  # takes a while, and only this needs it

    report = of_harvest(card, harvest)
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    page = environment.get_template("publisher_report.html").render(
        report=report, card=report.card, labels=words()["labels"], languages=("fr", "en")
    )
    paths = [folder / f"{name}.html", folder / f"{name}.csv"]
    paths[0].write_text(page, encoding="utf-8")
    _write_table(harvest, report, paths[1])
    return paths


def _harvest(project: Project, source: str) -> Harvest:
    if source in project.card_errors:
        raise project.card_errors[source]
    harvest = last_good(project, source)
    if harvest is None:
        raise DataError(f"{source} has not been harvested", where=source, do=f"run “clirld run {source}”")
    return harvest


def table(report: Report, language: Language) -> Iterator[dict[str, Any]]:
    """A row for each kind of mend, the most valuable first: what, where, how often."""
    labels = words()["labels"]
    for mend in report.mends:
        yield {
            labels["found"][language]: mend.found[language],
            labels["mend"][language]: mend.mend[language],
            labels["column"][language]: mend.column,
            labels["gain"][language]: labels[f"gain_{mend.gain}"][language],
            labels["count"][language]: mend.count,
        }


def _write_table(harvest: Harvest, report: Report, path: Path) -> None:
    """All places, for a spreadsheet: `priority` is that of the mend on the page."""
    language = report.card.language
    ranks = {(one.found["en"], one.column): number for number, one in enumerate(report.mends, start=1)}
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with a mark, or Excel takes it for Latin-1
        writer = csv.writer(file)
        writer.writerow(words()["labels"][name][language] for name in _COLUMNS)
        for _key, mend, place in _places(report.card, harvest):
            told = (mend.found[language], mend.mend[language])
            cells = (place.file, place.row or "", place.column, place.value, place.read_as, *told)
            writer.writerow([ranks[mend.found["en"], place.column], *map(_harmless, cells)])


def _places(card: Card, harvest: Harvest) -> Iterator[tuple[str, Mend, Place]]:
    """What can be mended at the source, in the order of the issues: which, its words, and where."""
    files = {one["distribution"]: _file_name(one) for one in harvest.snapshots}
    only = next(iter(files)) if len(files) == 1 else None
    distributions = {} if only else _distributions(harvest)
    for issue in issue_groups.named_issues(card.id, harvest.issue_folders):
        key, told = _words_of(issue)
        if not told:
            continue
        distribution = issue.distribution or only or distributions.get(issue.detail.get("record", ""), "")
        column = issue.column or _column(card, distribution, told.get("columns", ()))
        is_told = not told.get("personal")
        place = Place(
            file=files.get(distribution, ""),
            row=issue.row,
            column=without_personal_data(column),
            value=without_personal_data(issue.value or "") if is_told else "",
            read_as=without_personal_data(issue.detail.get("to", "")) if is_told else "",
        )
        found = _with_reason(told["found"], issue.detail) if issue.code in _REASONED else told["found"]
        yield f"{key} {found['en']}", Mend(found, told["mend"], issue.severity, place.column), place


def _with_reason(found: Mapping[str, str], detail: Mapping[str, Any]) -> dict[str, str]:
    """What was found, and why it is taken for that, where the cleaner of the value says so."""
    whys = {"fr": detail.get("why"), "en": detail.get("why_en")}
    if not all(whys.values()):
        return dict(found)
    colons = {"fr": " : ", "en": ": "}
    return {
        language: f"{text.rstrip('.')}{colons[language]}{without_personal_data(str(whys[language]))}."
        for language, text in found.items()
    }


def _words_of(issue: Issue) -> tuple[str, Mapping[str, Any]]:
    """Which kind of mend an issue is, and its words; none where it is not the publisher's."""
    if shape := issue.detail.get("shape"):
        return shape, words()["shapes"].get(shape, {})
    if issue.code == "row-dropped":
        reason = issue.detail.get("reason", "")
        return reason, words()["reasons"].get(reason, {})
    return issue.code, words()["codes"].get(issue.code, {})


def _column(card: Card, distribution: str, canonical: tuple[str, ...]) -> str:
    """The columns of the file that go to some canonical ones."""
    names = [card.column_of(distribution, *one.split(".", 1)) for one in canonical]
    return ", ".join(dict.fromkeys(name for name in names if name))


def _distributions(harvest: Harvest) -> dict[str, str]:
    """The distribution of each record that is held back or warned for, by its key."""
    issues = issue_groups.stage_issues(harvest.validated)
    keys = {issue.detail["record"] for issue in issues if "record" in issue.detail}
    rows = pl.scan_parquet(harvest.records / "record" / "*.parquet").filter(pl.col("key").is_in(list(keys)))
    return dict(rows.select("key", "distribution").collect().iter_rows())


def _file_name(snapshot: Mapping[str, Any]) -> str:
    """The name of a file as its publisher knows it: the end of its address."""
    address = str(snapshot["url"] or "")
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2]) or address or str(snapshot["distribution"])


_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.,]+$)")


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection); a number stays one."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


@cache
def words() -> dict[str, Any]:
    """What is told in plain words: `codes` of issues, `reasons` of rows left out, `shapes` and checks, `labels`."""
    found: dict[str, Any] = yamlfile.shipped("clirld.harvest", "publisher_messages.yaml")
    return found
