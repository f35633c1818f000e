"""What is wrong with a field of a form, in plain words; and the reading of texts that hold for every form.

The words are those of cases (`cases/problem_messages.yaml`), and those of `messages.yaml` here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as default
from functools import cache
from typing import Any

from clirld import yamlfile
from clirld.cases.field_types import Part, Type
from clirld.cases.raw import Location
from clirld.cases.raw import Problem as CaseProblem
from clirld.cases.values import Values
from clirld.values.personal_data import first_found

MAX_TEXT = 5_000
"""Characters of a text; of a name the cleaner allows 300, of an address of the web browsers allow about as many."""
MAX_LINE = 2_000
MAX_VALUES = 20
"""Values of a field that takes several."""

_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!?]")
_WEB = ("url",)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: the field of the form, and a code of `messages.yaml` with what fills its words."""

    field: str
    code: str
    detail: Mapping[str, str] = default(default_factory=dict)

    def message(self, language: str) -> str:
        """What is wrong, and what to do."""
        words = messages()[self.code][language if language == "en" else "fr"]
        return str(words).format_map(self.detail).strip()


@dataclass(frozen=True, slots=True)
class Said:
    """A problem that brings its own words."""

    field: str
    code: str
    fr: str
    en: str

    def message(self, language: str) -> str:
        """What is wrong, and what to do."""
        return self.en if language == "en" else self.fr


AnyProblem = Problem | Said


@cache
def messages() -> Any:
    """The words of this package."""
    return yamlfile.shipped(__package__, "messages.yaml")


def of_case(problem: CaseProblem) -> Said:
    """A problem that the reader of cases found; its location is a field of the form."""
    told = {language: _first_upper(problem.message(language)) for language in ("fr", "en")}
    if problem.code == "unknown-value":  # the form has the values in a list, so the nearest one is enough
        near, near_en = problem.detail.get("near", ""), problem.detail.get("near_en", "")
        fr = f"Vouliez-vous dire {near}" if near else "Choisissez dans la liste du champ."
        en = f"Did you mean {near_en}" if near_en else "Choose from the list of the field."
    elif problem.code == "personal":
        fr = "Ne nommez personne : l'organisme ou la fonction, sans téléphone ni courriel."
        en = "Name nobody: the organization or the office, without phone number or e-mail address."
    else:
        fr, en = (f"{_first_upper(problem.advice(language))}." for language in ("fr", "en"))
    return Said(problem.location.file, problem.code, f"{told['fr']}. {fr}", f"{told['en']}. {en}")


def _first_upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def text_problem(name: str, text: str) -> Problem | None:
    """What makes a text one that no field can have: markup, signs that are not seen, too many of them."""
    if len(text) > MAX_TEXT:
        return Problem(name, "too-long", {"most": str(MAX_TEXT), "given": str(len(text))})
    if _TAG.search(text):
        return Problem(name, "markup")
    if any(
        unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs", "Cn") and sign not in "\n\t\r\u00ad" for sign in text
    ):
        return Problem(name, "unseen-signs")
    return None


def personal_problem(name: str, label: str, text: str) -> Said | None:
    """Whether a text names a person, or tells how to reach one."""
    found = first_found(text)
    return None if found is None else _case(name, "personal", name=label, value=found)


def _case(field_name: str, code: str, **detail: str) -> Said:
    return of_case(CaseProblem(code, Location(field_name), detail))


def missing(field_name: str, label: str) -> Said:
    """A field that has to be filled."""
    return Said(field_name, "missing-field", f"Il manque « {label} ».", f"“{label}” is missing.")


def clean(
    field_name: str, label: str, text: str, kind: Type | None, values: Values, *, may_be_person: bool = False
) -> tuple[str | None, AnyProblem | None]:
    """A clean value of a field, or what is wrong with it.

    `may_be_person`: the legal name of an organization with an official number, which may be its owner's.
    """
    if problem := text_problem(field_name, text):
        return None, problem
    if (
        not (kind and kind.type in _WEB)
        and not may_be_person
        and (personal := personal_problem(field_name, label, text))
    ):
        return None, personal
    if kind is None:
        return text, None
    cleaned = values.clean(text, kind)
    if cleaned.code:
        return None, _case(field_name, cleaned.code, name=label, value=text[:200], **cleaned.detail)
    return cleaned.value, None


def clean_part(
    model: type[Part], given: Mapping[str, str], labels: Mapping[str, str], values: Values, numbered: Collection[str]
) -> tuple[dict[str, Any], list[AnyProblem]]:
    """The clean values of a form by column, and its problems.

    `given` are its texts by column, a line a value where there are several; `labels` what fields are called;
    `numbered` are columns that may be the name of a person.
    """
    cleaned: dict[str, Any] = {}
    problems: list[AnyProblem] = []
    for column, _name, info, kind in model.fields():
        items = list(lines(given.get(column, ""))) if model.is_list(column) else [given.get(column, "").strip()]
        items = [item for item in items if item]
        if not items:
            if info.is_required():
                problems.append(missing(column, labels[column]))
            continue
        if len(items) > MAX_VALUES:
            problems.append(Problem(column, "too-many", {"most": str(MAX_VALUES)}))
            continue
        texts = []
        for item in items:
            exempt = column in numbered
            value, problem = clean(column, labels[column], item, kind, values, may_be_person=exempt)
            if problem:
                problems.append(problem)
            elif value:
                texts.append(value)
        if texts:
            cleaned[column] = texts if model.is_list(column) else texts[0]
    return cleaned, problems


def lines(text: str) -> Iterator[str]:
    """The values of a field that takes several: a line each, or between semicolons, as in the spreadsheet."""
    for piece in re.split(r"[;\r\n]", text):
        if part := piece.strip():
            yield part
