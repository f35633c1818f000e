"""Cells told to be clean as they stand: the cleaner of their type gives them back, and has nothing to say of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.records import plain_cells
from clirld.values.cleaned import Cleaned
from clirld.values.cleaners import CLEANERS
from clirld.values.missing import MEANINGS, OF_PROGRAMS
from tests.values.test_cleaners import KEPT

KINDS = ("text", "name", "rna")
SIGNS = "aZéÉœŒÿàÃØ×÷İıſK0123456789 -–'’\"«»()[]{}<>&;=+#/.:_%@,!?\u00a0\u200b\u0301\n\t"
pieces = st.sampled_from(
    [
        *MEANINGS,
        *OF_PROGRAMS,
        *(
            "12.0",
            "1E+9",
            "=A1",
            "#N/A",
            "Err:502",
            "err 502",
            "http://x.fr",
            "<b>",
            "&amp;",
            "Ã©",
            "L'Été",
            "W391000001",
        ),
        *("AMICALE D'EXEMPLE 39998", "W000000000", "WA91000001", "x" * 301, "www.", "E+", ".0", "W0", "W9R1011072"),
    ]
)
cells = st.one_of(
    st.text(max_size=12),
    st.text(SIGNS, max_size=12),
    st.from_regex(r"W[0-9A-Z]{8,10}", fullmatch=True),
    st.builds(
        lambda before, one, after, change: change(f"{before}{one}{after}"),
        st.sampled_from(["", " ", "(", "«", "'", "“", "’", "-", "a "]),
        pieces,
        st.sampled_from(["", " ", ")", "»", "'", "”", "’", "-", " a"]),
        st.sampled_from([str, str.upper, str.title, lambda text: text.replace(" ", "-")]),
    ),
)


@pytest.mark.parametrize("kind", KINDS)
@given(st.lists(cells, max_size=30))
def test_a_plain_cell_is_what_its_cleaner_makes_of_it(kind: str, some: list[str]) -> None:
    for cell in plain_cells.plain(kind, some):
        assert CLEANERS[kind](cell) == Cleaned(cell)


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_for_nothing_is_plain(kind: str) -> None:
    words = [change(word) for word in (*MEANINGS, *OF_PROGRAMS) for change in (str, str.upper, str.title)]
    for cell in plain_cells.plain(kind, [*words, *(raw for _kind, raw, _value in KEPT)]):
        assert CLEANERS[kind](cell) == Cleaned(cell)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_letters_are_not_plain(kind: str) -> None:
    """Every pair of signs that a cleaner takes for damaged: those of a cell are few, so all are tried."""
    signs = "".join(map(chr, [*range(0xA1, 0x180), *range(0x2010, 0x2040), 0x20AC, 0x2122, 0x221A, 0x251C, 0x253C]))
    for cell in plain_cells.plain(kind, [f"A{one}{other}a" for one in signs for other in signs]):
        assert CLEANERS[kind](cell) == Cleaned(cell)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [("name", "AMICALE D'EXEMPLE (COMITÉ) N° 1".replace("°", "")), ("text", "Œuvre de l’été"), ("rna", "W391000001")],
)
def test_most_cells_are_plain(kind: str, cell: str) -> None:
    assert plain_cells.knows(kind)
    assert plain_cells.plain(kind, [cell]) == [cell]


def test_of_other_types_none_is_told() -> None:
    assert not plain_cells.knows("street")
    assert plain_cells.plain("street", ["rue des Lilas"]) == []
