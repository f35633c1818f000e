"""CSV on the Web, Data Package, RO-Crate and JSON-LD of the samples' release, held to the files that they are of."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest

from clirld.release.formats import descriptions, ro_crate
from clirld.settings import BASE
from clirld.vocabulary.tables import LIST_SEPARATOR

PARSERS = {
    "string": str,
    "integer": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "anyURI": lambda value: urlsplit(value).scheme or pytest.fail(value),
}


@pytest.fixture(scope="module")
def release(samples: Path) -> Path:
    return (samples / "current").resolve()


@pytest.fixture(scope="module")
def groups(release: Path) -> list[Path]:
    return sorted((release / "tables").iterdir())


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_cell_is_what_csv_on_the_web_says_of_it(groups: list[Path]) -> None:
    """Columns in their order, required ones filled, every value of its datatype."""
    values = 0
    for folder in groups:
        described = read(folder / descriptions.CSVW_FILE)["tables"]
        assert {table["url"] for table in described} == {path.name for path in folder.glob("*.csv")}
        for table in described:
            columns, rows = table["tableSchema"]["columns"], lines(folder / table["url"])
            assert [column["titles"] for column in columns] == list(rows[0])
            for row in rows:
                for column in columns:
                    cell = row[column["name"]]
                    assert cell or not column.get("required"), (folder.name, table["url"], column["name"])
                    for value in cell.split(column["separator"]) if cell and "separator" in column else [cell]:
                        if value:
                            PARSERS[column["datatype"]](value)
                            values += 1
    assert values > 10_000


def test_a_row_leads_to_its_iri(groups: list[Path], release: Path) -> None:
    subjects = {
        quad.subject.value
        for path in (release / "dump").glob("clirld-*.nq.gz")
        for quad in ox.parse(gzip.decompress(path.read_bytes()), ox.RdfFormat.N_QUADS)
        if isinstance(quad.subject, ox.NamedNode)
    }
    found = Counter[str]()
    for folder in groups:
        for table in read(folder / descriptions.CSVW_FILE)["tables"]:
            if template := table["tableSchema"].get("aboutUrl"):
                for row in lines(folder / table["url"]):
                    assert template.replace("{+key}", row["key"]) in subjects
                    found[table["url"]] += 1
    assert {"initiative.csv", "organization.csv", "territory.csv", "participation.csv"} <= found.keys()


def test_csv_on_the_web_is_json_ld(groups: list[Path]) -> None:
    """Titles and descriptions in two languages are read as such; the context is not fetched."""
    described = read(groups[0] / descriptions.CSVW_FILE)
    assert described["@context"][0] == "http://www.w3.org/ns/csvw"
    described["@context"] = {"dc": "http://purl.org/dc/terms/", "@vocab": "http://www.w3.org/ns/csvw#"}
    quads = list(ox.parse(json.dumps(described).encode(), ox.RdfFormat.JSON_LD))
    titles = [quad.object for quad in quads if quad.predicate.value == "http://purl.org/dc/terms/title"]
    assert {title.language for title in titles if isinstance(title, ox.Literal)} == {"fr", "en"}


def test_a_data_package_names_what_is_there(groups: list[Path]) -> None:
    for folder in groups:
        package = read(folder / descriptions.PACKAGE_FILE)
        assert re.fullmatch("[a-z0-9._-]+", package["name"])
        assert {one["path"] for one in package["resources"]} == {path.name for path in folder.glob("*.csv")}
        for one in package["resources"]:
            content = (folder / one["path"]).read_bytes()
            assert (one["bytes"], one["hash"]) == (len(content), f"sha256:{sha256(content).hexdigest()}")
            assert [field["name"] for field in one["schema"]["fields"]] == list(lines(folder / one["path"])[0])
        licences = {row["license"] for one in package["resources"] for row in lines(folder / one["path"])}
        if len(licences) == 1:
            assert package["licenses"] == [{"path": licences.pop()}]


def test_an_ro_crate_has_every_file_and_what_it_is(release: Path) -> None:
    graph = {one["@id"]: one for one in read(release / ro_crate.FILE)["@graph"]}
    root = graph["./"]
    assert graph[ro_crate.FILE]["about"] == {"@id": "./"}
    assert root["identifier"] == f"{BASE}release/{release.name}/"
    parts = {one["@id"] for one in root["hasPart"]}
    assert parts == {
        path.relative_to(release).as_posix()
        for name in ro_crate.FOLDERS
        for path in (release / name).rglob("*")
        if path.is_file()
    }
    for name in parts:
        assert graph[name]["contentSize"] == str((release / name).stat().st_size)
        assert graph[name]["encodingFormat"], name
        if licence := graph[name].get("license"):
            assert licence["@id"] in graph
    manifest = read(release / "manifest.json")
    for source in manifest["sources"]:
        assert graph[f"dump/{source['id']}.nq.gz"]["license"]["@id"] == source["license"]["iri"]
    for group in manifest["rights"]["groups"]:
        if len(group["licenses"]) == 1 and group["share_alike"]:
            assert graph[group["dump"]]["license"]["@id"] == group["licenses"][0]


def test_json_ld_says_the_same_quads(release: Path) -> None:
    for dump in (release / "dump").glob("clirld-*.nq.gz"):
        packed = (dump.parent / dump.name.replace(".nq.gz", ".jsonld.gz")).read_bytes()
        assert set(ox.parse(gzip.decompress(packed), ox.RdfFormat.JSON_LD)) == set(
            ox.parse(gzip.decompress(dump.read_bytes()), ox.RdfFormat.N_QUADS)
        )


def test_values_of_a_list_are_told_apart(groups: list[Path]) -> None:
    """None holds what stands between them."""
    for folder in groups:
        for table in read(folder / descriptions.CSVW_FILE)["tables"]:
            for column in table["tableSchema"]["columns"]:
                assert column.get("separator", LIST_SEPARATOR) == LIST_SEPARATOR
