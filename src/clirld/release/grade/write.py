"""The grade of a release as files, in its folder `quality/`.

grade.csv             each mark: method, indicator, about (a dataset, or nothing), points, of, detail
grade-over-time.csv   release, created, method, points, of: of the releases before and of this one
grade.ttl             totals and indicators in DQV (https://www.w3.org/TR/vocab-dqv/)
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, serialize

from clirld.errors import ReleaseError
from clirld.release import measures
from clirld.release.catalog import WHOLE
from clirld.release.grade import dcat_ap, fair, links, mqa, umaka
from clirld.release.grade.described import Described
from clirld.release.grade.marks import Mark, Total, totals, words
from clirld.release.published import Release
from clirld.release.statements import PREFIXES, iri, statements, typed
from clirld.settings import BASE

FILE = "grade.csv"
OVER_TIME = "grade-over-time.csv"
_ANOTHER = "make another release: clirld release --force"
_COLUMNS = ("method", "indicator", "about", "points", "of", "detail")
_COLUMNS_OVER_TIME = ("release", "created", "method", "points", "of")


def marks_of(folder: Path, manifest: Mapping[str, Any], shapes: Path) -> list[Mark]:
    """The marks of the release in a folder, from its catalogue, its files and its store.

    `manifest` has its id, sources and quads, `shapes` is the folder of all shapes. Raises ShapesError where those of
    DCAT-AP cannot be run.
    """
    described = Described.read(folder / "catalog.ttl")
    return [*of_catalogue(described, folder, shapes), *umaka.marks(described, manifest), *_of_links(described, folder)]


def of_catalogue(described: Described, folder: Path, shapes: Path) -> Iterator[Mark]:
    """The marks that are of the catalogue alone, with the files of the release in a folder."""
    broken = dcat_ap.broken(described, shapes)
    yield from mqa.marks(described, mqa.answers_of(folder), {node for at in broken.values() for node in at})
    yield from dcat_ap.marks(broken)
    yield from fair.marks(described)


def _of_links(described: Described, folder: Path) -> Iterator[Mark]:
    yield from links.marks(open_store(folder), described, mqa.answers_of(folder))


def open_store(folder: Path) -> Store:
    """The store of the release in a folder. Raises ReleaseError where it cannot be read."""
    try:
        return Store.read_only(str(folder / "store"))
    except OSError as problem:
        where = str(folder / "store")
        raise ReleaseError("the store of the release cannot be read", where=where, do=_ANOTHER) from problem


def write(
    folder: Path,
    manifest: Mapping[str, Any],
    shapes: Path,
    before: Release | None,
    withdrawn: Collection[str],
) -> None:
    """Grade the release in a folder, whose other files are there; what the one `before` tells of earlier ones goes on.

    `manifest` has id, created, sources and quads. Of releases that were `withdrawn` nothing is told again.
    """
    marks = marks_of(folder, manifest, shapes)
    out = folder / measures.FOLDER
    _write_csv(out / FILE, _COLUMNS, [{name: getattr(one, name) for name in _COLUMNS} for one in marks])
    found = totals(marks)
    release = {"release": manifest["id"], "created": manifest["created"]}
    rows = [{**release, "method": one.method, "points": one.points, "of": one.of} for one in found]
    earlier = over_time(before.folder) if before else []
    _write_csv(
        out / OVER_TIME, _COLUMNS_OVER_TIME, [*(row for row in earlier if row["release"] not in withdrawn), *rows]
    )
    quads = (quad.triple for quad in in_dqv(found))
    serialize(quads, out / "grade.ttl", format=RdfFormat.TURTLE, prefixes=PREFIXES)


def read(folder: Path) -> list[Mark]:
    """The marks that the release in a folder has; none where it was not graded. Raises ReleaseError."""
    path = folder / measures.FOLDER / FILE
    try:
        return [
            Mark(row["method"], row["indicator"], row["about"], float(row["points"]), float(row["of"]), row["detail"])
            for row in measures.read(path)
        ]
    except (KeyError, TypeError, ValueError) as problem:
        raise ReleaseError("the marks of the release are damaged", where=str(path), do=_ANOTHER) from problem


def over_time(folder: Path) -> list[dict[str, str]]:
    """The totals of the releases until the one in a folder, oldest first."""
    return measures.read(folder / measures.FOLDER / OVER_TIME)


def in_dqv(found: Sequence[Total]) -> Iterator[Quad]:
    """A measurement of the whole dataset for each method and each indicator, in points; the metrics are described."""
    for total in found:
        texts = words()[total.method]
        yield from _measured(total.method, texts["title"], total.points, total.of)
        for name, (points, of) in total.indicators.items():
            yield from _measured(f"{total.method}-{name}", texts["indicators"][name]["title"], points, of)


def _measured(name: str, titles: Mapping[str, str], points: float, of: float) -> Iterator[Quad]:
    metric, node = NamedNode(f"{BASE}id/metric/grade-{name}"), NamedNode(f"{WHOLE.value}#grade-{name}")
    yield from statements(metric, "a", iri("dqv:Metric"))
    definitions = (
        Literal(text, language=tag)
        for tag, text in (
            ("fr", f"{titles['fr']} : points sur {of:g}"),
            ("en", f"{titles['en']}: points out of {of:g}"),
        )
    )
    yield from statements(metric, "skos:definition", *definitions)
    yield from statements(metric, "dqv:expectedDataType", iri("xsd:decimal"))
    yield from statements(WHOLE, "dqv:hasQualityMeasurement", node)
    yield from statements(node, "a", iri("dqv:QualityMeasurement"))
    yield from statements(node, "dqv:computedOn", WHOLE)
    yield from statements(node, "dqv:isMeasurementOf", metric)
    yield from statements(node, "dqv:value", typed(f"{points:.2f}", "xsd:decimal"))


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
