"""What shapes/ is written in: constraints and patterns that both engines read alike."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from clirld.validate.shacl import SH
from tests.conftest import PROJECT

FILES = sorted((PROJECT / "shapes").rglob("*.ttl"))
COMPARED = {
    *("and", "datatype", "disjoint", "hasValue", "in", "languageIn", "maxCount", "maxLength", "minCount"),
    *("minInclusive", "minLength", "nodeKind", "not", "or", "pattern", "qualifiedMinCount", "qualifiedValueShape"),
    *("uniqueLang", "alternativePath", "inversePath", "path", "targetClass", "targetSubjectsOf"),
    *("description", "message", "name", "severity"),
}
"""What tests/validate/test_engines.py makes random shapes of, and what says something to people only."""

CLASS = r"\[\^?(?:[^\]\[\\^&~-]|\\[sS.\\/-]|(?<=[^\[^])-(?!-))+-?\]"
ALIKE = re.compile(rf"(?:{CLASS}|\\[sS.()\\/?*+|]|[^\\\[\](){{}}]|\((?!\?)|\)|\{{[0-9]+(?:,[0-9]*)?\}})*")
"""Signs for themselves, groups, choices, counts, classes without operators, `\\s` and `\\S`: no look-around, no
`\\d`, `\\w` or `\\b` (other letters and digits in Python), no flags, no reference back, no class in a class."""


def objects(path: Path, name: str) -> list[str]:
    found = [one.object for one in ox.parse(path=str(path)) if one.predicate.value == SH + name]
    return [one.value for one in found if isinstance(one, ox.Literal)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_patterns_are_read_alike(path: Path) -> None:
    assert [pattern for pattern in objects(path, "pattern") if not ALIKE.fullmatch(pattern)] == []
    assert objects(path, "flags") == []


def test_there_are_patterns() -> None:
    assert sum(len(objects(path, "pattern")) for path in FILES) > 100


@pytest.mark.parametrize(
    "pattern",
    [
        *("(?=a)", "(?<!a)b", "(?i)a", r"\d", r"\w+", r"\bde\b", r"(a)\1", r"\p{L}", r"a\Z", "a{,2}"),
        *("[a&&b]", "[a--b]", "[a~~b]", "[[:alpha:]]", r"[\d]"),
    ],
)
def test_what_is_read_differently_is_refused(pattern: str) -> None:
    assert not ALIKE.fullmatch(pattern)


# The shapes of DCAT-AP are others' and stay as they are: tests/release/grade compares both engines on them.
@pytest.mark.parametrize("path", [one for one in FILES if "dcat-ap" not in one.parts], ids=lambda path: path.stem)
def test_constraints_are_those_that_are_compared(path: Path) -> None:
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    used = {one.predicate.value.removeprefix(SH) for one in quads if one.predicate.value.startswith(SH)}
    assert used - COMPARED == set()
