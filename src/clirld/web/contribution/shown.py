"""What a correction form shows of a thing, and what a preview shows of what would be published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from clirld.contributions.fields import ADDRESS, ADDRESS_COLUMNS, ADDRESS_TYPES, Correctable, correctables
from clirld.contributions.inbox import Submission
from clirld.contributions.statements import Statement, Thing, contradicted, editable
from clirld.project import Project
from clirld.settings import BASE
from clirld.web.contribution.said import UNSAID, in_words
from clirld.web.contribution.words import Choices, field_labels
from clirld.web.documents.naming import Naming, literal_text, names, whole

_TERRITORY = f"{BASE}id/territory/"
_CONCEPT = f"{BASE}concept/"
_TYPE = whole("rdf:type")
_DERIVED = whole("prov:wasDerivedFrom")
_UNSHOWN = (_TYPE, _DERIVED, whole("rov:legalName"))
_LABELS = (whole("rdfs:label"), whole("skos:prefLabel"))


@dataclass(frozen=True, slots=True)
class Row:
    """A statement that can be corrected: its id, the texts that the form shows, its sources, and a word more."""

    id: str
    shown: tuple[str, ...]
    sources: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What can be corrected of one property."""

    correctable: Correctable
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def has(self, statement: str) -> bool:
        """Whether a statement is one of them."""
        return any(row.id == statement for row in self.rows)


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing as the form of a correction has it. `others` are the statements of which one can say they are wrong."""

    name: str
    kind: str
    groups: tuple[Group, ...]
    others: tuple[tuple[str, str], ...]
    contradicts: Mapping[str, Mapping[str, Any]]

    def led_by(self, statement: str) -> Shown:
        """The same with the group of a statement first."""
        return replace(self, groups=tuple(sorted(self.groups, key=lambda one: not one.has(statement))))


def shown(found: Thing, naming: Naming, choices: Choices, according_to: str) -> Shown:
    """A thing of the release, ready to be corrected."""
    by_column = editable(found)
    groups: list[Group] = []
    contradicts: dict[str, dict[str, Any]] = {}
    for one in correctables(found.kind):
        rows = []
        columns = ADDRESS_COLUMNS if one.property == ADDRESS else (one.column,)
        for statement in by_column[one.column]:
            row = _row(statement, one, naming, choices)
            rows.append(row)
            contradicts[statement.id] = _contradicts(statement, one.column, list(row.shown))
        groups.append(Group(one, columns, tuple(rows)))
    others = []
    for statement in by_column[""]:
        if statement.predicate not in UNSAID:
            text = f"{naming.property(statement.predicate)} : {in_words(statement, naming)}"
            others.append((statement.id, f"{text} ({according_to} {_sources(statement, naming)})"))
            contradicts[statement.id] = _contradicts(statement, "", [in_words(statement, naming)])
    return Shown(naming.label(found.iri), found.kind, tuple(groups), tuple(others), contradicts)


def _contradicts(statement: Statement, column: str, texts: list[str]) -> dict[str, Any]:
    return {
        "property": statement.predicate,
        "column": column,
        "shown": texts,
        "columns": contradicted(statement),
    }


def _row(statement: Statement, one: Correctable, naming: Naming, choices: Choices) -> Row:
    sources = _sources(statement, naming)
    if one.property == ADDRESS:
        return Row(statement.id, statement.parts, sources)
    value = statement.value.value
    if one.type.type == "concept" and value.startswith(_CONCEPT):
        return Row(statement.id, (choices.label(one.type.of, value.rpartition("/")[2]),), sources)
    if one.type.type == "territory" and value.startswith(_TERRITORY):
        level, _, code = value.removeprefix(_TERRITORY).rpartition("-")
        return Row(statement.id, (f"{level.replace('-', ' ')} {code}",), sources, naming.label(value))
    return Row(statement.id, (value,), sources)


def _sources(statement: Statement, naming: Naming) -> str:
    return ", ".join(naming.label(f"{BASE}graph/{name}") for name in statement.sources)


@dataclass(slots=True)
class Told:
    """What would be published of one thing: its name, its kind, and its values by property."""

    name: str
    kind: str
    facts: dict[str, list[str]] = field(default_factory=dict)


def preview(quads: Iterable[Quad], naming: Naming) -> list[Told]:
    """What would be published, thing by thing, in the words of the pages."""
    quads = list(quads)
    own = _own_labels(quads)
    order = {whole(name): number for number, name in enumerate(names()["properties"])}
    things: dict[str, Told] = {}
    for quad in sorted(quads, key=lambda one: order.get(one.predicate.value, len(order))):
        iri = str(quad.subject).strip("<>")
        kind = iri.removeprefix(f"{BASE}id/").partition("/")[0]
        if quad.predicate.value in _UNSHOWN or kind in ("address", "geometry", "statement", "correction", "amount"):
            continue
        told = things.setdefault(iri, Told(own.get(iri) or naming.label(iri), naming.kind(kind)))
        value = quad.object
        text = own.get(str(value).strip("<>")) or (
            naming.label(value.value) if isinstance(value, NamedNode) else literal_text(value)
            if isinstance(value, Literal) else str(value)
        )  # fmt: skip
        if text != told.name or quad.predicate.value not in _LABELS:
            told.facts.setdefault(naming.property(quad.predicate.value), []).append(text)
    return list(things.values())


def _own_labels(quads: Iterable[Quad]) -> dict[str, str]:
    """What is called how by what would be published itself: names, and the words of addresses."""
    labels: dict[str, str] = {}
    addresses: dict[str, dict[str, str]] = {}
    parts = [whole(name) for name in ("locn:thoroughfare", "locn:postCode", "locn:postName")]
    for quad in quads:
        iri = str(quad.subject).strip("<>")
        if quad.predicate.value == _LABELS[0] and isinstance(quad.object, Literal):
            labels[iri] = quad.object.value
        elif quad.predicate.value in parts and isinstance(quad.object, Literal):
            addresses.setdefault(iri, {})[quad.predicate.value] = quad.object.value
    return labels | {iri: " ".join(words[part] for part in parts if part in words) for iri, words in addresses.items()}


def name_of(one: Submission, label: Any) -> str:
    """What a submission is called among others."""
    own = one.fields.get("name") or one.fields.get("titre")
    return str(own if own and one.kind != "correction" else label(one.about) if one.about else one.number)


def changes_of(one: Submission, labels: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What a correction changes: the property, what was said when it was sent, what it says instead."""
    changes = []
    for statement, told in one.contradicts.items():
        column, before = told["column"], list(told["shown"])
        parts = list(ADDRESS_TYPES) if column == "address" else [column]
        after = [one.fields.get(f"{part}.{statement}", "") for part in parts]
        if after != before or one.fields.get("wrong") == statement:
            name = labels.get(column) or told["property"].rpartition("#")[2].rpartition("/")[2]
            changes.append((name, " ".join(filter(None, before)), " ".join(filter(None, after)) if column else ""))
    changes += [
        (labels[name], "", text)
        for name, text in one.fields.items()
        if one.kind == "correction" and name in labels and name not in ("remark", "page")
    ]
    return changes


