"""Finding: the nearest first, bounded, and never more than an answer whatever is asked."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.search import find as module
from clirld.search.find import MAX_CHARACTERS, Narrowed, SearchTimeout, find
from clirld.settings import BASE
from tests.search.test_index import found, index_of, quads

THING = f"{BASE}id/initiative"
RANKED = f"""
<{THING}/exact> a clir:Initiative ; rdfs:label "Le Bois"@fr .
<{THING}/other> a clir:Initiative ; rdfs:label "Quelque chose"@fr ; skos:altLabel "Le bois"@fr .
<{THING}/begins> a clir:Initiative ; rdfs:label "Le bois de la commune voisine"@fr .
<{THING}/begun> a clir:Initiative ; rdfs:label "Le Boisement"@fr .
<{THING}/label> a clir:Initiative ; rdfs:label "Dans le bois"@fr .
<{THING}/description> a clir:Initiative ; rdfs:label "Une scierie"@fr ; dct:description "Dans le bois, le bois."@fr .
<{THING}/former> a clir:FormerEntity ; rdfs:label "Le Bois"@fr .
<{THING}/phrase> a clir:Initiative ; rdfs:label "Tiers lieu rural"@fr .
<{THING}/apart> a clir:Initiative ; rdfs:label "Lieu du tiers monde"@fr .
<{THING}/star> a clir:Initiative ; rdfs:label "★"@fr .
<{THING}/quoted> a clir:Initiative ; rdfs:label "Le « Lieu » dit \\"rural\\""@fr .
"""
MANY = "".join(f'<{THING}/n{n:04}> a clir:Initiative ; rdfs:label "Lieu numéro {n}"@fr .\n' for n in range(30))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_of(tmp_path_factory.mktemp("index"), quads(RANKED + MANY))


def test_exact_names_then_beginnings_then_words_then_what_is_gone(index: Path) -> None:
    hits = found(index, "le bois")
    assert hits[:2] == ["exact", "other"]
    assert hits[2:] == ["begins", "begun", "label", "description", "former"]
    scores = [float(hit.score) for hit in find(index, "le bois").hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == scores[1] == 3
    assert scores[-1] < 0 < scores[-2]


def test_all_words_have_to_be_there_and_the_last_may_be_a_beginning(index: Path) -> None:
    assert set(found(index, "tiers lieu")) == {"phrase", "apart"}
    assert found(index, "rural tie") == ["phrase"]
    assert found(index, "tie rural") == []
    assert found(index, '"tiers lieu"') == ["phrase"]
    assert found(index, '"lieu tiers"') == []
    assert found(index, "★") == ["star"]
    assert found(index, 'Le « Lieu » dit "rural"')[0] == "quoted"


NAMED = f"""
<{THING}/fabrique> a clir:Initiative ; rdfs:label "Fabrique Place Possible"@fr .
<{THING}/article> a clir:Initiative ; rdfs:label "La Place Possible"@fr .
<{THING}/alternative> a clir:Initiative ; rdfs:label "Tout autre chose"@fr ; skos:altLabel "La Place Possible"@fr .
<{THING}/apart> a clir:Initiative ; rdfs:label "Clus'Ter Exemple"@fr .
<{THING}/hyphen> a clir:Initiative ; rdfs:label "Clus-ter Exemple"@fr .
<{THING}/whole> a clir:Initiative ; rdfs:label "Cluster Exemple"@fr .
<{THING}/described> a clir:Initiative ; rdfs:label "Exemple"@fr ; dct:description "Un clus ter."@fr .
"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_of(tmp_path_factory.mktemp("named"), quads(NAMED))


@pytest.mark.parametrize("question", ["place possible", "La place possible"])
def test_a_name_comes_first_with_and_without_its_article(named: Path, question: str) -> None:
    hits = found(named, question)
    assert set(hits[:2]) == {"article", "alternative"}
    assert "fabrique" not in hits[:2]


@pytest.mark.parametrize("question", ["cluster exemple", "clus'ter exemple", "clus’ter exemple", "Clus-Ter exem"])
def test_a_name_is_found_however_a_word_of_it_is_joined(named: Path, question: str) -> None:
    assert {"apart", "hyphen", "whole"} <= set(found(named, question))


def test_a_word_is_in_two_pieces_in_names_only(named: Path) -> None:
    assert "described" not in found(named, "cluster exemple")


