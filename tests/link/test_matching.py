"""Candidates: records that may be one thing, with their evidence; sure only by two kinds of it, always in one order."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.link import matching, names, records

HERE = {"commune": "commune-39300", "departement": "departement-39"}
THERE = {"commune": "commune-01004", "departement": "departement-01"}


def found(*rows: dict[str, Any]) -> pl.DataFrame:
    frame = pl.DataFrame(list(rows), schema=records.SCHEMA) if rows else pl.DataFrame(schema=records.SCHEMA)
    return matching.candidates(frame)


def one(name: str, source: str = "a", at: int = 1, **others: Any) -> dict[str, Any]:
    empty: dict[str, list[str]] = {"kinds": [], "places": [], "locality": [], "sites": [], "identifiers": []}
    return {**empty, "key": f"{source}-{at}", "source": source, "names": [name], **HERE, **others}


OTHERS = [one(f"Lieu {word}", "c", at) for at, word in enumerate(("Mimosa", "Glycine", "Acacia", "Tilleul", "Cèdre"))]
"""What else there is: without other names, no word is rare."""


def verdict(left: dict[str, Any], right: dict[str, Any]) -> str | None:
    pairs = found(left, right, *OTHERS).filter((pl.col("left") == left["key"]) & (pl.col("right") == right["key"]))
    return str(pairs["verdict"][0]) if pairs.height else None


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("L'Atelier d'Eve", "L’ATELIER D’EVE", "sure"),
        ("Fabrique (la)", "La  Fabrique", "sure"),
        ("Kœnig", "Koenig", "sure"),
        ("Association La Ruche", "LA RUCHE", "sure"),
        ("SCIC Le Moulin à Vent", "Moulin à vent (SARL)", "sure"),
        ("La Ruche Numérique", "La Ruche Numérqiue", "sure"),
        ("Le Quai des Possibles", "Quai des Possibles de Dole", "possible"),
        ("Ateliers Partagés du Jura", "APJ", "possible"),
        ("X 2", "X 3", None),
        ("Startway 2", "Startway 3", None),
        ("Espace 3bis", "Espace 3ter", None),
        ("La Ruche", "Le Quai", None),
        ("!!!", "???", None),
    ],
)
def test_names_in_a_commune(name: str, other: str, expected: str | None) -> None:
    assert verdict(one(name), one(other, "b")) == expected


SITE, STREET = {"sites": ["ruche.example"]}, {"address": "39300 4 rue du lac"}


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({}, {}, "sure"),  # the name and the commune
        ({}, {"commune": None}, "sure"),  # the name and the département
        ({}, {"commune": "commune-39097"}, "possible"),  # a commune that is another is no evidence of a place
        ({"kinds": ["geiq"]}, {"kinds": ["geiq"], "commune": "commune-39097"}, "sure"),  # it has moved
        (SITE, SITE | {"commune": "commune-39097"}, "sure"),
        ({}, THERE, None),  # the name alone
        (dict.fromkeys(HERE), dict.fromkeys(HERE), "possible"),  # the name alone, and no place that differs
        (SITE, SITE | THERE, "sure"),
        (STREET, STREET, "sure"),
        ({"kinds": ["pole"]}, {"kinds": ["third-place"]}, "possible"),
        ({"kinds": ["pole"]} | SITE, {"kinds": ["third-place"]} | SITE, "sure"),
        ({"identifiers": ["siren:1"]}, {"identifiers": ["siren:2"]}, "conflict"),
        ({"identifiers": ["siren:1"]}, {"identifiers": ["rna:2"]}, "sure"),
        ({}, {"source": "a", "key": "a-2"}, "possible"),  # a register that lists two says that they are two
    ],
)
def test_a_name_needs_another_kind_of_evidence(
    left: dict[str, Any], right: dict[str, Any], expected: str | None
) -> None:
    assert verdict(one("La Ruche") | left, one("Ruche", "b") | right) == expected


@pytest.mark.parametrize(("shared", "expected"), [(SITE, "possible"), (STREET, "possible"), ({}, None)])
def test_a_website_or_an_address_alone_is_for_a_person_to_look_at(shared: dict[str, Any], expected: str | None) -> None:
    assert verdict(one("La Ruche") | shared, one("Trois Petits Pas", "b") | shared) == expected


def test_the_website_of_many_is_no_evidence() -> None:
    rows = [one(f"Nom {letter * 4}", letter, **(SITE | dict.fromkeys(HERE))) for letter in "abcdefgh"]
    assert found(*rows).is_empty()
    assert found(*rows[:4]).height == 6


def test_an_address_never_enters_the_names_score() -> None:
    plain, placed = (
        found(one("La Ruche") | extra, one("Ruche", "b") | extra, *OTHERS)["name"][0] for extra in ({}, STREET)
    )
    assert plain == placed == 100


def test_two_that_are_as_good_are_not_sure() -> None:
    rows = [one("La Ruche"), one("La Ruche", "b"), one("Ruche", "b", 2), *OTHERS]
    assert set(found(*rows)["verdict"]) == {"possible"}


def test_a_name_that_is_the_communes_needs_to_be_the_only_one_of_its_kind() -> None:
    named = {"locality": ["dole"], "kinds": ["france-services"]}
    left, right = one("Dole") | named, one("Dole", "b") | named
    assert verdict(left, right) == "sure"
    assert verdict(left | {"kinds": ["town"]}, right) == "possible"
    assert verdict(left | {"kinds": []}, right) == "possible"


def test_what_all_names_of_a_source_say_is_no_part_of_the_name() -> None:
    towns = [chr(97 + at) * 5 for at in range(25)]
    rows = [one(f"Maison commune de {town}", "b", at, commune=f"commune-{at}") for at, town in enumerate(towns)]
    rows += [one(town, "a", at, commune=f"commune-{at}") for at, town in enumerate(towns)]
    pairs = found(*rows).filter(pl.col("verdict") == "sure").select("left", "right").rows()
    assert sorted(pairs) == sorted((f"a-{at}", f"b-{at}") for at in range(25))


def test_usual_and_former_names_are_compared_too() -> None:
    left = one("Association pour le développement du Haut Jura") | {"names": ["Développement Haut Jura", "Le Crêt"]}
    assert verdict(left, one("Le Crêt", "b")) == "sure"


def test_the_order_of_the_rows_changes_nothing() -> None:
    titles = ["La Ruche", "la ruche", "La Ruche Numérique", "Le Quai", "Quai", "Ruche (La)"]
    rows = [one(titles[n % 6], "abc"[n % 3], n, commune=f"commune-{n % 2}") for n in range(18)]
    first = found(*rows)
    assert first.height
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        assert found(*rows).equals(first)


@given(st.lists(st.text(max_size=12), max_size=8), st.sampled_from([HERE, dict.fromkeys(HERE)]))
def test_any_names_give_pairs_of_two_of_them(titles: list[str], place: dict[str, Any]) -> None:
    rows = [one(title, "ab"[at % 2], at) | place for at, title in enumerate(titles)]
    pairs = found(*rows)
    assert pairs.schema == pl.Schema(matching.COLUMNS)
    assert (pairs["left"] < pairs["right"]).all()
    assert not pairs.select("left", "right").is_duplicated().any()


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("Groupement des employeurs d'Alsace-Lorraine", "Groupement des employeurs du Grand Est"),
        ("Réseau Bourgogne", "Réseau Bourgogne-Franche-Comté"),
        ("Ruche NPDC", "RUCHE HAUTS-DE-FRANCE"),
        ("Les Vergers de Haute-Normandie", "Vergers de Normandie"),
        ("Coopérative Poitou-Charentes", "Coopérative Nouvelle Aquitaine"),
    ],
)
def test_a_region_of_before_2016_is_named_as_that_of_today(former: str, today: str) -> None:
    assert names.telling(former) == names.telling(today)
    ordered = names.folded(pl.DataFrame({"row": [0, 1], "name": [former, today]}))["ordered"].to_list()
    assert ordered == [names.telling(former), names.telling(today)]
    assert verdict(one(former), one(today, "b")) == "sure"
    assert verdict(one(former), one(today, "b", commune="commune-01004", departement="departement-01")) != "sure"


@pytest.mark.parametrize("region", names.REGIONS)
def test_a_region_of_today_keeps_its_name(region: str) -> None:
    assert names.telling(f"Ruche {region}") == [one for one in f"ruche {region}".split() if one not in ("de",)]


@given(st.text(max_size=30))
def test_a_name_keeps_at_least_one_word_if_it_has_one(name: str) -> None:
    frame = pl.DataFrame({"row": [0], "name": [name]})
    ordered = names.folded(frame)["ordered"][0].to_list()
    assert bool(ordered) == any(letter.isalnum() for word in ordered for letter in word)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.ruche.example/", "ruche.example"),
        ("http://ruche.example/index.php", "ruche.example"),
        ("ruche.example/Le-Lieu/", "ruche.example/le-lieu"),
        ("https://www.facebook.com/", None),
        ("https://www.facebook.com/laruche", "facebook.com/laruche"),
        ("nothing", None),
    ],
)
def test_a_website(address: str, expected: str | None) -> None:
    assert records.site(address) == expected


def test_records_of_tables() -> None:
    rows = {
        "key": ["a-1", "a-1"], "source": ["a", "a"], "name": ["La Ruche", "Ruche"], "alternative_name": [["LR"], None],
        "seat": ["commune-97105", None], "homepage": [["https://ruche.example"], ["http://www.ruche.example/"]],
        "street": ["4, Rue du Lac", None], "siren": [None, "732829320"], "locality": ["Basse-Terre", None],
    }  # fmt: skip
    frame = records.of_tables([pl.LazyFrame(rows)])
    assert frame.schema == pl.Schema(records.SCHEMA)
    assert frame.to_dicts() == [
        {
            "key": "a-1", "source": "a", "names": ["La Ruche", "LR", "Ruche"], "kinds": [], "commune": "commune-97105",
            "departement": "departement-971", "places": ["commune-97105"], "locality": ["basse", "terre"],
            "sites": ["ruche.example"], "address": "97105 4 rue du lac", "identifiers": ["siren:732829320"],
        }
    ]  # fmt: skip
    assert records.of_tables([]).schema == pl.Schema(records.SCHEMA)


def test_what_is_written(tmp_path: Path) -> None:
    sure = found(one('La "Ruche"'), one("La, Ruche", "b"), *OTHERS)
    conflict = found(one("Le Quai", identifiers=["rna:1"]), one("Quai", "b", identifiers=["rna:2"]), *OTHERS)
    matching.write({"initiative": sure, "organization": conflict}, tmp_path)
    written = pl.read_csv(tmp_path / "candidates.csv").select("table", "left", "right", "left_name", "verdict", "kinds")
    assert written.rows() == [
        ("initiative", "a-1", "b-1", 'La "Ruche"', "sure", "name place"),
        ("organization", "a-1", "b-1", "Le Quai", "conflict", "name place"),
    ]
    assert (tmp_path / "candidates.nq").read_text() == (
        "<https://w3id.org/clirld/id/initiative/a-1> <http://www.w3.org/2004/02/skos/core#closeMatch> "
        "<https://w3id.org/clirld/id/initiative/b-1> <https://w3id.org/clirld/graph/links/candidates> .\n"
    )
    matching.write({}, tmp_path)
    assert pl.read_csv(tmp_path / "candidates.csv").columns == ["table", *matching.COLUMNS]
    assert (tmp_path / "candidates.nq").read_text() == ""
    assert found().is_empty()
