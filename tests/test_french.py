"""Every message that a steward or an operator can meet has its French, with the same things filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from clirld.french import french, known

MODULES = [
    "source",
    "records",
    "assertions",
    "cells",
    "function",
    "fetch",
    "http_get",
    "snapshot",
    "read",
    "read_json",
    "line",
    "project",
    "release",
    "releases",
    "check",
    "cli",
    "settings",
    "accounts",
    "parts",
]
FOLDER = Path(__file__).resolve().parent.parent / "src" / "clirld"


def written(node: ast.expr) -> Iterator[str]:
    """The templates that an expression can give; none for what is only known when the program runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
        holes = iter(range(len(parts)))
        yield "".join(str(part) if part is not None else f"{{{next(holes)}}}" for part in parts)
    elif isinstance(node, ast.IfExp):
        yield from written(node.body)
        yield from written(node.orelse)


def messages(module: str) -> Iterator[str]:
    """`what` and `do` of every error that a module raises, as templates."""
    for node in ast.walk(ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ("wrong", "_wrong"):
            given = node.args[1:3]
        elif name.endswith("Error") and name not in ("ValueError", "OSError", "TypeError"):
            given = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "do")]
        else:
            continue
        for one in given:
            yield from written(one)


@pytest.mark.parametrize("module", MODULES)
def test_every_message_has_its_french(module: str) -> None:
    assert [one for one in messages(module) if one not in known()] == []


@pytest.mark.parametrize(("english", "translated"), known().items())
def test_the_french_has_the_same_things_filled_in(english: str, translated: str) -> None:
    holes = sorted(re.findall(r"\{\d+\}", english))
    assert sorted(re.findall(r"\{\d+\}", translated)) == holes
    if not re.search(r"[a-z]", re.sub(r"\{\d+\}", "", english)):
        return  # “{0}: {1}” says nothing by itself: see the messages within messages
    words = [f"<{n}>" for n in range(len(holes))]
    said = french(english.format(*words))
    assert said == translated.format(*words)


def test_messages_within_messages() -> None:
    assert french("records.0.table: no table x") == "records.0.table : pas de table x"
    assert french("did you mean ptce? There are: a, b") == "vouliez-vous dire ptce ? Il y a : a, b"


def test_what_is_not_known_stays() -> None:
    assert french("something else") == "something else"
    assert french("[Errno 2] No such file: 'x'") == "[Errno 2] No such file: 'x'"
