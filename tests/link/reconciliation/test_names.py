"""One name has the words that a column of names has."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from clirld.link import names

WORDS = st.sampled_from(
    ["Association", "S.A.R.L.", "de", "l'", "La", "Recyclerie", "SCIC", "d'Été", "loi 1901", "2", "–", "&"]
)


@given(st.lists(WORDS, min_size=1, max_size=6).map(" ".join))
def test_telling_words(name: str) -> None:
    assert names.telling(name) == names.folded(pl.DataFrame({"name": [name]}))["ordered"].to_list()[0]
