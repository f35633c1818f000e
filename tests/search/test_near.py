"""Words that are mistyped: what the index has instead; a name with one letter wrong is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.search import find as module
from clirld.search.find import EVERYTHING, Narrowed, find
from clirld.search.near import meant, near_names, near_words
from clirld.search.overview import overview
from clirld.search.words import key, may_be_mistyped
from clirld.settings import BASE
from tests.search.test_find import LONG
from tests.search.test_index import index_of, quads

THING = f"{BASE}id/initiative"
NAMES = [
    "La Recyclerie de l'Étang", "Coopérative du Bourg", "Le Bourg", "Le Bouge", "Longwy", "Saint-Étienne", "Marne",
    "Mars", "Marnes", "Villefranche-sur-Saône", "Fablab des Œillets", "Énergie citoyenne en Val d'Oise",
]  # fmt: skip
THINGS = "\n".join(f'<{THING}/{n}> a clir:Initiative ; rdfs:label "{name}"@fr .' for n, name in enumerate(NAMES))
DESCRIBED = f'<{THING}/1> dct:identifier "552100554" ; dct:description "Un local partagé."@fr .'


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_of(tmp_path_factory.mktemp("index"), quads(THINGS + DESCRIBED))


def suggestion(index: Path, question: str, narrowed: Narrowed = EVERYTHING) -> str | None:
    return meant(index, question, near_words(index, question), narrowed)


def test_what_is_near_a_short_word_by_chance_is_not_meant_unless_a_name_has_it(index: Path) -> None:
    """« coop de mai » is not « corp de mai », though a description has both words."""
    assert suggestion(index, "loca partagé") is None
    assert suggestion(index, "locla partagé") == "local partagé"
    assert suggestion(index, "mars") is None
    assert suggestion(index, "marz") == "mars"


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("recyclrie", "recyclerie"),  # left out
        ("recylcerie", "recyclerie"),  # swapped
        ("recycclerie", "recyclerie"),  # added
        ("Recyclarie", "recyclerie"),  # changed
        ("ercyclerie", "recyclerie"),  # at the beginning
        ("rcyclreie", "recyclerie"),  # two in a long word
        ("cooperatvie", "coopérative"),  # with its accents
        ("recyclrie de l'etangg", "recyclerie de l'étang"),
        ("bourgg", "bourg"),
        ("boure", "bourg"),  # of two that are as near, the one that more things have
        ("Lonwgy", "longwy"),
        ("coopérativve local", "coopérative local"),
        ("cooprative du bourc", "coopérative du bourg"),  # two words
        ("fablub des oeillet", "fablab des œillets"),
        ("energi citoyene en val", "énergie citoyenne en val"),
        ("villefranche saome", "villefranche saône"),
        ("recyclerie etamg", "recyclerie étang"),
    ],
)
def test_one_letter_or_two_may_be_wrong(index: Path, question: str, other: str) -> None:
    assert suggestion(index, question) == other


@pytest.mark.parametrize("question", ["xyzzy", "loc", "552100553", "39300", "", "★", '"recyclrie"', "recyclrie xyzzy"])
def test_nothing_is_proposed_for_what_is_short_a_number_quoted_or_far_from_all(index: Path, question: str) -> None:
    assert suggestion(index, question) is None


def test_what_is_proposed_is_found_where_it_was_looked_for(index: Path) -> None:
    assert suggestion(index, "recyclrie", Narrowed("initiative")) == "recyclerie"
    assert suggestion(index, "recyclrie", Narrowed("organization")) is None
    assert suggestion(index, "recyclrie", Narrowed(territory="commune-39300")) is None


@pytest.mark.parametrize("question", LONG)
def test_any_question_is_read(index: Path, question: str) -> None:
    assert suggestion(index, question) is None


def test_a_look_that_takes_too_long_gives_nothing(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", -1.0)
    monkeypatch.setattr(module, "_STEPS", 1)
    assert near_words(index, "recyclrie") == {}


@st.composite
def mistyped(draw: st.DrawFn) -> tuple[int, str]:
    """A name, by its place, with a letter left out, or two swapped, of one of its words of five letters or more."""
    number = draw(st.sampled_from(range(len(NAMES))))
    words = key(NAMES[number]).split()
    longer = [at for at, word in enumerate(words) if len(word) >= 5]
    if not longer:
        return number, " ".join(words)
    at = draw(st.sampled_from(longer))
    letter = draw(st.integers(0, len(words[at]) - 1))
    swapped = draw(st.booleans()) and letter + 1 < len(words[at])
    word = words[at]
    words[at] = word[:letter] + (
        word[letter + 1] + word[letter] + word[letter + 2 :] if swapped else word[letter + 1 :]
    )
    return number, " ".join(words)


@given(mistyped())
def test_a_name_with_one_letter_wrong_is_found(index: Path, one: tuple[int, str]) -> None:
    number, question = one
    found = {hit.iri for hit in find(index, question).hits}
    near = near_words(index, question)
    if other := meant(index, question, near):
        found |= {hit.iri for hit in find(index, other).hits}
    found |= {hit.iri for hit in near_names(index, question, near)}
    assert f"{THING}/{number}" in found


@given(st.lists(st.sampled_from([*"abcdeéolrst '\"-", "recycl", "coop", "bourg"]), max_size=12).map("".join))
def test_what_is_proposed_finds_something(index: Path, question: str) -> None:
    if not find(index, question).found and (other := suggestion(index, question)):
        assert find(index, other).found


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_is_asked(index: Path, question: str) -> None:
    assert all(may_be_mistyped(word) for word in near_words(index, question))
    overview(index, question)
