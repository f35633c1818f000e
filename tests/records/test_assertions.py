"""Columns that a card publishes and that seem to hold persons: the judgement of `clirld source new`. Invented names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from clirld.card.model import Rows
from clirld.draft.evidence import personal_columns as drafted
from clirld.draft.sniff import sniff
from clirld.read.rows import Chunk
from clirld.records.assertions import personal_columns
from clirld.vocabulary import tables as canonical
from clirld.vocabulary.tables import Tables

FULL = ["Jeanne Exemple", "Jean Fictif", "Camille Témoin", "La Grange"]
SURNAMES = ["Exemple", "Fictif", "Témoin", "Modèle"]
PLACES = ["Le lieu", "La Grange", "L'atelier", "Rosa Parks"]
COLUMNS: Mapping[str, Sequence[str]] = {
    "ID": ["1", "2", "3", "4"],
    "Nom de la structure": PLACES,
    "Structure porteuse": ["Association exemple", "Commune de Dole", "SCIC Témoin", "Jeanne Exemple"],
    "PORTEUR": FULL,
    "NOMREFERENT": SURNAMES,
    "Nom": SURNAMES,
    "Prénom": ["Jeanne", "Jean", "Camille", "Yann"],
    "joindre": ["a@example.org", "b@example.org", "", ""],
    "adresse": ["rue Jeanne Exemple", "Jean Jaurès", "Jeanne Exemple", ""],
}


@pytest.fixture(scope="module")
def tables(project: Path) -> Tables:
    return canonical.load(project / "ontology" / "tables.yaml")


def warned(tables: Tables, targets: Mapping[str, Any], columns: Mapping[str, Sequence[str]] = COLUMNS) -> list[str]:
    """Columns that are warned of, with where they go."""
    mapped = {name: targets.get(name) for name in columns}
    rows = Rows.model_validate({"from": "default", "table": "initiative", "columns": mapped})
    chunk = Chunk(range(2, 6), columns, ())
    return [f"{one.column} → {one.to}" for one in personal_columns(rows, columns, chunk, tables)]


def test_what_source_new_leaves_out_is_warned_of_and_nothing_else(tables: Tables, tmp_path: Path) -> None:
    path = tmp_path / "lieux.csv"
    path.write_text("\n".join("\t".join(row) for row in [tuple(COLUMNS), *zip(*COLUMNS.values(), strict=True)]) + "\n")
    found = warned(tables, dict.fromkeys(COLUMNS, "description"))
    assert found == [f"{name} → description" for name in drafted(sniff(path).columns)]
    assert found == [f"{name} → description" for name in ("PORTEUR", "NOMREFERENT", "Nom", "Prénom", "joindre")]


@pytest.mark.parametrize(
    "to", ["name", "record.identifier", "organization.name", "source_category", "homepage", "start_year"]
)
def test_wherever_a_column_called_so_is_published(tables: Tables, to: str) -> None:
    assert warned(tables, {"NOMREFERENT": to}) == [f"NOMREFERENT → {to}"]
    assert warned(tables, {"NOMREFERENT": [to, "organization.street"]}) == [f"NOMREFERENT → {to}"]


@pytest.mark.parametrize(
    "target",
    [
        None,
        "organization.street",
        "kind",
        "country",
        {"to": "acts_in", "level": "commune"},
        {"to": "name", "lookup": "x"},
    ],
)
def test_what_is_not_published_is_not_warned_of(tables: Tables, target: object) -> None:
    assert warned(tables, {"NOMREFERENT": target, "PORTEUR": target}) == []


def test_names_in_a_column_that_no_name_passes_are_not_published(tables: Tables) -> None:
    assert warned(tables, {"PORTEUR": "homepage", "joindre": "homepage"}) == []
    assert warned(tables, {"PORTEUR": ["homepage", "name"]}) == ["PORTEUR → homepage, name"]


def test_only_the_first_rows_are_judged(tables: Tables) -> None:
    columns = {"qui": [f"Le lieu {n}" for n in range(2000)] + FULL * 2000}
    assert warned(tables, {"qui": "name"}, columns) == []
    assert warned(tables, {"qui": "name"}, {"qui": columns["qui"][::-1]}) == ["qui → name"]
