"""The mapping: canonical tables → RDF patterns, read from `ontology/mapping.yarrrml` and checked when loaded.

The language is a function-free subset of YARRRML (https://rml.io/yarrrml/spec/), described at the head of
that file. Anything outside the subset is an error that names its line: nothing is ever ignored silently.
`clirld.map.nquads` turns what is loaded here into N-Quads.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from clirld import yamlfile
from clirld.errors import MappingError
from clirld.settings import BASE
from clirld.vocabulary.tables import STANDARD_COLUMNS, Column, Table, Tables

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

_REFERENCE = re.compile(r"\$\(([^()]*)\)")
_FREE_TEXT = {"text", "name", "street"}
_NOT_IN_TEMPLATES = {*_FREE_TEXT, "url", "date", "datetime", "wkt", "polygon", "latitude", "longitude"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\~]+")
_IRI_PART = re.compile(r"[^\x00-\x20<>\"{}|^`\\~]*")  # RFC 3987, and no ~, which is YARRRML's own

_XSD = "http://www.w3.org/2001/XMLSchema#"
DATATYPES = {
    *(_XSD + name for name in ("anyURI", "boolean", "date", "dateTime", "decimal", "gYear", "integer", "token")),
    "http://www.opengis.net/ont/geosparql#wktLiteral",
}
"""Datatypes that a literal may have."""


@dataclass(frozen=True, slots=True)
class Template:
    """Constant texts and columns in turn: texts[0] columns[0] texts[1] … ; one text more than columns."""

    texts: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def constant(self) -> str | None:
        """The text of a template without columns."""
        return self.texts[0] if not self.columns else None

    @property
    def whole_column(self) -> str | None:
        """The column of a template that is nothing but one column."""
        return self.columns[0] if self.texts == ("", "") else None


@dataclass(frozen=True, slots=True)
class PredicateObject:
    """One predicate and its object; `list_column` is the column that gives several objects, if any."""

    predicate: str
    object: Template
    kind: Literal["iri", "literal"]
    datatype: str | None = None
    language: str | None = None
    list_column: str | None = None
    needs_escaping: bool = False
    """Whether the text may hold characters that N-Quads wants escaped."""


@dataclass(frozen=True, slots=True)
class TriplesMap:
    """What one row of `table` becomes."""

    name: str
    table: str
    subject: Template
    graph: Template
    objects: tuple[PredicateObject, ...]


@dataclass(frozen=True, slots=True)
class RdfMapping:
    """The whole mapping, by table, in the order of the file."""

    prefixes: Mapping[str, str]
    maps: tuple[TriplesMap, ...]

    def of_table(self, table: str) -> list[TriplesMap]:
        """The triples maps of one table."""
        return [triples_map for triples_map in self.maps if triples_map.table == table]

    def entity_kinds(self) -> dict[str, str]:
        """Table whose rows are entities of their own → the part of their IRI that says which: `/id/{kind}/{key}`."""
        base = f"{BASE}id/"
        return {
            one.table: prefix.removeprefix(base).rstrip("/")
            for one in self.maps
            for prefix, *rest in [one.subject.texts]
            if one.subject.columns == ("key",) and rest == [""] and prefix.startswith(base)
        }


def load(path: Path, tables: Tables, terms: Collection[str]) -> RdfMapping:
    """Read and check the mapping.

    `terms` are the IRIs that a predicate or a class may be: those of the ontology and declared vocabularies.
    Raises MappingError, naming file and line, for anything outside the subset, an unknown prefix, table,
    column or term, and for a column that cannot be used where it stands.
    """
    reader = _MappingReader(yamlfile.load(path, MappingError), {}, tables, terms)
    reader.entry((), {"prefixes", "mappings"})
    for prefix, iri in reader.entry(("prefixes",)).items():
        if not isinstance(iri, str) or not _IRI.fullmatch(iri):
            reader.fail(("prefixes", prefix), f"“{iri}” is not an IRI", "give the namespace of a vocabulary")
        reader.prefixes[prefix] = iri
    return RdfMapping(reader.prefixes, tuple(map(reader.triples_map, reader.entry(("mappings",)))))


@dataclass(frozen=True, slots=True)
class _MappingReader:
    file: yamlfile.YamlFile
    prefixes: dict[str, str]
    tables: Tables
    terms: Collection[str]

    def entry(self, at: tuple[str, ...], allowed: Collection[str] = ()) -> Mapping[str, Any]:
        """The mapping that stands at `at`, with no other keys than the `allowed` ones."""
        entry = self.file.data
        for key in at:
            entry = entry.get(key)
        if not isinstance(entry, dict):
            self.fail(at, f"{' '.join(at)} is {entry}", "see the head of the file for what it may hold")
        for key in entry:
            if allowed and key not in allowed:
                what = f"“{key}” is not in the subset of YARRRML used here"
                # The place of the key itself, so that its line is named.
                self.fail((*at, key), what, f"use only: {', '.join(sorted(allowed))}")
        return entry

    def triples_map(self, name: str) -> TriplesMap:
        """The triples map of that name."""
        at = ("mappings", name)
        entry = self.entry(at, {"sources", "s", "graphs", "po"})
        sources = entry.get("sources")
        if not isinstance(sources, list) or len(sources) != 1 or str(sources[0]) not in self.tables:
            self.fail((*at, "sources"), f"sources is {sources}", f"give one of: {', '.join(self.tables)}")
        table = self.tables[sources[0]]
        objects = entry.get("po")
        if not isinstance(objects, list) or not objects:
            self.fail((*at, "po"), "po is not a list", "give [predicate, object] pairs")
        return TriplesMap(
            name=name,
            table=table.name,
            subject=self._iri((*at, "s"), table, entry.get("s")),
            graph=self._iri((*at, "graphs"), table, entry.get("graphs")),
            objects=tuple(self._object((*at, "po", n), table, one) for n, one in enumerate(objects)),
        )

    def _iri(self, at: Sequence[str | int], table: Table, text: object) -> Template:
        if not isinstance(text, str):
            self.fail(at, f"{at[-1]} is {text}", "give an IRI template such as id:initiative/$(key)")
        template = self._template(at, table, text)
        self._check_absolute(at, template)
        if any(self._column(at, table, name).list for name in template.columns):
            self.fail(at, "a list column cannot be in a subject or a graph", "use a column with one value")
        self._check_safe(at, table, template)
        return template

    def _object(self, at: Sequence[str | int], table: Table, entry: object) -> PredicateObject:
        if not isinstance(entry, list) or len(entry) not in (2, 3) or not all(isinstance(e, str) for e in entry):
            self.fail(
                at,
                f"{entry} is not in the subset",
                "write [predicate, object] or [predicate, object, datatype]",
            )
        predicate = RDF_TYPE if entry[0] == "a" else self._expand(at, entry[0])
        if predicate != RDF_TYPE:
            self._check_term(at, predicate)
        text, iri = entry[1].removesuffix("~iri"), entry[1].endswith("~iri")
        qualifier = entry[2] if len(entry) == 3 else None
        if "$(" not in text:
            if qualifier:
                self.fail(at, "a constant literal is not in the subset", "give a term such as clir:Initiative")
            constant = Template((self._expand(at, text),), ())
            self._check_term(at, constant.texts[0])
            return PredicateObject(predicate, constant, "iri")
        if iri:
            if qualifier:
                self.fail(at, "an IRI has no datatype or language", "remove the third item")
            template = self._template(at, table, text)
            if template.whole_column is None:
                self._check_absolute(at, template)
                self._check_safe(at, table, template)
            elif self._column(at, table, template.columns[0]).type != "url":
                self.fail(at, f"{text} is not of type url", "a whole column is an IRI only when it is of type url")
            return PredicateObject(predicate, template, "iri", list_column=self._list_column(at, table, template))
        if (reference := _REFERENCE.fullmatch(text)) is None:
            self.fail(at, f"“{text}” is a template, not one column", "a literal is one whole column: $(column)")
        if predicate == RDF_TYPE:
            self.fail(at, "a class is an IRI, not a literal", "end the object with ~iri")
        column = self._column(at, table, reference[1])
        language = qualifier.removesuffix("~lang") if qualifier and qualifier.endswith("~lang") else None
        if language is not None and not _LANGUAGE.fullmatch(language):
            self.fail(at, f"“{language}” is not a language tag", "write it in lower case, such as fr~lang")
        datatype = self._expand(at, qualifier) if qualifier and language is None else None
        if datatype and datatype not in DATATYPES:
            self.fail(at, f"<{datatype}> is no known datatype", f"use one of: {', '.join(sorted(DATATYPES))}")
        return PredicateObject(
            predicate,
            Template(("", ""), (column.name,)),
            "literal",
            datatype=datatype,
            language=language,
            list_column=column.name if column.list else None,
            needs_escaping=column.type in _FREE_TEXT,
        )

    def _template(self, at: Sequence[str | int], table: Table, text: str) -> Template:
        pieces = _REFERENCE.split(text)  # one group in the pattern: texts and columns in turn
        columns = tuple(self._column(at, table, name).name for name in pieces[1::2])
        texts = list(pieces[0::2])
        if "$(" in "".join(texts):
            self.fail(at, f"“{text}” has a reference that is not closed", "write $(column)")
        if not all(map(_IRI_PART.fullmatch, texts)):
            self.fail(at, f"“{text}” has a character that an IRI cannot have", "remove spaces and signs")
        if texts[0]:
            texts[0] = self._expand(at, texts[0])
        return Template(tuple(texts), columns)

    def _check_absolute(self, at: Sequence[str | int], template: Template) -> None:
        if not template.texts[0]:
            self.fail(at, "an IRI starts with a column", "start it with a prefix: id:initiative/$(key)")

    def _list_column(self, at: Sequence[str | int], table: Table, template: Template) -> str | None:
        lists = [name for name in template.columns if self._column(at, table, name).list]
        if len(lists) > 1:
            self.fail(at, f"two list columns: {', '.join(lists)}", "an object may name one list column")
        return lists[0] if lists else None

    def _check_safe(self, at: Sequence[str | int], table: Table, template: Template) -> None:
        for name in template.columns:
            if (kind := self._column(at, table, name).type) in _NOT_IN_TEMPLATES:
                self.fail(at, f"$({name}) is of type {kind}, not safe in an IRI", "use a key, a code or a concept")

    def _column(self, at: Sequence[str | int], table: Table, name: str) -> Column:
        if name in STANDARD_COLUMNS:
            return Column(name, "integer" if name == "row" else "key")
        if name not in table.columns or table.columns[name].helper:
            published = [*STANDARD_COLUMNS, *(column.name for column in table.published)]
            self.fail(at, f"no column {name} in table {table.name}", f"use one of: {', '.join(published)}")
        return table.columns[name]

    def _expand(self, at: Sequence[str | int], curie: str) -> str:
        prefix, colon, rest = curie.partition(":")
        if not colon or prefix not in self.prefixes:
            self.fail(at, f"“{curie}” has no known prefix", f"use one of: {', '.join(self.prefixes)}")
        return self.prefixes[prefix] + rest

    def _check_term(self, at: Sequence[str | int], iri: str) -> None:
        if iri not in self.terms:
            self.fail(
                at,
                f"<{iri}> is in no declared vocabulary",
                "declare it in clirld.ttl or ontology/vocabularies.yaml",
            )

    def fail(self, at: Sequence[str | int], what: str, do: str) -> NoReturn:
        """Raise what is wrong at a place of the file."""
        raise MappingError(what, where=self.file.where(at), do=do)
