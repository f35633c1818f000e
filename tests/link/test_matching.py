"""Candidates: initiatives that may be the same, only within a territory, never merged, always in the same order."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from clirld.link import matching
from clirld.link.matching import Candidate

Initiative = tuple[str, str, str | None, list[str]]


def found(folder: Path, rows: list[Initiative], parts: int = 1) -> list[Candidate]:
    schema = {"key": pl.String(), "name": pl.String(), "seat": pl.String(), "acts_in": pl.List(pl.String())}
    paths = [folder / f"part-{n}.parquet" for n in range(parts)]
    for n, path in enumerate(paths):
        pl.DataFrame([dict(zip(schema, row, strict=True)) for row in rows[n::parts]], schema=schema).write_parquet(path)
    return matching.candidates(map(pl.scan_parquet, paths))


def methods(folder: Path, one: str, two: str, *others: str) -> list[str]:
    rows: list[Initiative] = [("a-1", one, "commune-1", []), ("b-1", two, "commune-1", [])]
    rows += [(f"c-{n}", name, "commune-2", []) for n, name in enumerate(others)]
    return [candidate.method for candidate in found(folder, rows)]


@pytest.mark.parametrize(
    ("one", "two", "method"),
    [
        ("L'Atelier d'Eve", "L’ATELIER D’EVE", "same-name"),
        ("La Fabrique à Idées", "la fabrique a idees", "same-name"),
        ("Fabrique (la)", "La  Fabrique", "same-name"),
        ("Kœnig", "Koenig", "same-name"),
        ("Start-way", "Start way", "same-name"),
        ("Le Quai des Possibles", "Quai des Possibles", "name-within-name"),
        ("Pôle Sud Archer", "Archer", "name-within-name"),
        ("La Ruche Numérique", "La Ruche Numérqiue", "similar-name"),
        ("Le 50 coworking", "Le 50 co-workings", None),
        ("X 2", "X 3", None),
        ("Startway 2", "Startway 3", None),
        ("Espace 3bis", "Espace 3ter", None),
        ("La Ruche", "Le Quai", None),
        ("!!!", "???", None),
    ],
)
def test_which_names_are_candidates(tmp_path: Path, one: str, two: str, method: str | None) -> None:
    assert methods(tmp_path, one, two) == ([method] if method else [])


def test_a_name_of_common_words_within_another_is_none(tmp_path: Path) -> None:
    others = [f"Le Coworking {letter * 3}" for letter in "abcdefgh"]
    assert methods(tmp_path, "Le Coworking", "Le Coworking du Quai", *others) == []
    assert methods(tmp_path, "Le Coworking du Quai", "Quai", *others) == ["name-within-name"]


def test_no_pair_across_territories_and_no_pair_without_one(tmp_path: Path) -> None:
    rows: list[Initiative] = [
        ("a-1", "La Ruche", "commune-1", []),
        ("b-1", "La Ruche", "commune-2", []),
        ("c-1", "La Ruche", None, []),
        ("d-1", "La Ruche", None, []),
        ("e-1", "La Ruche", "commune-3", ["region-27", "commune-3"]),
        ("f-1", "La Ruche", None, ["region-27"]),
    ]
    assert [(one.left, one.right, one.place) for one in found(tmp_path, rows)] == [("e-1", "f-1", "region-27")]


def test_a_pair_is_told_once_and_never_with_itself(tmp_path: Path) -> None:
    rows: list[Initiative] = [
        ("a-1", "La Ruche", "commune-1", ["region-27", "region-27"]),
        ("b-1", "La Ruche", "commune-1", ["region-27"]),
        ("a-1", "La Ruche", "commune-1", []),
    ]
    pairs = found(tmp_path, rows)
    assert [(one.left, one.right, one.place) for one in pairs] == [("a-1", "b-1", "commune-1")]
    assert pairs[0].score == 100.0


def test_the_order_of_the_rows_and_their_parts_changes_nothing(tmp_path: Path) -> None:
    names = ["La Ruche", "la ruche", "La Ruche Numérique", "Le Quai", "Quai", "Ruche (La)"]
    rows: list[Initiative] = [(f"s-{n}", names[n % 6], f"commune-{n % 2}", ["region-27"]) for n in range(18)]
    first = found(tmp_path, rows)
    assert first == sorted(first)
    assert first
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        assert found(tmp_path, rows, parts=3) == first


def test_what_is_written(tmp_path: Path) -> None:
    one = Candidate("a-1", "b-1", 'La "Ruche"', "La, Ruche", "commune-1", 100.0, "same-name")
    matching.write([one], tmp_path)
    assert pl.read_csv(tmp_path / "candidates.csv").to_dicts() == [
        {"left": "a-1", "right": "b-1", "left_name": 'La "Ruche"', "right_name": "La, Ruche", "place": "commune-1",
         "score": 100.0, "method": "same-name"}
    ]  # fmt: skip
    assert (tmp_path / "candidates.nq").read_text() == (
        "<https://w3id.org/clirld/id/initiative/a-1> <http://www.w3.org/2004/02/skos/core#closeMatch> "
        "<https://w3id.org/clirld/id/initiative/b-1> <https://w3id.org/clirld/graph/links/candidates> .\n"
    )
    matching.write([], tmp_path)
    assert pl.read_csv(tmp_path / "candidates.csv").columns == list(Candidate.__slots__)
    assert (tmp_path / "candidates.nq").read_text() == ""
    assert matching.candidates([]) == []


def test_a_word_of_three_names_is_common(tmp_path: Path) -> None:
    assert methods(tmp_path, "Coworking", "Coworking du Quai") == ["name-within-name"]
    assert methods(tmp_path, "Coworking", "Coworking du Quai", "Coworking de la Gare") == []


def test_a_name_of_common_words_is_not_within_another_for_a_rare_word_of_the_other(tmp_path: Path) -> None:
    others = ["La Gare de Dole, coworking et fablab", "Gare au coworking de la Vallée"]
    names = ("Coworking de la Gare", "Coworking de la Gare 2", *others)
    assert methods(tmp_path, *names) == []  # a number makes two places of them
    names = ("Coworking de la Gare", "Coworking de la Gare x", *others)
    assert methods(tmp_path, *names) == ["similar-name"]


def test_names_of_which_nine_letters_in_ten_are_alike_are_similar(tmp_path: Path) -> None:
    rows: list[Initiative] = [("a-1", "Abcdefghij", "commune-1", []), ("b-1", "Abcdefghiz", "commune-1", [])]
    assert [(one.method, one.score) for one in found(tmp_path, rows)] == [("similar-name", 90.0)]
    assert methods(tmp_path, "Abcdefghi", "Abcdefghz") == []


def test_names_that_are_alike_are_told_among_others_of_the_place(tmp_path: Path) -> None:
    names = ["Le Quai", "La Ruche Numérique", "Archer", "Le Moulin à Vent", "La Ruche Numérqiue", "Hors Piste"]
    rows: list[Initiative] = [(f"s-{n}", name, "commune-1", []) for n, name in enumerate(names)]
    pairs = [(one.left, one.right, one.method) for one in found(tmp_path, rows)]
    assert pairs == [("s-1", "s-4", "similar-name")]


def test_a_score_has_one_decimal(tmp_path: Path) -> None:
    rows: list[Initiative] = [("a-1", "Abcdefghijklm", "commune-1", []), ("b-1", "Abcdefghijklz", "commune-1", [])]
    assert [one.score for one in found(tmp_path, rows)] == [92.3]