NUMBERS = f"""
<{THING}/many> a clir:Initiative ; rdfs:label "Réseau de recycleries coopératives"@fr .
<{THING}/one> a clir:Initiative ; rdfs:label "Réseau de recyclerie coopérative"@fr .
<{THING}/local> a clir:Initiative ; rdfs:label "Un local partagé"@fr .
<{THING}/locaux> a clir:Initiative ; rdfs:label "Des locaux partagés"@fr .
<{THING}/told> a clir:Initiative ; rdfs:label "Autre"@fr ; dct:description "Une recyclerie, parmi les recycleries."@fr .
<{THING}/sas> a clir:Initiative ; rdfs:label "SAS Bus de Reims"@fr .
<{THING}/sa> a clir:Initiative ; rdfs:label "SA Bu de Reim"@fr .
"""


def test_singular_and_plural_find_each_other_and_what_is_written_so_comes_first(tmp_path: Path) -> None:
    numbers = index_of(tmp_path, quads(NUMBERS))
    assert found(numbers, "recycleries coopératives") == ["many", "one"]
    assert found(numbers, "coopérative recyclerie") == ["one", "many"]
    assert found(numbers, "locaux") == ["locaux", "local"]
    assert found(numbers, "local") == ["local", "locaux"]
    assert found(numbers, "local partagé") == ["local", "locaux"]
    assert found(numbers, "recycleries") == ["many", "told", "one"]
    assert found(numbers, '"recycleries coopératives"') == ["many"]
    assert found(numbers, '"recyclerie coopératives"') == []
    assert found(numbers, '"coopératives reseau"') == []  # what is added after the words of a name is beside none
    assert found(numbers, "sas bus") == ["sas"]
    assert found(numbers, "Reims") == ["sas", "sa"]


def test_pages_are_parts_of_one_list(index: Path) -> None:
    whole = found(index, "numero")
    assert len(whole) == 30
    parts = [found(index, "numero", start=start, limit=7) for start in range(0, 35, 7)]
    assert [one for part in parts for one in part] == whole
    assert find(index, "numero", start=28, limit=7).found == 30
    assert found(index, "numero", start=100, limit=7) == []


def test_what_is_cut_says_so(index: Path) -> None:
    cut, whole = find(index, "numero", most=29), find(index, "numero", most=30)
    assert (cut.found, len(cut.hits), cut.is_cut) == (29, 29, True)
    assert (whole.found, len(whole.hits), whole.is_cut) == (30, 30, False)
    assert cut.hits == whole.hits[:29]


def test_very_common_words_come_in_the_order_of_the_index(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RANKED", 5)
    hits = found(index, "le bois")
    assert hits[:4] == ["exact", "other", "begins", "begun"]
    assert hits[-1] == "former"
    assert set(hits[4:6]) == {"label", "description"}


def test_a_search_is_stopped_in_time(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", -1.0)
    monkeypatch.setattr(module, "_STEPS", 1)
    with pytest.raises(SearchTimeout):
        find(index, "lieu")


def test_nothing_is_written_beside_it_and_it_needs_no_right_to(index: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in index.parent.iterdir()}
    find(index, "lieu")
    assert {path: path.stat().st_mtime_ns for path in index.parent.iterdir()} == before


def test_what_is_no_index_is_an_error_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "search.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        find(tmp_path / "search.sqlite", "a")
    with pytest.raises(sqlite3.DatabaseError):
        find(tmp_path / "none.sqlite", "a")
    assert not (tmp_path / "none.sqlite").exists()


def test_a_folder_may_have_any_name(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c %41"
    folder.mkdir()
    (folder / "search.sqlite").write_bytes(index.read_bytes())
    assert found(folder / "search.sqlite", "begins") == []
    assert found(folder / "search.sqlite", "scierie") == ["description"]


LONG = [
    *("«" * 10_000, '"' * 10_000, "a " * 5_000, "é" * 10_000, "l'" * 5_000, "'" * 10_000, "☕" * 10_000),
    *("\x00" * 10_000, "st " * 3_000, "1" * 10_000, "1 " * 5_000, "“a " * 3_000, "\ud800" * 100, "\u0301" * 10_000),
]


@pytest.mark.parametrize("question", [*LONG, "de la le les", '"', "*", "a*", "NOT", "lieu AND", "{label} : a", "^a"])
def test_any_question_has_an_answer(index: Path, question: str) -> None:
    begun = time.process_time()
    assert find(index, question).found >= 0
    assert time.process_time() - begun < 5  # no depth of an expression, no pattern runs away


def test_only_the_beginning_of_a_question_is_read(index: Path) -> None:
    assert found(index, "scierie" + " " * MAX_CHARACTERS + "nothing") == ["description"]


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_is_asked(index: Path, question: str) -> None:
    hits = find(index, question, Narrowed("initiative", "commune-1"))
    assert hits.found == len(hits.hits) == 0
    assert find(index, question, limit=1).found >= 0
