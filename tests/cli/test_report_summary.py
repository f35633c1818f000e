"""The line that says how many issues there are."""

from __future__ import annotations

import pytest
from rich.console import Console

from clirld.cli import report


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [("fr", 1, "1 erreur —"), ("fr", 2, "2 erreurs —"), ("en", 1, "1 error —"), ("en", 2, "2 errors —")],
)
def test_issues_are_counted_in_the_singular_or_the_plural(language: str, count: int, said: str) -> None:
    console = Console(width=200)
    with console.capture() as shown:
        report.summary(console, {"error": count, "warning": 0}, language)
    assert said in shown.get()
