"""Matching: invented names, many of them; and registers that share a key, matched without it (`bench.hidden_keys`)."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import polars as pl

from bench import hidden_keys
from bench.contender import Figures, main
from clirld.link import matching, records

_WORDS = 20_000
_COMMUNES = 35_000
_TWICE = 0.1
"""Share of the records that a second source has too, spelled otherwise."""


def make_names(file: Path, rows: int) -> Figures:
    """Write so many records of two sources: words and communes as unevenly used as in life (Zipf), some twice."""
    chance = random.Random(rows)
    syllables = [a + b for a, b in product("bcdfglmnprstv", "aeiou")]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(_WORDS)]
    by_rank = [1 / (rank + 20) for rank in range(_WORDS)]
    by_size = [1 / (rank + 50) for rank in range(_COMMUNES)]
    first = round(rows * (1 - _TWICE))
    named = [chance.choices(words, by_rank, k=chance.randint(2, 4)) for _ in range(first // 50)]
    named = [[*one[:-1], chance.choice(words)] for one in named for _ in range(50)]
    named += [chance.choices(words, by_rank, k=3) for _ in range(first - len(named))]
    communes = [f"{number:05}" for number in chance.choices(range(1000, 1000 + _COMMUNES), by_size, k=first)]
    made = [("one", f"one-{at}", one, commune) for at, (one, commune) in enumerate(zip(named, communes, strict=True))]
    for at in chance.sample(range(first), rows - first):
        made.append(("two", f"two-{at}", [*reversed(named[at])], communes[at]))
    frame = pl.DataFrame(
        {"source": source, "key": key, "names": [" ".join(name).title()], "commune": f"commune-{commune}",
         "departement": f"departement-{commune[:2]}", "kinds": ["third-place"]}
        for source, key, name, commune in made
    )  # fmt: skip
    empty = pl.DataFrame(schema=records.SCHEMA)
    pl.concat([empty, frame], how="diagonal").write_parquet(file)
    return {}


def match_names(file: Path) -> Figures:
    """Find those that are one thing."""
    found = matching.candidates(pl.read_parquet(file))
    sure = found.filter(pl.col("verdict") == "sure")
    right = sure.filter(pl.col("left").str.slice(4) == pl.col("right").str.slice(4))
    return {"candidates": found.height, "sure": sure.height, "right": right.height}


def match_registers(registries: Path) -> Figures:
    """How well registers that share a key are matched without it: pairs that are one thing, sure ones, right ones."""
    scores = hidden_keys.scores(hidden_keys.all_pairs(registries)) | hidden_keys.unseen_scores(registries)
    return {"scores": {name: (one.true, one.sure, one.right) for name, one in scores.items()}}


if __name__ == "__main__":
    main(make_names, match_names, match_registers)
