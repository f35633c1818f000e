"""What says, beside the tables of a licence group, what their columns are: CSV on the Web and a Data Package.

Both are made of `tables.yaml`. Cells of a list column have “ | ” between their values; an empty cell is no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from clirld import stages
from clirld.settings import BASE
from clirld.vocabulary.tables import LIST_SEPARATOR, Column, Table

CSVW_FILE = "csv-metadata.json"
"""Where CSV on the Web looks for it, beside the files (Model for Tabular Data, section 5.4)."""
PACKAGE_FILE = "datapackage.json"

_DATATYPES = {
    "integer": "integer",
    "latitude": "decimal",
    "longitude": "decimal",
    "decimal": "decimal",
    "year": "integer",
    "date": "date",
    "datetime": "datetime",
    "url": "anyURI",
}
"""By the type of a column; all others are text."""
_PACKAGE_TYPES = {"decimal": "number", "anyURI": "string"}
_STANDARD_TITLES = {
    "key": {"fr": "clé, fin de l'IRI", "en": "key, the end of the IRI"},
    "record": {"fr": "fiche source", "en": "source record"},
    "source": {"fr": "source", "en": "source"},
    "row": {"fr": "ligne du fichier", "en": "row of the file"},
    "license": {"fr": "licence de la ligne", "en": "licence of the row"},
}


def write(
    folder: Path,
    tables: Sequence[Table],
    kinds: Mapping[str, str],
    license_: str | None,
    titles: Mapping[str, str],
    sha256_of: Callable[[Path], str],
) -> None:
    """Write both into the folder of a licence group, whose tables are there as CSV and Parquet.

    `kinds` gives for a table the part of the IRI of its entities (`https://w3id.org/clirld/id/{kind}/{key}`),
    `license_` is that of all files of the group, where they have one, `titles` what the group is called,
    `sha256_of` the SHA-256 of a file.
    """
    stages.write_json(folder / CSVW_FILE, _csvw(tables, kinds, license_, titles))
    stages.write_json(folder / PACKAGE_FILE, _package(folder, tables, license_, titles, sha256_of))


def _csvw(
    tables: Sequence[Table], kinds: Mapping[str, str], license_: str | None, titles: Mapping[str, str]
) -> dict[str, Any]:
    """W3C Metadata Vocabulary for Tabular Data, 17 December 2015."""
    group: dict[str, Any] = {"@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], "dc:title": _texts(titles)}
    if license_:
        group["dc:license"] = {"@id": license_}
    described = []
    for table in tables:
        schema: dict[str, Any] = {"columns": [_csvw_column(name, column) for name, column in columns_of(table).items()]}
        if table.name in kinds:
            schema["aboutUrl"] = f"{BASE}id/{kinds[table.name]}/{{+key}}"
        texts = {"dc:title": _texts(table.title), "dc:description": _texts(table.description)}
        described.append({"url": f"{table.name}.csv", **texts, "tableSchema": schema})
    return {**group, "tables": described}


def _csvw_column(name: str, column: Column | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": name, "titles": name, "dc:title": _texts(_title(name, column))}
    entry["datatype"] = _datatype(name, column)
    if column is None or column.required:
        entry["required"] = True
    if column and column.list:
        entry["separator"] = LIST_SEPARATOR
    return entry


def _package(
    folder: Path,
    tables: Sequence[Table],
    license_: str | None,
    titles: Mapping[str, str],
    sha256_of: Callable[[Path], str],
) -> dict[str, Any]:
    """Data Package, version 1 of its profile, which its readers know."""
    resources = []
    for table in tables:
        path = folder / f"{table.name}.csv"
        fields = [_package_field(name, column) for name, column in columns_of(table).items()]
        resources.append(
            {
                "profile": "tabular-data-resource",
                "name": table.name.replace("_", "-"),
                "path": path.name,
                "title": f"{table.title['fr']} / {table.title['en']}",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": path.stat().st_size,
                "hash": f"sha256:{sha256_of(path)}",
                "schema": {"fields": fields, "missingValues": [""]},
            }
        )
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"clirld-{folder.name}",
        "title": f"{titles['fr']} / {titles['en']}",
        "homepage": BASE,
        "resources": resources,
    }
    return package | ({"licenses": [{"path": license_}]} if license_ else {})


def _package_field(name: str, column: Column | None) -> dict[str, Any]:
    datatype = _datatype(name, column)
    title = _title(name, column)
    is_list = column is not None and column.list
    field: dict[str, Any] = {
        "name": name,
        "title": f"{title['fr']} / {title['en']}",
        "type": "string" if is_list else _PACKAGE_TYPES.get(datatype, datatype),
    }
    if datatype == "anyURI" and not is_list:
        field["format"] = "uri"
    if is_list:
        field["description"] = f"several values with “{LIST_SEPARATOR}” between them"
    if column is None or column.required:
        field["constraints"] = {"required": True}
    return field


def columns_of(table: Table) -> dict[str, Column | None]:
    """The columns of a published table in their order; None for those that every table has."""
    published = {column.name: column for column in table.published}
    return {name: published.get(name) for name in (*table.schema, "license")}


def _datatype(name: str, column: Column | None) -> str:
    if column is None:
        return {"row": "integer", "license": "anyURI"}.get(name, "string")
    return _DATATYPES.get(column.type, "string")


def _title(name: str, column: Column | None) -> Mapping[str, str]:
    return (column.title if column else None) or _STANDARD_TITLES.get(name, {"fr": name, "en": name})


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]
