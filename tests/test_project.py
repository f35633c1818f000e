"""A project is read whole, and again only where its files have changed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.errors import MappingError
from clirld.project import Project
from clirld.settings import Settings

LABEL = 'skos:prefLabel "living lab"@en'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a copy of the ontology and the shapes, without sources."""
    shipped = Settings.from_environment({})
    for name in ("ontology", "shapes"):
        shutil.copytree(getattr(shipped, name), tmp_path / name)
    (tmp_path / "sources").mkdir()
    return replace(shipped, **{name: tmp_path / name for name in ("ontology", "shapes", "sources")})


def test_what_has_not_changed_is_read_once(settings: Settings) -> None:
    first, second = Project.load(settings), Project.load(settings)
    assert first.vocabulary is second.vocabulary
    assert first.tables is second.tables
    assert first.mapping is second.mapping
    assert first.shapes is second.shapes


def test_a_file_that_has_changed_is_read_again(settings: Settings) -> None:
    before = Project.load(settings)
    [scheme] = [path for path in (settings.ontology / "schemes").glob("*.ttl") if LABEL in path.read_text()]
    scheme.write_text(scheme.read_text().replace(LABEL, LABEL.replace("living", "other")))
    check = settings.shapes / "checks" / "point-zero.rq"
    check.write_text(f"{check.read_text()}# changed\n")
    after = Project.load(settings)
    assert after.vocabulary.labels != before.vocabulary.labels
    assert after.shapes.fingerprint != before.shapes.fingerprint


def test_a_file_that_is_wrong_is_told_of_each_time(settings: Settings) -> None:
    Project.load(settings)
    tables = settings.ontology / "tables.yaml"
    tables.write_text(tables.read_text().replace("type: year", "type: yeer", 1))
    for _ in range(2):
        with pytest.raises(MappingError, match="unknown type yeer"):
            Project.load(settings)