def typed(one: Submission, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was typed, by the names of the fields: of a correction not what was left as it was."""
    unchanged = {
        f"{part}.{statement}": text
        for statement, told in one.contradicts.items()
        for part, text in zip(
            ADDRESS_COLUMNS if told["column"] == "address" else [told["column"]], told["shown"], strict=True
        )
    }
    return [
        (labels.get(name.partition(".")[0], name.replace(".", " ")), text)
        for name, text in one.fields.items()
        if text != unchanged.get(name) and name != "wrong"
    ]


def besides(fields: Mapping[str, str], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """What would be published with the changes of a correction: why, and the page that shows it."""
    return [(labels[name], fields[name]) for name in ("remark", "page") if fields.get(name, "").strip()]


def as_sent(one: Submission, project: Project, naming: Naming) -> dict[str, Any]:
    """What a receipt says of a submission: what it is about, what it changes, what was typed, and who says it."""
    labels = field_labels(project, naming.language)
    changes = [change for change in changes_of(one, labels) if change[1]] if one.kind == "correction" else []
    told = {(label, after) for label, _before, after in changes}
    return {
        "about": naming.label(one.about) if one.about else "",
        "role": Choices(project, naming.language).label("contributor-role", one.contributor_role),
        "changes": changes,
        "typed": [pair for pair in typed(one, labels) if pair not in told],
    }
