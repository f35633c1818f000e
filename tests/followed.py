"""A small source that changes from day to day, and the project it is harvested in: for tests of guards and presence."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clirld import stages
from clirld.fetch import download
from clirld.fetch.stage import Origin
from clirld.harvest import line, outcome
from clirld.harvest.outcome import Harvest
from clirld.project import Project
from clirld.settings import Settings

HEADER = "id,nom,code,siren,site"
CARD = """\
id: lieux
title: {fr: Lieux inventés, en: Invented places}
description: {fr: Des lieux inventés pour un essai., en: Places invented for a test.}
publisher: {name: Personne, url: "https://example.org/"}
landing_page: https://example.org/lieux
license: https://www.etalab.gouv.fr/licence-ouverte-open-licence/
frequency: daily
distributions:
  default: {path: lieux.csv, format: csv}
records:
  - from: default
    table: initiative
    columns:
      id: record.identifier
      nom: [name, organization.name]
      code: commune
      siren: organization.siren
      site: homepage
    constants: {kind: third-place}
"""
KEY = "a key that nobody can guess"
"""Of the list of erasures."""
COMMUNES = ("39300", "39478", "25056", "01001")


def row(identifier: object, name: str = "", code: str = "39300", siren: str = "", site: str = "") -> str:
    """A line of the source's file."""
    return f"{identifier},{name or f'Lieu numéro {identifier}'},{code},{siren},{site}"


@dataclass
class Followed:
    """The source and its project; `day` is when a harvest says that it was made."""

    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    @property
    def project(self) -> Project:
        """Read anew, since the card may have changed."""
        return Project.load(self.settings)

    @property
    def folder(self) -> Path:
        return self.settings.sources / "lieux"

    def card(self, more: str = "", **changed: str) -> None:
        """Write the card, with more at its end and words changed."""
        text = CARD
        for old, new in changed.items():
            text = text.replace(old, new)
        (self.folder / "source.yaml").write_text(text + more, encoding="utf-8")

    def write(self, rows: Sequence[str], header: str = HEADER) -> None:
        (self.folder / "lieux.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    def on(self, day: str) -> None:
        """From now on it is that day."""
        assert download.fetch_distribution.__kwdefaults__ is not None
        self.monkeypatch.setitem(download.fetch_distribution.__kwdefaults__, "now", lambda: f"{day}T06:00:00Z")

    def run(self, rows: Sequence[str] | None = None, day: str | None = None, **given: Any) -> Harvest:
        """Harvest what is there, or these rows, on that day."""
        if rows is not None:
            self.write(rows)
        if day:
            self.on(day)
        project = self.project
        return line.harvest(project, project.sources["lieux"], Origin(), **given)

    def become(self, made: Path) -> None:
        """Take the place of a source that was followed in the folder `made`: a copy of all that it has."""
        for name in ("sources", "data"):
            shutil.rmtree(self.settings.data.parent / name)
            shutil.copytree(made / name, self.settings.data.parent / name, symlinks=True)

    def lines(self, harvest: Harvest | None = None) -> list[str]:
        """The published quads."""
        kept = harvest or outcome.last_good(self.project, "lieux")
        assert kept is not None
        return (kept.validated / "graph.nq").read_text(encoding="utf-8").splitlines()


@cache
def _harvested_territories() -> Path:
    """A folder of sources with the territories alone, and a data folder with their harvest: made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="clirld-followed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shipped = Settings.from_environment({})
    shutil.copytree(shipped.sources / "territories", folder / "sources" / "territories")
    project = Project.load(replace(shipped, data=folder / "data", sources=folder / "sources", workers=1))
    line.harvest(project, project.sources["territories"], Origin(sample=True))
    return folder


def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """A data folder with the territories harvested, and the source with its card and no file yet."""
    shipped = Settings.from_environment({})
    monkeypatch.setattr(stages, "program_fingerprint", lambda: "program")
    for name in ("sources", "data"):
        shutil.copytree(_harvested_territories() / name, tmp_path / name)
    sources = tmp_path / "sources"
    (sources / "lieux").mkdir()
    own = replace(shipped, data=tmp_path / "data", sources=sources, workers=1, erasure_key=KEY)
    found = Followed(own, monkeypatch)
    found.write([])
    found.card()
    return found
