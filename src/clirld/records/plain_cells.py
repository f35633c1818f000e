"""Cells that are clean as they stand, told of a whole column at once: far faster than to clean one after another.

Told on the safe side: a cleaner gives such a cell back as it is and has nothing to say of it; so it may with others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from clirld.values.missing import LONGEST, MEANINGS, OF_PROGRAMS

_LETTERS = "A-Za-zÀ-ÂÄÆ-ÖØ-öø-ÿŒœ"  # without Ã and Å, which a wrong encoding leaves
_LINE = f"^[0-9{_LETTERS}][!-~’{_LETTERS}]*(?: [!-~’{_LETTERS}]+)*$"
"""Words with one space between them; what begins with a letter or a digit is not only signs."""
_LOOKED_AT = r"[<&]|E\+|\.0$|^https?://|^(?i:err)"
"""Markup, numbers of spreadsheets and their errors, web addresses."""
_LONGEST_NAME = 300


def plain(kind: str, cells: Sequence[str]) -> list[str]:
    """Those of some cells that the cleaner of a type gives back as they are."""
    test = _TESTS.get(kind)
    if test is None:
        return []
    try:
        column = pl.Series(cells, dtype=pl.String())
    except UnicodeEncodeError:  # half a sign, of which there is no UTF-8
        return []
    return column.filter(test(column)).to_list()


def knows(kind: str) -> bool:
    """Whether cells of a type are told at all."""
    return kind in _TESTS


def _is_text(cells: pl.Series) -> pl.Series:
    is_line = cells.str.contains(_LINE) & ~cells.str.contains(_LOOKED_AT)
    bare = cells.str.to_lowercase().str.replace_many({"’": "'", "-": " "}).str.strip_chars("()[]{}<>«»\"'“” ")
    is_word = (cells.str.len_chars() <= LONGEST) & (bare.is_in([*MEANINGS]) | cells.is_in([*OF_PROGRAMS]))
    return is_line & ~is_word & (cells.str.len_chars() <= _LONGEST_NAME)


def _is_rna(cells: pl.Series) -> pl.Series:
    return cells.str.contains("^W[0-9]{9}$") & cells.str.contains("[1-9]")


_TESTS: Mapping[str, Callable[[pl.Series], pl.Series]] = {"text": _is_text, "name": _is_text, "rna": _is_rna}
