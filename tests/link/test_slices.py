"""How many rows, names and places are looked at together changes nothing of what is found."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from bench.identity import make_names
from clirld.link import blocks, identifiers, matching, names, records


def organizations(source: str, rows: int) -> pl.DataFrame:
    """Invented ones; some keys stand in several rows, with other names and websites."""
    chance = random.Random(source)
    words = ["amicale", "comité", "moulin", "halle", "jardin", "l'Arc", "SCIC", "2"]
    return pl.DataFrame(
        {
            "key": f"siren-{n - n % 7 % 2 * 50:09}" if n % 3 else f"{source}-{n}",
            "source": source,
            "name": " ".join(chance.sample(words, 3)).title() if n % 11 else None,
            "homepage": [f"https://www.example.org/{n % 20}"] if n % 4 == 0 else None,
            "commune": f"{1000 + n % 5:05}",
            "street": f"{n % 9} rue de l'Exemple" if n % 2 else None,
            "siren": f"{n % 60:09}" if n % 5 == 0 else None,
        }
        for n in range(rows)
    )


def test_records_are_the_same_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [organizations(source, 200).lazy() for source in ("one", "two")]
    whole = records.of_tables(frames)
    monkeypatch.setattr(records, "ROWS_AT_ONCE", 7)
    sliced = records.of_tables(frames)
    assert_frame_equal(sliced.sort("key", "source"), whole.sort("key", "source"))
    assert whole.select("key", "source").is_unique().all()
    assert 0 < whole.height < 400
    assert sorted(map(str, identifiers.numbered(sliced))) == sorted(map(str, identifiers.numbered(whole)))
    assert matching.candidates(sliced).equals(matching.candidates(whole))


def test_candidates_are_the_same_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_names(tmp_path / "names.parquet", 3_000)
    frame = pl.read_parquet(tmp_path / "names.parquet")
    whole = matching.candidates(frame)
    monkeypatch.setattr(blocks, "PLACES_AT_ONCE", 500)
    monkeypatch.setattr(names, "NAMES_AT_ONCE", 300)
    assert matching.candidates(frame).equals(whole)
    assert whole.height > 50
