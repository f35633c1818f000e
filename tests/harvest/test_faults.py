"""What the world does to a file between two harvests: nothing wrong is published, what was good stays, and it is said.

The faults of the network are in test_fetch, those of APIs in connect/: here are those of the content. Each is taken
through the whole line and a release, after a good harvest of the same source.
"""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clirld import issues
from clirld.errors import DataError, GuardError
from clirld.fetch.stage import Origin
from clirld.harvest import issue_groups, line, outcome
from clirld.project import Project
from clirld.release.make import make_release
from clirld.settings import Settings

CARD = """\
id: calls
title: {fr: Appels, en: Calls}
description: {fr: Des appels inventés, en: Invented calls}
publisher: {name: Exemple, url: https://example.org/}
landing_page: https://example.org/calls
license: https://creativecommons.org/licenses/by/4.0/
frequency: monthly
distributions:
  default: {url: https://example.org/calls.csv, format: csv, delimiter: ";", member: "*.csv"}
records:
  - from: default
    table: programme
    columns:
      ID: record.identifier
      NOM: name
      ANNEE: start_year
      PAGE: page
      NOTE: ~
"""
HEADER = "ID;NOM;ANNEE;PAGE;NOTE\n"
ROWS = [f"{n};Appel d'été n° {n};{2000 + n % 20};https://example.org/{n};x\n" for n in range(100)]
GOOD = HEADER + "".join(ROWS)


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("calls.csv", HEADER + "0;0;0;0;0\n" * (8 * 1024**2))


def _text(text: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(text.encode(encoding)) and None


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "a column renamed": (_text(GOOD.replace("ANNEE", "ANNÉE", 1)), "“ANNEE” is gone"),
    "a mapped column dropped": (_text("\n".join(row.partition(";")[2] for row in GOOD.splitlines())), "“ID” is gone"),
    "another delimiter": (_text(GOOD.replace(";", ",")), "not separated by the delimiter"),
    "half the rows gone": (_text(HEADER + "".join(ROWS[:50])), "guard-fewer"),
    "all the rows gone": (_text(HEADER), "guard-fewer"),
    "nearly everything changed": (_text(GOOD.replace("Appel", "Programme")), "guard-changed"),
    "a column emptied": (_text(GOOD.replace("https://example.org/", "")), "guard-filled-fell"),
    "another encoding": (_text(GOOD, "cp1252"), "not utf-8"),
    "an error page": (_text("<!DOCTYPE html><html><body>Maintenance</body></html>"), "a web page"),
    "nothing": (_text(""), "an empty file"),
    "a file cut within a quote": (_text(GOOD + '100;"Appel'), "never closed"),
    "JSON instead": (_text('{"erreur": "quota"}'), "JSON instead"),
    "a ZIP bomb": (_bomb, "no registry packs that well|the members would be"),
}
"""Fault → how the file is made, and what is said: words of the message, or the code of a guard's issue."""
FEWER_COLUMNS = _text("\n".join(row.rpartition(";")[0] for row in GOOD.splitlines()))
MORE_COLUMNS = _text("\n".join(f"{row};{'' if n else 'NOUVEAU'}" for n, row in enumerate(GOOD.splitlines())))


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    (folder / "calls").mkdir()
    (folder / "calls" / "source.yaml").write_text(CARD, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project whose only source has a good harvest and a release, and the folder of it and of its mirror."""
    folder = tmp_path_factory.mktemp("made")
    settings = replace(Settings.from_environment({}), sources=sources, data=folder / "data", workers=1)
    project = Project.load(settings)
    (folder / "mirror" / "calls").mkdir(parents=True)
    take(project, folder, _text(GOOD))
    make_release(project)
    return project, folder


@pytest.fixture
def project(made: tuple[Project, Path], tmp_path: Path) -> Project:
    """A copy of it, for a test to spoil."""
    known, folder = made
    shutil.copytree(folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return replace(known, settings=replace(known.settings, data=tmp_path / "data"))


def take(project: Project, folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "mirror" / "calls" / "default.csv")
    line.harvest(project, project.sources["calls"], Origin(mirror=folder / "mirror"))


def published(project: Project) -> list[bytes]:
    """The quads of the source that are served."""
    path = project.settings.data / "current" / "dump" / "calls.nq.gz"
    return sorted(gzip.decompress(path.read_bytes()).splitlines())


@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_wrong_is_not_published_and_what_was_good_stays(project: Project, tmp_path: Path, fault: str) -> None:
    make, words = REFUSED[fault]
    good = outcome.last_good(project, "calls")
    with pytest.raises(DataError) as error:
        take(project, tmp_path, make)
    assert error.value.do
    assert outcome.last_good(project, "calls") == good
    codes = [issue.code for issue in issue_groups.source_issues(project, "calls")]
    if isinstance(error.value, GuardError):
        assert words in codes
        assert "clirld accept calls" in error.value.do
    else:
        assert re.search(words, str(error.value))
        assert codes[0] == "stage-failed"
    take(project, tmp_path, _text(GOOD))  # the source is well again
    assert outcome.failure(project, "calls") is None
    assert outcome.last_good(project, "calls") == good


def test_a_release_says_that_a_source_is_kept(project: Project, tmp_path: Path) -> None:
    before = published(project)
    with pytest.raises(DataError) as error:
        take(project, tmp_path, REFUSED["half the rows gone"][0])
    made, new = make_release(project)
    assert new
    assert published(project) == before
    [told] = made.manifest["sources"]
    assert (told["state"], told["failure"]["do"]) == ("kept", error.value.do)


@pytest.mark.parametrize(
    ("text", "code", "rows"),
    [
        (FEWER_COLUMNS, "column-gone", 100),
        (MORE_COLUMNS, "column-new", 100),
        (_text("\ufeff" + GOOD), None, 100),
        (_text(GOOD.replace("\n", "\r\n")), None, 100),
        (_text(GOOD + ROWS[0] + ROWS[1]), "row-dropped", 100),
        (_text(GOOD + "101;trop;2000;;x;y;z\n"), "row-ragged", 100),
        (_text(GOOD.replace("7;Appel d'été n° 7;2007", "7;Appel d'été n° 7;MMVII")), "value-unclean", 100),
        (_text(HEADER + "".join(reversed(ROWS))), None, 100),
    ],
    ids=[
        *(
            "an ignored column dropped",
            "a column added",
            "a byte order mark",
            "other line ends",
            "keys twice",
        ),
        *("a row with too many cells", "a value that is none", "another order"),
    ],
)
def test_what_can_be_borne_is_published_and_told(
    project: Project, tmp_path: Path, text: Callable[[Path], None], code: str | None, rows: int
) -> None:
    take(project, tmp_path, text)
    good = outcome.last_good(project, "calls")
    assert good
    assert good.account.summary()["published"] == rows
    codes = {one.code for folder in good.issue_folders for one in issues.read(folder / "issues.jsonl")}
    assert code is None or code in codes
    assert outcome.failure(project, "calls") is None
