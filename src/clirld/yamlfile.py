"""YAML files of the project, read as YAML 1.2, with the line of everything in them for messages.

Scanned and composed by libyaml, which takes a tenth of the time of a parser in Python. It resolves scalars as YAML 1.1
does (`no` would be false, 01033 an octal number), so that is done here: YAML 1.2.2, section 10.3, Core Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from clirld.errors import ClirldError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in Python where libyaml is not there

_NULL = re.compile(r"~|null|Null|NULL|")
_CORE: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda text: float(text.replace(".", ""))),
)


class Mapping(dict[Any, Any]):
    """A mapping of a file; `lines` are those of its keys, from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Any, int] = {}


class Items(list[Any]):
    """A sequence of a file; `lines` are those of its items, from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Any, int] = {}


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed file: `data` (a `Mapping` of scalars, `Mapping` and `Items`) and where things are."""

    path: Path
    data: Any

    def line(self, keys: Sequence[str | int]) -> int:
        """Line (from 1) of the deepest part of `keys` that is in the file."""
        node, line = self.data, 1
        for key in keys:
            try:
                line, node = node.lines[key], node[key]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return line

    def where(self, keys: Sequence[str | int] = ()) -> str:
        """`file:line` of `keys`, for an error."""
        return f"{self.path}:{self.line(keys)}"


def load(path: Path, error: type[ClirldError], *, text: bool = False) -> YamlFile:
    """Read a YAML file; raises `error` with its line where it cannot be read or is not a mapping.

    With `text`, numbers, dates, true and false are left as they are written.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error("the file is not there", where=str(path), do="create it, or check the name") from None
    except UnicodeDecodeError as problem:
        raise error(f"not UTF-8: {problem.reason}", where=str(path), do="save the file as UTF-8") from None
    return parse(content, path, error, text=text)


def parse(content: str, path: Path, error: type[ClirldError], *, text: bool = False) -> YamlFile:
    """As `load`, for the content of a file that was read already."""
    loader = _LOADER(content)
    try:
        node = loader.get_single_node()
        data = None if node is None else _Builder(text).value(node)
    except yaml.YAMLError as problem:
        mark = problem.problem_mark if isinstance(problem, yaml.MarkedYAMLError) else None
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        what = getattr(problem, "problem", None) or str(problem)
        do = "check the indentation and the quotes there"
        if "mapping values are not allowed" in what:
            do = "put a text that has “: ” in it between quotes"
        raise error(f"not YAML: {what}", where=where, do=do) from None
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        raise error("a mapping of names to values is wanted", where=f"{path}:1", do="see docs/add-a-source.md")
    return YamlFile(path, data)


def shipped(package: str, name: str) -> Any:
    """What a YAML file beside the modules of a package holds: messages, labels, limits."""
    path = files(package).joinpath(name)
    return parse(path.read_text(encoding="utf-8"), Path(name), ClirldError).data


@dataclass(frozen=True, slots=True)
class _Builder:
    """Makes values of nodes; with `text`, scalars without quotes are text, save nothing: 01033 keeps its zero."""

    text: bool

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            items = Items()
            for number, item in enumerate(node.value):
                items.append(self.value(item))
                items.lines[number] = item.start_mark.line + 1
            return items
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode) -> Mapping:
        mapping = Mapping()
        for key_node, value_node in node.value:
            key = self.value(key_node)
            if isinstance(key, dict | list):
                raise _at(key_node, "a key is a list or a mapping")
            if key in mapping:
                raise _at(key_node, f"found duplicate key “{key}”")
            mapping[key] = self.value(value_node)
            mapping.lines[key] = key_node.start_mark.line + 1
        # Not of YAML 1.2, but what a card that repeats itself is written with (https://yaml.org/type/merge.html).
        merged = mapping.pop("<<", [])
        for other in merged if isinstance(merged, list) else (merged,):
            if not isinstance(other, Mapping):
                raise _at(node, "“<<” wants a mapping")
            for key, value in other.items():
                if key not in mapping:
                    mapping[key], mapping.lines[key] = value, other.lines[key]
        return mapping

    def _scalar(self, node: Any) -> Any:
        written: str = node.value
        if node.style:  # quoted, or a block: always text
            return written
        if _NULL.fullmatch(written):
            return None
        if self.text:
            return written
        return next((convert(written) for pattern, convert in _CORE if pattern.fullmatch(written)), written)


def _at(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
