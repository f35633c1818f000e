"""How good the data of each source is, release by release: a table, the same as DQV, and what it was before.

in: the account, issues and tables of each source, and the store; out: the folder `quality/` of a release:

    measures.csv, measures.parquet    this release: source, measure, about, count, of, share
    over-time.csv                     the same of the releases before and of this one; results and fields that are
                                      filled only where they are others than before: 0 for what no longer is
    quality.ttl                       this release in DQV (https://www.w3.org/TR/vocab-dqv/)

    measure        about                          count                                of
    rows           published, held, dropped       rows of the source                   rows read
    results        a shape or check               results on its records               rows read
    filled         table.column                   published rows where it has a value  published rows of the table
    completeness   findable, cooperation, …       initiatives told so far, no further  initiatives of the source
    age            retrieved                      whole days since it was retrieved
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

from clirld import checksums, stages
from clirld.harvest import issue_groups
from clirld.project import Project
from clirld.query.select import select
from clirld.release import files, quality
from clirld.release.catalog import SourceEntry, dataset
from clirld.release.completeness import COMPLETENESS, DERIVED_GRAPH, TIERS
from clirld.release.published import Release
from clirld.release.statements import PREFIXES, iri, statements, typed
from clirld.settings import BASE
from clirld.vocabulary.tables import Tables

FOLDER = "quality"
OVER_TIME = "over-time.csv"
_MEASURES = "measures.csv"
_COLUMNS = ("release", "created", "source", "measure", "about", "count", "of", "share")
_TOLD_EACH_TIME = ("rows", "completeness", "age")

_METRICS = {
    "results": ("consistency", "constats de la forme {}, par ligne lue", "results of shape {}, per row read"),
    "filled": ("completeness", "part des lignes où {} est rempli", "part of the rows where {} is filled"),
    "completeness": ("completeness", "part des initiatives au niveau {}", "part of the initiatives at level {}"),
    "age": ("timeliness", "jours depuis l'obtention du fichier", "days since the file was retrieved"),
}
"""Measure → dimension of the Linked Data Quality Dimensions (https://www.w3.org/2016/05/ldqd), and definition."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a source; `of` is what it is a part of, None where it is a part of nothing."""

    source: str
    measure: str
    about: str
    count: int
    of: int | None

    @property
    def share(self) -> float | None:
        """Part of the whole, rounded to four digits."""
        return round(self.count / self.of, 4) if self.of else None


def measured(
    entries: Sequence[SourceEntry],
    tables: Tables,
    store: Store,
    created: datetime,
    filled: Callable[[SourceEntry], Iterable[Measure] | None],
) -> Iterator[Measure]:
    """All figures, source by source. `store` has the graphs of the sources, and the levels of completeness.

    `filled` gives what is known of how the columns of a source are filled, None where it has to be counted.
    """
    levels, initiatives = _levels(store)
    for entry in entries:
        source, account = entry.source.id, entry.harvest.account_summary
        for name in ("published", "held", "dropped"):
            yield Measure(source, "rows", name, account[name], account["rows_in"])
        for shape, count in sorted(_results(entry).items()):
            yield Measure(source, "results", shape, count, account["rows_in"])
        known = filled(entry)
        yield from _how_filled(entry, tables) if known is None else known
        for level in TIERS if initiatives[source] else ():
            yield Measure(source, "completeness", level, levels[source, level], initiatives[source])
        retrieved = max(datetime.fromisoformat(str(one["retrieved"])) for one in entry.harvest.snapshots)
        yield Measure(source, "age", "retrieved", max(0, (created - retrieved).days), None)


def _how_filled(entry: SourceEntry, tables: Tables) -> Iterator[Measure]:
    for table in (one for one in tables.values() if one.name != "record"):  # which the engine fills in
        rows = files.published_rows(table, entry)
        if rows is not None:
            filled = [_filled(table.columns[one.name].list, one.name) for one in table.published]
            counts = rows.select(pl.len().alias("rows of the table"), *filled).collect().row(0, named=True)
            for column in table.published:
                about = f"{table.name}.{column.name}"
                yield Measure(entry.source.id, "filled", about, counts[column.name], counts["rows of the table"])


def write_measures(
    project: Project,
    entries: Sequence[SourceEntry],
    folder: Path,
    name: str,
    created: datetime,
    before: Release | None,
    withdrawn: Collection[str],
    pieces: files.Earlier | None,
) -> None:
    """Write the files into the folder of release `name`; what the one `before` tells of earlier ones goes on.

    Of releases that were `withdrawn` nothing is told again. How the columns of a source are filled is taken over from
    the one before, as `pieces` say, where its tables are the same.
    """
    told: dict[str, list[Measure]] = {}
    known = before.folder / FOLDER / _MEASURES if before else None
    for row in read(known) if before and known and checksums.is_as_made(known, before.folder) else ():
        if row["measure"] == "filled":
            measure = Measure(row["source"], "filled", row["about"], int(row["count"]), int(row["of"]))
            told.setdefault(row["source"], []).append(measure)
    tables = stages.fingerprint(*map(repr, project.tables.values()))

    def filled(entry: SourceEntry) -> list[Measure] | None:
        made_from = f"{entry.harvest.records.name} {entry.harvest.validated.name} {tables}"
        is_same = pieces is not None and pieces.taken_over(f"{FOLDER}/{entry.source.id}", made_from, [])
        return told.get(entry.source.id, []) if told and is_same else None

    store = Store.read_only(str(folder / "store"))
    measures = list(measured(entries, project.tables, store, created, filled))
    out = folder / FOLDER
    out.mkdir()
    rows = [
        {"release": name, "created": created.isoformat(timespec="seconds"), **asdict(one), "share": one.share}
        for one in measures
    ]
    schema = dict.fromkeys(_COLUMNS, pl.String()) | {"count": pl.Int64(), "of": pl.Int64(), "share": pl.Float64()}
    pl.DataFrame(rows, schema=schema).write_parquet(out / "measures.parquet")
    _write_csv(rows, out / _MEASURES)
    earlier = read(before.folder / FOLDER / OVER_TIME) if before else []
    earlier = [row for row in earlier if row.get("release") not in withdrawn]
    _write_csv([*earlier, *_told_over_time(earlier, rows)], out / OVER_TIME)
    # The part of the rows that is published is in the catalogue too, and named as it is there.
    quads = chain(quality.measured(entries), _quality([one for one in measures if one.measure != "rows"]))
    serialize((quad.triple for quad in quads), out / "quality.ttl", format=RdfFormat.TURTLE, prefixes=PREFIXES)


def _told_over_time(
    earlier: Iterable[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The rows of a release that are told after those of earlier ones: without what is as it was last told."""
    last = {_about(row): row for row in earlier if row["measure"] not in _TOLD_EACH_TIME}
    for row in rows:
        before = last.pop(_about(row), None)
        if before is None or any(str(row[name]) != before[name] for name in ("count", "of")):
            yield dict(row)
    read_now = {row["source"]: row for row in rows if row["measure"] == "rows"}
    for row in last.values():
        if row["source"] in read_now and row["count"] != "0":
            this = read_now[row["source"]]
            of = this["of"] if row["measure"] == "results" else 0
            yield {**this, **{name: row[name] for name in ("measure", "about")}, "count": 0, "of": of, "share": 0.0}


def _about(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["source"], row["measure"], row["about"]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a table that `write` wrote; none where it is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write_csv(rows: Sequence[dict[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def _filled(is_list: bool, name: str) -> pl.Expr:
    column = pl.col(name)
    return (column.list.len().fill_null(0) > 0 if is_list else column.is_not_null()).sum().alias(name)


def _results(entry: SourceEntry) -> Counter[str]:
    """Results of the shapes and checks on the records of a source, by name."""
    counts: Counter[str] = Counter()
    for issue in issue_groups.stage_issues(entry.harvest.validated):
        if shape := issue.detail.get("shape"):
            counts[shape] += int(issue.detail.get("count", 1))
    return counts


def _levels(store: Store) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Initiatives of each source at each level, and in all."""
    levels: Counter[tuple[str, str]] = Counter()
    initiatives: Counter[str] = Counter()
    rows = select(
        store,
        f"""SELECT ?graph ?level (COUNT(DISTINCT ?initiative) AS ?count) {{
          GRAPH ?graph {{ ?initiative a <{BASE}ontology#Initiative> }}
          OPTIONAL {{ GRAPH <{DERIVED_GRAPH}> {{ ?initiative <{COMPLETENESS}> ?level }} }}
        }} GROUP BY ?graph ?level""",
    )
    for row in rows:
        source = row["graph"].value.rpartition("/")[2]
        initiatives[source] += int(row["count"].value)
        if row["level"] is not None:
            levels[source, row["level"].value.rpartition("/")[2]] += int(row["count"].value)
    return levels, initiatives


def _quality(measures: Sequence[Measure]) -> Iterator[Quad]:
    for dimension in sorted({dimension for dimension, *_texts in _METRICS.values()}):
        yield from statements(_dimension(dimension), "a", iri("dqv:Dimension"))
    for name, about in sorted({(one.measure, one.about) for one in measures}):
        dimension, french, english = _METRICS[name]
        texts = (Literal(french.format(about), language="fr"), Literal(english.format(about), language="en"))
        metric = _metric(name, about)
        yield from statements(metric, "a", iri("dqv:Metric"))
        yield from statements(metric, "skos:definition", *texts)
        yield from statements(metric, "dqv:expectedDataType", iri("xsd:integer" if name == "age" else "xsd:decimal"))
        yield from statements(metric, "dqv:inDimension", _dimension(dimension))
    for one in measures:
        if one.share is None and one.measure != "age":
            continue
        node = NamedNode(f"{dataset(one.source).value}#{one.measure}-{one.about}")
        yield from statements(dataset(one.source), "dqv:hasQualityMeasurement", node)
        yield from statements(node, "a", iri("dqv:QualityMeasurement"))
        yield from statements(node, "dqv:computedOn", dataset(one.source))
        yield from statements(node, "dqv:isMeasurementOf", _metric(one.measure, one.about))
        number = typed(str(one.count), "xsd:integer") if one.share is None else typed(f"{one.share:.4f}", "xsd:decimal")
        yield from statements(node, "dqv:value", number)


def _metric(name: str, about: str) -> NamedNode:
    return NamedNode(f"{BASE}id/metric/{name}-{about}")


def _dimension(name: str) -> NamedNode:
    return NamedNode(f"http://www.w3.org/2016/05/ldqd#{name}")
