"""What the forms say, in the language of the reader: names of fields, choices, and what a thing is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from clirld import yamlfile
from clirld.cases.field_types import Type
from clirld.cases.model import LISTS, Case
from clirld.contributions.case_form import FormField
from clirld.contributions.fields import Addition
from clirld.french import spaced_words
from clirld.project import Project
from clirld.query.failure import Language

_MAX_CHOICES = 80
"""Values of a scheme that a list to choose from has; legal forms are more, and the common ones are shown."""


@cache
def labels(language: Language) -> Mapping[str, str]:
    """The words of these pages."""
    said = {name: str(words[language]) for name, words in yamlfile.shipped(__package__, "labels.yaml").items()}
    return spaced_words(said, language)


@cache
def _english() -> Mapping[str, Any]:
    return dict(yamlfile.shipped(__package__, "case_labels.yaml"))


def field_labels(project: Project, language: Language) -> dict[str, str]:
    """What fields are called, by column: those of a new initiative and of corrections."""
    table = project.tables["correction"].columns
    own = {column: name for column, name, *_ in Addition.fields()}
    words = labels(language)
    named = {column: (one.title or {}).get(language, column) for column, one in table.items()}
    if language == "fr":
        named |= own
    return named | {name.removeprefix("field_"): text for name, text in words.items() if name.startswith("field_")}


def case_label(project: Project, one: FormField, table: str, language: Language) -> str:
    """What a field of a case is called: in French as in the other forms of cases."""
    if language == "fr":
        return one.label
    if one.column in _english()["fields"]:
        return str(_english()["fields"][one.column])
    column = project.tables[table].columns.get(one.column) if table in project.tables else None
    return (column.title or {}).get("en", one.label) if column else one.label


def case_help(one: FormField, language: Language) -> str:
    """What to write in a field of a case."""
    return one.help if language == "fr" else str(_english()["help"].get(one.help, ""))


def section_label(column: str, name: str, language: Language) -> str:
    """What a list of facts is called."""
    return name if language == "fr" else str(_english()["sections"][column])


def table_of(column: str) -> str:
    """The table that a list of facts goes to; that of the case itself for an empty name."""
    model: Any = LISTS[column][1] if column else Case
    return str(getattr(model, "table", ""))


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of schemes in one language, in the order of the forms of cases."""

    project: Project
    language: Language

    def of(self, types: Iterable[Type | None]) -> dict[str, list[str]]:
        """The labels of every scheme that fields choose from."""
        schemes = {one.of for one in types if one and one.type == "concept"}
        return {scheme: self.labels(scheme) for scheme in sorted(schemes)}

    def labels(self, scheme: str) -> list[str]:
        """The labels of a scheme; without the many that have a code at the Insee."""
        concepts = self.project.vocabulary.concepts.get(scheme, {})
        current = {slug: one for slug, one in concepts.items() if one.replaced_by is None}
        if len(current) > _MAX_CHOICES:
            current = {slug: one for slug, one in current.items() if not (one.notation or "").isdigit()}
        return [one.labels.get(self.language) or one.labels.get("fr", slug) for slug, one in current.items()]

    def label(self, scheme: str, slug: str) -> str:
        """One value in words."""
        concept = self.project.vocabulary.concepts.get(scheme, {}).get(slug)
        return concept.labels.get(self.language) or slug if concept else slug
