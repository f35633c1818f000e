"""CITATION.cff is the one place that says how to cite the project: the package and Zenodo say the same."""

from __future__ import annotations

import json
import re
import tomllib

import clirld
from docs import zenodo
from tests.conftest import PROJECT

CITED = zenodo.citation()
PACKAGE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_zenodo_is_told_what_the_citation_says() -> None:
    assert zenodo.FILE.read_text(encoding="utf-8") == zenodo.text(), "run “python docs/zenodo.py”"


def test_the_package_says_the_same() -> None:
    assert CITED["version"] == PACKAGE["version"] == clirld.__version__
    assert CITED["license"] == PACKAGE["license"]
    assert [one["name"] for one in CITED["authors"]] == [one["name"] for one in PACKAGE["authors"]]
    newest = re.search(r"^## (\S+) – ", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest
    assert newest[1] == CITED["version"]


def test_the_citation_has_what_its_format_asks_for() -> None:
    """Citation File Format 1.2.0: what is required, and the values that are listed there."""
    assert CITED.keys() >= {"cff-version", "message", "title", "authors"}
    assert CITED["cff-version"] == "1.2.0"
    assert CITED["type"] in ("software", "dataset")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(CITED["date-released"]))


def test_zenodo_finds_what_it_asks_for() -> None:
    """https://developers.zenodo.org/#representation: what is required of a software, and the values listed there."""
    told = json.loads(zenodo.FILE.read_text(encoding="utf-8"))
    assert told.keys() >= {"title", "description", "upload_type", "creators", "access_right", "license"}
    assert told["upload_type"] == "software"
    assert told["access_right"] == "open"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["publication_date"])
    assert all(one["name"] for one in told["creators"])
    relations = {"isDescribedBy", "isSupplementTo", "isDocumentedBy", "isIdenticalTo"}
    assert {one["relation"] for one in told["related_identifiers"]} <= relations
    assert all(one["identifier"].startswith("https://") for one in told["related_identifiers"])


def test_names_of_people_are_written_as_zenodo_wants_them() -> None:
    authors = [{"family-names": "Exemple", "given-names": "Camille"}, {"name": "clirld contributors"}]
    assert [one["name"] for one in zenodo.metadata({**CITED, "authors": authors})["creators"]] == [
        "Exemple, Camille",
        "clirld contributors",
    ]
