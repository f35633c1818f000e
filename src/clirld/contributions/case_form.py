"""The form of a case on the web, made from the same models as the Markdown form and the spreadsheet.

A field is named as in those: `titre`, and in a list `acteurs.0.nom`, counted from 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clirld.cases.field_types import Part, Type, item_type
from clirld.cases.model import LISTS, Case
from clirld.cases.raw import Location, RawCase
from clirld.contributions.problems import AnyProblem, Problem, lines

MAX_ITEMS = 60
"""Facts of one kind; a case that has more is written as a file."""
_ITEM = re.compile(r"([^.]+)\.([0-9]{1,3})\.([^.]+)")


@dataclass(frozen=True, slots=True)
class FormField:
    """A field as the form shows it: its name in the form and as it is written, and what it has to be."""

    name: str
    label: str
    column: str
    help: str
    type: Type | None
    is_required: bool
    is_list: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The facts of one kind: their numbers in the form, in their order, and the fields of each."""

    name: str
    column: str
    items: tuple[tuple[int, tuple[FormField, ...]], ...]
    next_number: int


def own_fields() -> tuple[FormField, ...]:
    """The fields of the case itself."""
    return tuple(_fields(Case, ""))


def sections(given: Mapping[str, str], more: str = "") -> list[Section]:
    """The lists of a case with the items that are given; `more` is the list that gets one more, an empty one."""
    numbers = _numbers(given)
    if not numbers.get("documents"):
        numbers["documents"] = [0]  # nothing can be said without one
    found = []
    for column, (name, model) in LISTS.items():
        here = numbers.get(name, [])
        following = max(here, default=-1) + 1
        if name == more and len(here) < MAX_ITEMS:
            here = [*here, following]
        items = tuple((number, tuple(_fields(model, f"{name}.{number}."))) for number in here)
        found.append(Section(name, column, items, following))
    return found


def _fields(model: type[Part], start: str) -> list[FormField]:
    return [
        FormField(
            start + name, name, column, info.description or "", kind, bool(info.is_required()), model.is_list(column)
        )
        for column, name, info, kind in model.fields()
        if not item_type(info)
    ]


def _numbers(given: Mapping[str, str]) -> dict[str, list[int]]:
    known = {name for name, _model in LISTS.values()}
    numbers: dict[str, set[int]] = {}
    for field_name in given:
        if (match := _ITEM.fullmatch(field_name)) and match[1] in known:
            numbers.setdefault(match[1], set()).add(int(match[2]))
    return {name: sorted(found) for name, found in numbers.items()}


def raw_case(slug: str, given: Mapping[str, str]) -> tuple[RawCase, list[AnyProblem]]:
    """What the form says, as the reader of cases wants it; the location of everything is its field."""
    raw = RawCase(slug, "")
    problems: list[AnyProblem] = []
    numbers = _numbers(given)
    given = _with_only_document(given, numbers.get("documents", []))
    raw.data |= _item(raw, Case, "", (), given)
    for name, model in LISTS.values():
        here = numbers.get(name, [])
        if len(here) > MAX_ITEMS:
            problems.append(Problem(f"{name}.{here[0]}", "too-many-facts", {"most": str(MAX_ITEMS)}))
            continue
        items: list[dict[str, Any]] = []
        for number in here:
            path = (name, len(items))
            if item := _item(raw, model, f"{name}.{number}.", path, given):
                items.append(item)
        if items:
            raw.data[name] = items
    raw.locations[()] = Location("titre")
    raw.locations.setdefault(("documents",), Location("documents.0.titre"))
    return raw, problems


def _item(
    raw: RawCase, model: type[Part], start: str, path: tuple[str | int, ...], given: Mapping[str, str]
) -> dict[str, Any]:
    item: dict[str, Any] = {}
    fields = _fields(model, start)
    for one in fields:
        raw.locations[(*path, one.label)] = Location(one.name)
        text = given.get(one.name, "").strip()
        if text:
            item[one.label] = list(lines(text)) if one.is_list else text
    if path:
        raw.locations[path] = Location(fields[0].name)
    return item


def _with_only_document(given: Mapping[str, str], documents: list[int]) -> Mapping[str, str]:
    """What the form says, where it has one document, with that one cited by all that cites none."""
    if len(documents) != 1:
        return given
    name = f"documents.{documents[0]}.id"
    cited = given.get(name, "").strip() or "document"
    filled = {**given, name: cited, "selon": given.get("selon", "").strip() or cited}
    for list_name, model in LISTS.values():
        if "according_to" in model.model_fields:
            for number in _numbers(given).get(list_name, []):
                place = f"{list_name}.{number}.selon"
                has_text = any(text.strip() for one, text in given.items() if one.startswith(f"{list_name}.{number}."))
                if has_text and not given.get(place, "").strip():
                    filled[place] = cited
    return filled


def is_field(name: str) -> bool:
    """Whether the form has a field of that name."""
    match = _ITEM.fullmatch(name)
    model = dict(LISTS.values()).get(match[1]) if match else Case
    label = match[3] if match else name
    return model is not None and any(one.label == label for one in _fields(model, ""))
