"""Rights: which licence is published in which files, what a person has to accept, and what is left out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ReleaseError, UsageError
from clirld.harvest import outcome, rights
from clirld.release import licensing
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.settings import BASE
from tests.followed import Followed, followed, row

OPEN = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
CC = "https://creativecommons.org/licenses"
ODBL = "https://opendatacommons.org/licenses/odbl/1-0/"
NOT_STATED, RESTRICTED = (f"{BASE}concept/licence/{name}" for name in ("not-stated", "restricted"))

GROUPS = {
    OPEN: "open",
    f"{CC}/by/4.0/": "open",
    "https://creativecommons.org/publicdomain/zero/1.0/": "open",
    "https://spdx.org/licenses/MIT": "open",
    ODBL: "odbl",
    f"{CC}/by-sa/4.0/": "cc-by-sa",
    NOT_STATED: "by-permission",
    RESTRICTED: "by-permission",
    f"{CC}/by-nc/4.0/": "restricted",
    f"{CC}/by-nc-sa/4.0/": "restricted",
    f"{CC}/by-nd/4.0/": "restricted",
    f"{CC}/by-nc-nd/4.0/": "restricted",
}
"""Every licence that a card may have, and the group of files that its data goes to."""

REFUSED = {"by-permission": ("not-accepted", None), "restricted": ("never", "never")}
"""Why a source of a group is not published, before and after a person has accepted it; of others it is."""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    """A source kept by hand (no network, no mirror) that has been harvested."""
    made = followed(tmp_path, monkeypatch)
    made.run([row(n, site=f"https://example.org/{n}") for n in range(3)], "2026-01-01")
    return made


def with_licence(source: Followed, licence: str) -> Followed:
    source.card(**{OPEN: licence})
    return source


def accept(source: Followed, because: str = "they wrote yes") -> None:
    project = source.project
    rights.accept(project, project.sources["lieux"], because, "A Person", "2026-01-02T00:00:00+00:00")


def test_every_licence_is_tried(source: Followed) -> None:
    licences = source.project.vocabulary.licences
    assert {iri: licence.group.id for iri, licence in licences.items()} == GROUPS
    assert {licence.group.id for licence in licences.values() if licence.group.share_alike} == {"odbl", "cc-by-sa"}


def test_what_is_published_of_each_licence(source: Followed) -> None:
    harvest = outcome.last_good(source.project, "lieux")
    assert harvest is not None
    for licence, group in GROUPS.items():
        before, after = REFUSED.get(group, (None, None))
        project = with_licence(source, licence).project
        assert rights.refusal(project, harvest) == before, licence
        if group == "by-permission":
            accept(source)
        else:
            with pytest.raises(UsageError, match=r"is open|is not open"):
                accept(source)
        assert rights.refusal(project, harvest) == after, licence


@pytest.mark.parametrize("licence", [NOT_STATED, RESTRICTED])
def test_without_an_open_licence_a_named_person_has_to_accept_it(source: Followed, licence: str) -> None:
    project = with_licence(source, licence).project
    release, _new = make_release(project)
    assert [one["id"] for one in release.manifest["sources"]] == ["territories"]  # the others are published
    (left_out,) = release.manifest["left_out"]
    assert (left_out["id"], left_out["reason"]) == ("lieux", "not-accepted")
    assert "n'est pas publiée" in left_out["message"]["fr"]
    assert licensing.told({**left_out, "message": {}}) == left_out["message"]
    assert all(left_out["title"][language] in left_out["message"][language] for language in ("fr", "en"))
    assert all("clirld" not in text for text in left_out["message"].values())
    assert licensing.told({"message": {"fr": "autre"}}) == {"fr": "autre"}
    assert not mentions(release, b"graph/lieux>")
    assert make_release(project) == (release, False)

    accept(source)
    release, new = make_release(source.project)
    assert new
    assert release.manifest["left_out"] == []
    (entry,) = (one for one in release.manifest["sources"] if one["id"] == "lieux")
    word = {"by": "A Person", "because": "they wrote yes", "license": licence}
    assert entry["license"]["accepted"].items() >= word.items()
    for file in ("catalog.ttl", "README.md"):
        text = (release.folder / file).read_text(encoding="utf-8")
        assert "they wrote yes" in text
        assert "A Person" in text
    assert mentions(release, b"graph/lieux>") == {"lieux", "clirld-by-permission"}

    other = NOT_STATED if licence == RESTRICTED else RESTRICTED
    release, _new = make_release(with_licence(source, other).project)  # another licence needs another word
    assert [one["reason"] for one in release.manifest["left_out"]] == ["not-accepted"]


def test_a_licence_that_is_not_open_is_in_no_public_file(source: Followed) -> None:
    with_licence(source, NOT_STATED)
    accept(source)  # a word about another licence
    release, _new = make_release(with_licence(source, f"{CC}/by-nc/4.0/").project)
    assert [(one["id"], one["reason"]) for one in release.manifest["left_out"]] == [("lieux", "never")]
    assert not mentions(release, b"graph/lieux>")
    for path in (release.folder / "tables").rglob("*.csv"):
        assert "lieux" not in path.read_text(encoding="utf-8")


def test_where_nothing_may_be_published_nothing_is_released(source: Followed) -> None:
    outcome.harvest_file(source.project, "territories").unlink()
    with pytest.raises(ReleaseError, match="no source may be published"):
        make_release(with_licence(source, NOT_STATED).project)


def test_no_file_mixes_a_share_alike_licence_with_others(source: Followed) -> None:
    release, _new = make_release(with_licence(source, ODBL).project)
    assert mentions(release, b"graph/lieux>") == {"lieux", "clirld-odbl"}
    assert mentions(release, b"graph/territories>") == {"territories", "clirld-open"}
    assert mentions(release, b"id/initiative/lieux-1>") == {"lieux", "clirld-odbl", "derived-odbl"}
    licences = {"odbl": {ODBL}, "open": {OPEN}}
    folders = {path.name: path for path in (release.folder / "tables").iterdir()}
    assert folders.keys() == licences.keys()
    for group, folder in folders.items():
        tables = [pl.read_parquet(path) for path in folder.glob("*.parquet")]
        assert {name for table in tables for name in table["license"]} == licences[group]
        assert {name for table in tables for name in table["source"]} == {"lieux" if group == "odbl" else "territories"}
        assert {len(pl.read_csv(path, infer_schema=False)) for path in folder.glob("*.csv")} == {
            len(table) for table in tables
        }
    rights_of_all = release.manifest["rights"]
    assert [(one["id"], one["sources"]) for one in rights_of_all["groups"]] == [
        ("open", ["territories"]),
        ("odbl", ["lieux"]),
    ]
    catalogue = (release.folder / "catalog.ttl").read_text(encoding="utf-8")
    assert rights_of_all["statement"]["fr"] in catalogue
    assert "dct:RightsStatement" in catalogue
    assert rights_of_all["statement"]["en"] in (release.folder / "README.md").read_text(encoding="utf-8")


def test_the_command_keeps_a_named_word(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    with_licence(source, NOT_STATED)
    monkeypatch.setenv("CLIRLD_SOURCES", str(source.settings.sources))
    data = ["--data", str(source.settings.data)]

    def call(*arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(app.app, ["accept", "lieux", "--rights", *arguments, *data])
        return ran.exit_code, f"{ran.output}{ran.exception or ''}"

    code, said = call("--because", "they wrote yes")
    assert code != 0
    assert "nobody is named" in said
    assert call("--because", "they wrote yes", "--by", "A Person")[0] == 0
    lines = (source.settings.data / "rights" / "lieux.jsonl").read_text(encoding="utf-8").splitlines()
    (word,) = map(json.loads, lines)
    assert (word["source"], word["license"], word["because"], word["by"]) == (
        "lieux", NOT_STATED, "they wrote yes", "A Person",
    )  # fmt: skip
    assert word["when"]


def mentions(release: Release, text: bytes) -> set[str]:
    """Names of the dumps that hold a text, but for the catalogue, which describes what there is."""
    dumps = {path.name.removesuffix(".nq.gz"): path for path in (release.folder / "dump").iterdir()}
    catalogue = b"graph/catalog>"
    return {
        name
        for name, path in dumps.items()
        if any(text in one and catalogue not in one for one in gzip.decompress(path.read_bytes()).splitlines())
    }
