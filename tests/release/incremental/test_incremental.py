"""A release that takes over from the one before is the one made from nothing; some are not taken over from."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse

from clirld import checksums
from clirld.project import Project
from clirld.release import published
from clirld.release.changes.write import dumps_of
from clirld.release.incremental import pieces, store
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.release.unavailable import withdrawn
from clirld.search import index as search_index
from tests.dumps import quads_of
from tests.followed import Followed, followed, row
from tests.once import linked_copy
from tests.search.described import described

PLACES = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)]
RENAMED = [*PLACES[:4], row(4, "Le lieu renommé")]
HISTORY = [RENAMED, [*RENAMED, row(8, "Le lieu neuf")], [*RENAMED[:3], row(8, "Le lieu neuf")], PLACES]
"""A name, a row more, two rows fewer, and back again."""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    return followed(tmp_path, monkeypatch)


def release(source: Followed, rows: list[str], day: str) -> Release:
    source.run(rows, day)
    made, new = make_release(source.project)
    assert new
    return made


def from_nothing(source: Followed, made: Release, folder: Path) -> Release:
    """The same release where there was none before."""
    data = linked_copy(source.settings.data, folder)
    shutil.rmtree(data / "releases")
    (data / "current").unlink()
    project = Project.load(replace(source.settings, data=data))
    return make_release(project, now=datetime.fromisoformat(made.manifest["created"]))[0]


def contents(made: Release) -> dict[str, bytes]:
    """Every file by its path, but those that say what came before, what a store is kept in, and the index of words."""
    others = (
        "changes/",
        "feed/",
        "quality/over-time.csv",
        "quality/grade-over-time.csv",
        "store/",
        search_index.FILE,
        "checksums.json",
        "manifest.json",
        "README.md",
        "ro-crate-metadata.json",
    )
    names = (path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*") if path.is_file())
    return {name: (made.folder / name).read_bytes() for name in names if not name.startswith(others)}


def in_store(made: Release) -> list[str]:
    return sorted(str(quad) for quad in Store.read_only(str(made.folder / "store")))


def in_dumps(made: Release) -> list[str]:
    """The quads of its dumps as a store has them, to which 0.0 and 0.00 are one number."""
    loaded = Store()
    loaded.load(b"\n".join(quads_of(made.folder)), format=RdfFormat.N_QUADS)
    return sorted(map(str, loaded))


def test_each_release_of_a_history_is_the_one_made_from_nothing(source: Followed, tmp_path: Path) -> None:
    before = release(source, PLACES, "2026-01-01")
    assert before.manifest["store"]["changed"] == before.manifest["index"]["changed"] == 0
    for day, rows in enumerate(HISTORY, 2):
        made = release(source, rows, f"2026-01-{day:02}")
        assert made.manifest["store"]["changed"] > before.manifest["store"]["changed"]
        anew = from_nothing(source, made, tmp_path / f"from-nothing-{day}")
        assert contents(made) == contents(anew)
        assert in_store(made) == in_dumps(made)
        assert made.manifest["index"]["changed"] > before.manifest["index"]["changed"]
        assert described(made.folder / search_index.FILE) == described(anew.folder / search_index.FILE)
        assert checksums.verify(made.folder) == []
        assert published.damaged_files(before) == []
        before = made


def test_what_is_the_same_is_a_link(source: Followed) -> None:
    first = release(source, PLACES, "2026-01-01")
    second = release(source, RENAMED, "2026-01-02")
    names = ["dump/ontology.nq.gz", "dump/concepts.nq.gz", "pieces/concepts/jsonld.gz", "pieces/contours.json"]
    # What is counted of a place does not follow from its name.
    panels = [path.relative_to(first.folder).as_posix() for path in first.folder.glob("extracts/*/territory_panel_*")]
    assert panels
    names += panels
    assert all((second.folder / name).samefile(first.folder / name) for name in names)
    assert not (second.folder / "dump/lieux.nq.gz").samefile(first.folder / "dump/lieux.nq.gz")
    shutil.rmtree(first.folder)  # links are files of their own
    assert in_store(second) == in_dumps(second)


def test_a_store_is_loaded_anew_where_that_takes_less(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    release(source, PLACES, "2026-01-01")
    changed = release(source, RENAMED, "2026-01-02").manifest["store"]["changed"]
    monkeypatch.setattr(store, "_COST", 1_000_000)
    made = release(source, PLACES, "2026-01-03")
    assert changed > 0
    assert made.manifest["store"]["changed"] == 0
    assert in_store(made) == in_dumps(made)


def test_an_index_is_made_anew_where_that_takes_less(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    release(source, PLACES, "2026-01-01")
    assert release(source, RENAMED, "2026-01-02").manifest["index"]["changed"] > 0
    monkeypatch.setattr(pieces, "_COST_OF_A_THING", 1_000_000)
    assert release(source, PLACES, "2026-01-03").manifest["index"]["changed"] == 0


def test_a_store_of_another_version_is_not_copied(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    release(source, PLACES, "2026-01-01")
    monkeypatch.setattr(store.metadata, "version", lambda _name: "0.0")
    assert release(source, RENAMED, "2026-01-02").manifest["store"] == {"pyoxigraph": "0.0", "changed": 0}


def test_nothing_is_taken_over_from_what_repeats_a_withdrawn_release(source: Followed) -> None:
    first = release(source, PLACES, "2026-01-01")
    second = release(source, RENAMED, "2026-01-02")
    withdrawn.withdraw(source.settings.data, [first.id], "a column that should not have been read", "the tests")
    third = release(source, PLACES, "2026-01-03")
    assert third.manifest["store"]["changed"] == third.manifest["index"]["changed"] == 0
    assert not (third.folder / "dump/concepts.nq.gz").samefile(second.folder / "dump/concepts.nq.gz")


def test_parts_of_json_ld_are_the_whole(source: Followed) -> None:
    made = release(source, PLACES, "2026-01-01")
    for group in dumps_of(made):
        quads, as_json = (made.folder / "dump" / f"clirld-{group}.{kind}.gz" for kind in ("nq", "jsonld"))
        whole = parse(gzip.decompress(as_json.read_bytes()), format=RdfFormat.JSON_LD)
        assert set(whole) == set(parse(gzip.decompress(quads.read_bytes()), format=RdfFormat.N_QUADS))
