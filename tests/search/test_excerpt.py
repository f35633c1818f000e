"""Excerpts: the words of a question, shown in what was found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clirld.search.excerpt import excerpt, marked


def shown(text: str, question: str) -> str:
    return "".join(f"[{piece}]" if is_asked else piece for piece, is_asked in marked(text, question))


def test_words_are_marked_as_they_are_found() -> None:
    assert shown("L'Atelier de Saint-Étienne", "atelier st etienne") == "L'[Atelier] de [Saint]-[Étienne]"
    assert shown("Mains d'Œuvres", "oeuvre") == "Mains d'[Œuvres]"
    assert shown("de la dérive", "de") == "[de] la dérive"  # two letters begin too many words
    assert shown("Une recyclerie, un local", "recycleries locaux") == "Une [recyclerie], un [local]"
    assert shown("rien", "") == "rien"
    assert shown("", "a") == ""


def test_a_long_text_is_cut_around_the_first_word() -> None:
    text = "Premier mot. " * 50 + "Le bois est ici. " + "Dernier mot. " * 50
    pieces = excerpt(text, "bois")
    said = "".join(piece for piece, _ in pieces)
    assert ("bois", True) in pieces
    assert said.startswith("… ")
    assert said.endswith(" …")
    assert len(said) <= 284
    assert excerpt("Le  bois\nest ici.", "bois") == [("Le ", False), ("bois", True), (" est ici.", False)]
    assert "".join(piece for piece, _ in excerpt(text, "autre")).startswith("Premier mot.")


@given(st.text(), st.text(max_size=20))
def test_nothing_of_a_text_is_lost_or_added(text: str, question: str) -> None:
    assert "".join(piece for piece, _ in marked(text, question)) == text
    said = "".join(piece for piece, _ in excerpt(text, question)).removeprefix("… ").removesuffix(" …")
    assert said in " ".join(text.split())
    assert len(said) <= 280
