"""The contender that was measured before choosing: one Python function of f-strings, generated from the mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from clirld.map.yarrrml import PredicateObject, Template, TriplesMap

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_NEEDS_ESCAPE = re.compile(r'[\\"\n\r]')

Lines = Callable[[Iterable[tuple[Any, ...]]], Iterator[str]]


def compiled(triples_map: TriplesMap, columns: list[str]) -> Lines:
    """A function from rows (tuples in the order of `columns`) to the N-Quads lines of each row, as one text."""
    code = ["def lines(rows):", f"  for ({', '.join(f'c_{name}' for name in columns)},) in rows:"]
    code += [f"    if {' or '.join(f'c_{name} is None' for name in triples_map.subject.columns)}: continue"]
    code += [f"    s = f{'<' + _placeholders(triples_map.subject) + '>'!r}"]
    code += [f"    g = f{' <' + _placeholders(triples_map.graph) + '> .' + chr(10)!r}", "    out = []"]
    for one in triples_map.objects:
        code += _object(one)
    code += ["    yield ''.join(out)"]
    names: dict[str, Any] = {"escaped": _escaped}
    # Our own mapping, not input: the figure of a generated loop is what this contender is for.
    exec("\n".join(code), names)
    lines: Lines = names["lines"]
    return lines


def _object(one: PredicateObject) -> list[str]:
    end = f"@{one.language}" if one.language else f"^^<{one.datatype}>" if one.datatype else ""
    text = (
        f"<{_placeholders(one.object)}>"
        if one.kind == "iri"
        else f'"{_placeholders(one.object, one.needs_escaping)}"{end}'
    )
    line = f"out.append(f{'{s} <' + one.predicate + '> ' + text + '{g}'!r})"
    condition = " and ".join(f"c_{name} is not None" for name in one.object.columns)
    if one.list_column:
        name = f"c_{one.list_column}"
        return [
            f"    if {condition}:",
            f"      values = {name}",
            f"      for {name} in values: {line}",
            f"      {name} = values",
        ]
    return [f"    if {condition}: {line}" if condition else f"    {line}"]


def _placeholders(template: Template, escape: bool = False) -> str:
    pieces = [template.texts[0]]
    for name, text in zip(template.columns, template.texts[1:], strict=True):
        pieces += [f"{{escaped(c_{name})}}" if escape else f"{{c_{name}}}", text]
    return "".join(pieces)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _NEEDS_ESCAPE.search(text) else text
