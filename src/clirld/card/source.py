"""The source card: `pipelines/sources/<id>/source.yaml`, typed, and checked against the canonical tables.

The card says who publishes, under which licence, where the bytes are, and what every column means. It is
also the DCAT record of the source (`clirld.release.catalog`). Its JSON Schema is generated from these models
(`clirld source schema`), so that an editor completes and checks it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from clirld import yamlfile
from clirld.card.model import Card, Distribution, Rows, Target
from clirld.errors import CardError, ClirldError, UsageError
from clirld.values.text import unaccented
from clirld.vocabulary.tables import ROLE_COLUMNS, Column, Tables
from clirld.vocabulary.terms import Vocabulary

_RDF_SUFFIXES = {"turtle": "ttl", "ntriples": "nt", "rdfxml": "rdf", "jsonld": "jsonld"}

JOINED_TYPES = ("name", "text", "street")
"""Types of texts that several columns may give together."""

USED = "used"
"""What a column of a source with a `records.py` is mapped to: the function uses it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source: its card and its folder."""

    card: Card
    folder: Path

    @property
    def id(self) -> str:
        """Identifier, last part of its named graph's IRI."""
        return self.card.id

    @property
    def harvested(self) -> list[str]:
        """Ids of the sources whose tables it is made of."""
        return [one.harvested.source for one in self.card.distributions.values() if one.harvested]

    @property
    def function(self) -> Path | None:
        """`records.py`, where columns are not enough."""
        path = self.folder / "records.py"
        return path if path.exists() else None

    @property
    def code(self) -> list[Path]:
        """`records.py` and the modules beside it, which it may import."""
        return sorted(self.folder.glob("*.py")) if self.function else []

    def sample(self, distribution: str) -> Path | None:
        """The sample of a distribution: `sample.<format>`, or `sample/<distribution>.<format>`; of a ZIP, unpacked.

        RDF has the usual ending of its syntax.
        """
        layout = self.card.distributions[distribution]
        suffix = _RDF_SUFFIXES[layout.syntax or "turtle"] if layout.format == "rdf" else layout.format
        if suffix == "cases":
            return folder if (folder := self.folder / "sample").is_dir() else None
        several = self.folder / "sample" / f"{distribution}.{suffix}"
        single = self.folder / f"sample.{suffix}"
        return next((path for path in (several, single) if path.exists()), None)


def load(folder: Path, tables: Tables, vocabulary: Vocabulary) -> Source:
    """Read and check one source's folder.

    Raises CardError, naming file and line, for anything unknown, missing, or not in the canonical tables.
    """
    file = yamlfile.load(folder / "source.yaml", CardError, text=True)
    try:
        card = Card.model_validate(_plain(file.data))
    except ValidationError as problem:
        raise _card_error(problem, file) from None
    _CardChecker(file, card, folder, tables, vocabulary).check()
    return Source(card, folder)


def _plain(node: Any) -> Any:
    """The containers of a YAML file as plain ones."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node


def _card_error(problem: ValidationError, file: yamlfile.YamlFile) -> CardError:
    """The error of a card: all fields that are to be filled, or else the first that is wrong."""
    errors = [([part for part in error["loc"] if part not in _UNION_PARTS], error) for error in problem.errors()]
    # A field without a value is null in YAML: pydantic then says that it is no text, or none of the choices.
    not_given = ("string_type", "literal_error")
    empty = [path for path, error in errors if error["type"] in not_given and error["input"] is None]
    if len(empty) > 1:
        lines = ", ".join(f"{_dotted_path(path)} ({file.line(path)})" for path in empty)
        what = f"{len(empty)} fields are empty: {lines}"
        return CardError(what, where=file.where(empty[0]), do="fill them; the lines are in brackets")
    # A name that is not known comes first: it is mostly why another one is missing.
    path, first = min(errors, key=lambda pair: pair[1]["type"] != "extra_forbidden")
    do = _suggestion(first) or "see docs/add-a-source.md"
    return CardError(f"{_dotted_path(path)}: {_reason(first)}", where=file.where(path), do=do)


_UNION_PARTS = ("Target", "str", "none", "[key]")
"""Parts of pydantic's path of an error that are no part of the card."""


