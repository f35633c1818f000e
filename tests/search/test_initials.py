"""Initials of concepts: what a question of one word stands for where nothing is written so."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.search.index import FILE
from clirld.search.initials import spelled_out


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("PVD", ["Petites villes de demain"]),
        ("acv", ["Action cœur de ville"]),
        ("TZCLD", ["territoire zéro chômeur de longue durée"]),
        ("P.V.D.", []),
        ("PVD Lons", []),
        ("zzzzz", []),
        ("pv", []),
        ("", []),
        ("\x00", []),
    ],
)
def test_what_initials_stand_for(samples: Path, question: str, names: list[str]) -> None:
    assert spelled_out(samples / "current" / FILE, question) == names
