"""A case as a Markdown file with YAML front matter → its fields by their French names, and where each is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clirld import yamlfile
from clirld.cases.model import Case, Part, item_type
from clirld.cases.raw import At, Place, Problem, Raw, names
from clirld.errors import ClirldError
from clirld.values.text import fold


class _NotYamlError(ClirldError):
    """The front matter cannot be read."""


def read(content: bytes, slug: str, file: str) -> Raw:
    """The fields of a Markdown file; what cannot be read at all is among its problems."""
    raw = Raw(slug, file)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raw.problems.append(Problem("not-utf8", Place(file, line)))
        return raw
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if number and line.rstrip() == "---"]
    if lines[0].rstrip() != "---" or not ends:
        raw.problems.append(Problem("not-a-form", Place(file, 1)))
        return raw
    # An empty line in the place of the first, so that lines are counted as in the file.
    form, body = "\n".join(["", *lines[1 : ends[0]]]), "\n".join(lines[ends[0] + 1 :]).strip()
    raw.places[()] = Place(file, 1)
    try:
        node = yamlfile.parse(form, Path(file), _NotYamlError, text=True).data
    except _NotYamlError as problem:
        number = problem.where.rpartition(":")[2]
        place = Place(file, int(number) if number.isdigit() else 1)
        raw.problems.append(Problem("not-yaml", place, {"why": problem.what.removeprefix("not YAML: ")}))
        return raw
    raw.data = _Walk(raw).item(node, Case, ())
    if body:
        summary = names(Case)[fold("résumé")]
        raw.data[summary] = body
        raw.places[(summary,)] = Place(file, ends[0] + 2)
    return raw


@dataclass(frozen=True, slots=True)
class _Walk:
    """Takes the parsed form apart: names as they are written in the form, nothing that is empty, all places."""

    raw: Raw

    def item(self, node: Any, model: type[Part], at: At) -> dict[str, Any]:
        known = names(model)
        inner = {name: item_type(info) for _column, name, info, _is in model.fields()}
        out: dict[str, Any] = {}
        for key, value in node.items():
            name = known.get(fold(str(key)), str(key))
            here = (*at, name)
            place = Place(self.raw.file, node.lines[key])
            if name in out:
                self.raw.problems.append(Problem("field-twice", place, {"name": name}))
            self.raw.places[here] = place
            given = self.value(value, inner.get(name), here)
            if given not in (None, "", [], {}):
                out[name] = given
        return out

    def value(self, node: Any, model: type[Part] | None, at: At) -> Any:
        if isinstance(node, dict):
            return self.item(node, model or Part, at)
        if isinstance(node, list):
            return list(self._items(node, model, at))
        return None if node is None else str(node).strip()

    def _items(self, node: Any, model: type[Part] | None, at: At) -> Iterator[Any]:
        number = 0
        for index, value in enumerate(node):
            self.raw.places[(*at, number)] = Place(self.raw.file, node.lines[index])
            given = self.value(value, model, (*at, number))
            if given not in (None, "", [], {}):
                yield given
                number += 1
            else:
                for place in [place for place in self.raw.places if place[: len(at) + 1] == (*at, number)]:
                    del self.raw.places[place]