def _dotted_path(path: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in path)


def _reason(error: Any) -> str:
    missing, unknown, empty = "is missing", "is not a field of a card", "is empty, or not a text"
    reasons = {"missing": missing, "extra_forbidden": unknown, "string_type": empty}
    if error["type"] == "literal_error":
        return f"“{error['input']}” is none of {error['ctx']['expected'].replace(' or ', ', ')}"
    return reasons.get(error["type"], str(error["msg"]).removeprefix("Value error, "))


def _suggestion(error: Any) -> str | None:
    """What was probably meant: a field's or a value's name with a slip in it, or its French name."""
    if error["loc"] == ("license",):
        return "give the address of a licence, one of those in ontology/licences.yaml"
    if error["type"] == "extra_forbidden":
        written, allowed = str(error["loc"][-1]), _FIELD_NAMES
    elif error["type"] == "literal_error":
        written, allowed = str(error["input"]), re.findall(r"'([^']*)'", error["ctx"]["expected"])
    else:
        return None
    french = _FRENCH_NAMES.get(unaccented(written))
    similar = [french] if french in allowed else get_close_matches(written, allowed, n=1)
    return f"did you mean {similar[0]}?" if similar else None


_FIELD_NAMES = sorted({name for model in (Card, Distribution, Rows, Target) for name in model.model_fields} | {"from"})
_FRENCH_NAMES = {
    "titre": "title",
    "licence": "license",
    "producteur": "publisher",
    "frequence": "frequency",
    "colonnes": "columns",
    "constantes": "constants",
    "quotidien": "daily",
    "quotidienne": "daily",
    "hebdomadaire": "weekly",
    "mensuel": "monthly",
    "mensuelle": "monthly",
    "trimestriel": "quarterly",
    "trimestrielle": "quarterly",
    "semestriel": "biannual",
    "semestrielle": "biannual",
    "annuel": "annual",
    "annuelle": "annual",
    "jamais": "never",
    "irregulier": "irregular",
    "irreguliere": "irregular",
}


def load_all(folder: Path, tables: Tables, vocabulary: Vocabulary) -> tuple[dict[str, Source], dict[str, ClirldError]]:
    """All sources of a folder, by id, and those whose card cannot be used, with why.

    `territories` comes first, since the others are placed with it; what is made of tables of others comes last.
    """
    if not folder.is_dir():
        raise UsageError("there is no such folder of sources", where=str(folder), do="set CLIRLD_SOURCES")
    sources: dict[str, Source] = {}
    broken: dict[str, ClirldError] = {}
    for path in sorted(folder.glob("*/source.yaml"), key=lambda path: (path.parent.name != "territories", path)):
        try:
            sources[path.parent.name] = load(path.parent, tables, vocabulary)
        except CardError as error:
            broken[path.parent.name] = error
    # What is made of others' tables comes after them.
    sources = dict(sorted(sources.items(), key=lambda item: bool(item[1].harvested)))
    # A record's IRI is <source>-<identifier>: “a” with the record “b-1” and “a-b” with “1” would both make a-b-1.
    for name in [one for one in sources if any(one.startswith(f"{other}-") for other in sources)]:
        what = "id begins with that of another source: records of both could get the same IRI"
        broken[name] = CardError(what, where=str(sources.pop(name).folder / "source.yaml"), do="take another id")
    return sources, broken


