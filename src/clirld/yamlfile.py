"""YAML files of the project, read as YAML 1.2, with the line of everything in them for messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.resolver import VersionedResolver

from clirld.errors import ClirldError


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A parsed file: `data` (mappings and sequences that behave as dict and list) and where things are."""

    path: Path
    data: Any

    def line(self, keys: Sequence[str | int]) -> int:
        """Line (from 1) of the deepest part of `keys` that is in the file."""
        node, line = self.data, 1
        for key in keys:
            try:
                position = node.lc.data[key]
                node = node[key]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
            line = position[0] + 1
        return line

    def where(self, keys: Sequence[str | int] = ()) -> str:
        """`file:line` of `keys`, for an error."""
        return f"{self.path}:{self.line(keys)}"


class _TextResolver(VersionedResolver):
    """Scalars without quotes are text, save nothing (`~`) and merges (`<<`): 01033 keeps its zero."""

    @property
    def versioned_resolver(self) -> dict[str, list[tuple[Any, Any]]]:
        resolvers: dict[str, list[tuple[Any, Any]]] = super().versioned_resolver
        return {
            first: [pair for pair in pairs if str(pair[0]).endswith((":null", ":merge"))]
            for first, pairs in resolvers.items()
        }


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
    yaml = YAML(typ="rt", pure=True)
    if text:
        yaml.Resolver = _TextResolver
    try:
        data = yaml.load(content)
    except YAMLError as problem:
        mark = problem.problem_mark if isinstance(problem, MarkedYAMLError) else None
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        what = getattr(problem, "problem", None) or str(problem)
        do = "check the indentation and the quotes there"
        if "mapping values are not allowed" in what:
            do = "put a text that has “: ” in it between quotes"
        raise error(f"not YAML: {what}", where=where, do=do) from None
    if not isinstance(data, dict):
        raise error("a mapping of names to values is wanted", where=f"{path}:1", do="see docs/add-a-source.md")
    return YamlFile(path, data)
