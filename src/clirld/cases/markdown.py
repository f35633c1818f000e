"""A case as a Markdown file with YAML front matter → its fields by their French names, and where each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld import yamlfile
from clirld.cases.field_types import Part, item_type
from clirld.cases.model import Case
from clirld.cases.raw import FieldPath, Location, Problem, RawCase, field_names
from clirld.errors import ClirldError
from clirld.values.text import fold


class _NotYamlError(ClirldError):
    """The front matter cannot be read."""


def read(content: bytes, slug: str, file: str) -> RawCase:
    """The fields of a Markdown file; what cannot be read at all is among its problems."""
    raw = RawCase(slug, file)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raw.problems.append(Problem("not-utf8", Location(file, line)))
        return raw
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if number and line.rstrip() == "---"]
    if lines[0].rstrip() != "---" or not fences:
        raw.problems.append(Problem("not-a-form", Location(file, 1)))
        return raw
    # An empty line in the place of the first, so that lines are counted as in the file.
    form, body = "\n".join(["", *lines[1 : fences[0]]]), "\n".join(lines[fences[0] + 1 :]).strip()
    raw.locations[()] = Location(file, 1)
    try:
        node = yamlfile.parse(form, Path(file), _NotYamlError, text=True).data
    except _NotYamlError as problem:
        number = problem.where.rpartition(":")[2]
        location = Location(file, int(number) if number.isdigit() else 1)
        raw.problems.append(Problem("not-yaml", location, {"why": problem.what.removeprefix("not YAML: ")}))
        return raw
    raw.data = _NodeReader(raw).item(node, Case, ())
    if body:
        summary = field_names(Case)[fold("résumé")]
        raw.data[summary] = body
        raw.locations[(summary,)] = Location(file, fences[0] + 2)
    return raw


@dataclass(frozen=True, slots=True)
class _NodeReader:
    """Takes the parsed form apart: names as they are written in the form, nothing that is empty, all places."""

    raw: RawCase

    def item(self, node: Any, model: type[Part], path: FieldPath) -> dict[str, Any]:
        names = field_names(model)
        item_types = {name: item_type(info) for _column, name, info, _type in model.fields()}
        out: dict[str, Any] = {}
        for key, value in node.items():
            name = names.get(fold(str(key)), str(key))
            field_path = (*path, name)
            location = Location(self.raw.file, node.lines[key])
            if name in out:
                self.raw.problems.append(Problem("field-twice", location, {"name": name}))
            self.raw.locations[field_path] = location
            content = self.value(value, item_types.get(name), field_path)
            if content not in (None, "", [], {}):
                out[name] = content
        return out

    def value(self, node: Any, model: type[Part] | None, path: FieldPath) -> Any:
        if isinstance(node, dict):
            return self.item(node, model or Part, path)
        if isinstance(node, list):
            return list(self._items(node, model, path))
        return None if node is None else str(node).strip()

    def _items(self, node: Any, model: type[Part] | None, path: FieldPath) -> Iterator[Any]:
        number = 0
        for index, value in enumerate(node):
            self.raw.locations[(*path, number)] = Location(self.raw.file, node.lines[index])
            content = self.value(value, model, (*path, number))
            if content not in (None, "", [], {}):
                yield content
                number += 1
            else:
                # The next item that is not empty takes its number: no location of this one may stay under it.
                for inner in [inner for inner in self.raw.locations if inner[: len(path) + 1] == (*path, number)]:
                    del self.raw.locations[inner]