@dataclass(frozen=True, slots=True)
class _CardChecker:
    """What pydantic cannot see: the card against its folder, the tables and the schemes."""

    file: yamlfile.YamlFile
    card: Card
    folder: Path
    tables: Tables
    vocabulary: Vocabulary

    def check(self) -> None:
        if self.card.id != self.folder.name:
            self._fail(["id"], f"id is {self.card.id}, the folder is {self.folder.name}", "give both the same name")
        if self.card.license not in self.vocabulary.licences:
            allowed = [f"{iri} ({licence.titles['fr']})" for iri, licence in self.vocabulary.licences.items()]
            licences = "\n    ".join(allowed)
            self._fail(["license"], f"{self.card.license} is not an allowed licence", f"use one of:\n    {licences}")
        for name, distribution in self.card.distributions.items():
            place, cases = self.folder / (distribution.path or ""), distribution.format == "cases"
            if distribution.path and not (place.is_dir() if cases else place.is_file()):
                what = f"no {'folder' if cases else 'file'} {distribution.path} here"
                self._fail(["distributions", name, "path"], what, "add it")
        for n, rows in enumerate(self.card.records):
            self._check_rows(n, rows)
        for name in self.card.assertions.rows:
            if name not in self.card.distributions:
                self._fail(["assertions", "rows", name], f"no distribution {name}", "name one of this card")
        for name in self.card.assertions.filled:
            _table, column = self._canonical_column(["assertions", "filled", name], None, name)
            if column.helper:
                self._fail(["assertions", "filled", name], f"{name} is not kept", "name a column that is published")
        for name in self.card.guards.identifiers:
            self._canonical_column(["guards", "identifiers", name], None, name)

    def _check_rows(self, n: int, rows: Rows) -> None:
        path: list[str | int] = ["records", n]
        if rows.source not in self.card.distributions:
            self._fail([*path, "from"], f"no distribution {rows.source}", "name one of this card")
        if rows.source in [earlier.source for earlier in self.card.records[:n]]:
            self._fail([*path, "from"], f"{rows.source} is there twice", "give a distribution one entry under records")
        if (self.folder / "records.py").exists():
            for column, target in rows.columns.items():
                if target not in (USED, None):
                    self._fail([*path, "columns", column], f"is {target}", "beside a records.py: used, or ~")
            for field in ("constants", "departements", "keep", "listed", "withhold", "not_persons"):
                if getattr(rows, field):
                    self._fail([*path, field], "has no effect beside a records.py", "do it there, with its reason")
            for name in rows.gives:
                self._canonical_column([*path, "gives", name], None, name)
            return
        if rows.gives:
            self._fail([*path, "gives"], "has no effect without a records.py", "remove it: each row is a record")
        if rows.table not in self.tables or rows.table == "record":
            self._fail([*path, "table"], f"no table {rows.table}", f"use one of: {', '.join(self.tables)}")
        targets = [(column, target) for column in rows.columns for target in rows.targets(column)]
        if not any(target.to == "record.identifier" for _column, target in targets):
            self._fail([*path, "columns"], "no column goes to record.identifier", "say which column identifies a row")
        for column, target in targets:
            self._check_target([*path, "columns", column], rows.table, target)
        for name, value in rows.constants.items():
            table, filled = self._fillable_column([*path, "constants", name], rows.table, name)
            if table == "record":
                self._fail([*path, "constants", name], "is of the source, for each row", "map a column to it")
            self._check_concepts([*path, "constants", name], filled, {value})
        given = {target.to for _column, target in targets}
        self._check_required(path, rows, given | rows.constants.keys())
        self._check_roles(path, rows, given)
        for name in rows.keep:
            if name not in rows.columns:
                self._fail([*path, "keep", name], f"no column {name}", "name a column of the file")
        for name in rows.not_persons:
            if name not in rows.columns:
                self._fail([*path, "not_persons"], f"no column {name}", "name a column of the file")
        for name in rows.listed:
            if name not in rows.keep:
                self._fail([*path, "listed"], f"{name} is not under keep", "name columns of keep")

    def _check_required(self, path: list[str | int], rows: Rows, given: Collection[str]) -> None:
        """Of concepts that are required, a registry of one kind has no column: without them no row makes anything."""
        table = rows.table or ""
        for name, column in self.tables[table].columns.items():
            if column.required and column.type == "concept" and not {name, f"{table}.{name}"} & set(given):
                slugs = ", ".join(self._slugs(column))
                what = f"nothing gives {name}, which every row of {table} must have"
                self._fail(path, what, f"add constants: {{{name}: …}} to this entry of records, with one of: {slugs}")

    def _check_roles(self, path: list[str | int], rows: Rows, given: Collection[str]) -> None:
        """Of a grant, the organization of the row is the funder only if the card gives it no other role."""
        names = {f"participation.{name}" for name in ROLE_COLUMNS}
        roles = [] if names & set(given) else [rows.constants[name] for name in sorted(names & rows.constants.keys())]
        for table in {name.partition(".")[0] for name in {*given, *rows.constants} if "." in name} & self.tables.keys():
            for name, column in self.tables[table].columns.items():
                to = f"{table}.{name}"
                if column.required and not column.means(roles) and to not in {*given, *rows.constants}:
                    what = f"nothing gives {to}: the organization of a row is {roles[0]}"
                    do = f"add constants: {{{to}: …}} with the key of an organization, or a column with a lookup"
                    self._fail(path, what, do)

    def _check_target(self, path: list[str | int], primary: str | None, target: Target) -> None:
        _table, column = self._fillable_column(path, primary, target.to)
        if target.lookup and target.lookup not in self.card.lookups:
            self._fail(path, f"no lookup {target.lookup}", "add it to lookups")
        if target.by and column.type != "concept":
            self._fail(path, f"by: {target.by} is for concepts, {target.to} is of type {column.type}", "remove by")
        if target.join is not None and (column.list or column.type not in JOINED_TYPES):
            self._fail(
                path, f"join is for one text, {target.to} is none", f"remove join; it is for: {', '.join(JOINED_TYPES)}"
            )
        if (target.level is not None) != (column.type == "territory"):
            do = "level goes with columns of type territory, always"
            self._fail(path, f"{target.to} is of type {column.type}", do)
        if target.lookup and not target.by:
            values = {value for value in self.card.lookups[target.lookup].values() if value is not None}
            self._check_concepts(["lookups", target.lookup], column, values)

    def _check_concepts(self, path: list[str | int], column: Column, values: Collection[str]) -> None:
        """What the card itself says must be known; what the source says is looked at when it is read."""
        if column.type == "concept" and (unknown := sorted(set(values) - set(self._slugs(column)))):
            allowed = ", ".join(self._slugs(column))
            self._fail(path, f"{unknown[0]} is not a concept of {column.scheme}", f"use one of: {allowed}")

    def _slugs(self, column: Column) -> Collection[str]:
        return self.vocabulary.concepts.get(column.scheme or "", {})

    def _fillable_column(self, path: list[str | int], primary: str | None, name: str) -> tuple[str, Column]:
        """As `_canonical_column`, for what a card may fill."""
        table, column = self._canonical_column(path, primary, name)
        if table == "record" and column.name not in ("identifier", "page"):
            self._fail(path, f"{name} is filled by the engine", "use record.identifier or record.page")
        if column.sources:
            self._fail(path, f"{name} is filled from others", f"give {', '.join(column.sources)} instead")
        if not self.tables[table].key:
            self._fail(path, f"rows of {table} have no key of their own", "make them in a records.py")
        return table, column

    def _canonical_column(self, path: list[str | int], primary: str | None, name: str) -> tuple[str, Column]:
        """Table and column that `name` (`column`, or `table.column`) means."""
        first, dot, second = name.partition(".")
        table, column = (first, second) if dot else (primary or "", first)
        if table not in self.tables:
            what = f"no table {table}" if table else f"{name} is of no table"
            self._fail(path, what, f"use <table>.<column>, with one of: {', '.join(self.tables)}")
        columns = self.tables[table].columns
        if column not in columns:
            self._fail(path, f"no column {column} in table {table}", f"use one of: {', '.join(columns)}")
        return table, columns[column]

    def _fail(self, path: list[Any], what: str, do: str) -> NoReturn:
        raise CardError(f"{'.'.join(str(part) for part in path)}: {what}", where=self.file.where(path), do=do)


def json_schema() -> str:
    """JSON Schema of source.yaml, for editors."""
    schema: Mapping[str, Any] = Card.model_json_schema(by_alias=True)
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
