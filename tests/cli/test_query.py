"""What a query's answer looks like in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from clirld.cli import query, terminal


@pytest.mark.parametrize(
    ("results", "shown", "absent"),
    [
        ({"boolean": True}, ["true"], ["True"]),
        ({"head": {"vars": ["x", "y"]}, "results": {"bindings": [{"x": {"value": "[/a] :on: [b]"}}]}},
         ["x", "y", "[/a] :on: [b]"], []),
        ({"head": {"vars": ["x"]}, "results": {"bindings": []}}, ["x"], []),
    ],
)  # fmt: skip
def test_answers(monkeypatch: pytest.MonkeyPatch, results: dict[str, Any], shown: list[str], absent: list[str]) -> None:
    console = Console(width=120, record=True, emoji=False)
    monkeypatch.setattr(terminal, "out", console, raising=False)
    query.print_table(results)
    text = console.export_text()
    assert all(one in text for one in shown)
    assert not any(one in text for one in absent)


def test_a_query_saved_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "mine.rq"
    file.write_text("ASK {}", encoding="utf-8-sig")
    assert query.query_text(str(file)) == "ASK {}"
