"""A case that was written offline, as a Markdown form or a spreadsheet → the fields of the form on the web.

Whoever sends the file may mean harm: what would grow when it is read is refused before.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import yaml

from clirld.cases.collection import read_case
from clirld.cases.raw import Location, Problem, RawCase
from clirld.contributions.case_form import is_field

_MOST_UNPACKED = 20 * 1024**2
"""Bytes of a workbook once it is unpacked: the template has some thousand."""
_SHOWN = "fichier"


def read(content: bytes) -> tuple[dict[str, str], list[Problem]]:
    """The fields that a file fills, by their names in the form, and what of it cannot be read."""
    is_workbook = content.startswith(b"PK")
    name = f"{_SHOWN}.xlsx" if is_workbook else f"{_SHOWN}.md"
    if _is_harmful(content, is_workbook):
        return {}, [Problem("not-spreadsheet" if is_workbook else "not-a-form", Location(name, 1))]
    try:
        raw = read_case(content, Path(name), name)
    except RecursionError:
        return {}, [Problem("not-a-form", Location(name, 1))]
    fields = _flat(raw)
    return {name: text for name, text in fields.items() if is_field(name)}, raw.problems


def _is_harmful(content: bytes, is_workbook: bool) -> bool:
    """Whether it would take much more room than it has: unpacked, or with its references written out."""
    if is_workbook:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                return sum(one.file_size for one in packed.infolist()) > _MOST_UNPACKED
        except zipfile.BadZipFile:
            return True
    try:
        text = content.decode("utf-8-sig")
        return any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(_form_of(text), Loader=yaml.CSafeLoader))
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return False  # the reader says in words what is wrong, and where


def _form_of(text: str) -> str:
    """The YAML before the text of a Markdown form."""
    return text.partition("\n---")[0].removeprefix("---")


def _flat(raw: RawCase) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in raw.data.items():
        if isinstance(value, list) and all(isinstance(one, dict) for one in value):
            for number, item in enumerate(value):
                fields |= {f"{name}.{number}.{label}": _text(one) for label, one in item.items()}
        else:
            fields[name] = _text(value)
    return fields


def _text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
