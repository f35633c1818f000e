"""What a release says of its changes: the patch leads from one release to the next, the feed rebuilds it."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph as ox
import pytest
import rdflib
from typer.testing import CliRunner

from clirld.cli import app
from clirld.release import published
from clirld.release.changes import ldes
from clirld.release.changes.patch import COLUMNS
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.release.unavailable.mark import mark_of
from clirld.settings import BASE
from tests.followed import Followed, followed, row
from tests.release.changes.feed_reader import rebuild

KEY = "a key that nobody can guess"
PLACES = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    found = followed(tmp_path, monkeypatch)
    found.settings = replace(found.settings, erasure_key=KEY)
    names = {"SOURCES": found.settings.sources, "DATA": found.settings.data, "LANGUAGE": "en", "ERASURE_KEY": KEY}
    for name, value in names.items():
        monkeypatch.setenv(f"CLIRLD_{name}", str(value))
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source with one release, of `PLACES`."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        release(followed(folder, patched), PLACES, "2026-01-01")
    return folder


@pytest.fixture
def first(source: Followed, made: Path) -> Release:
    """That release, of a copy of it that is the source of the test."""
    source.become(made)
    return published.all_releases(source.settings.data)[0]


def release(source: Followed, rows: list[str], day: str) -> Release:
    source.run(rows, day)
    made, new = make_release(source.project)
    assert new
    return made


def dump(made: Release, name: str = "clirld-open") -> set[bytes]:
    return set(gzip.decompress((made.folder / "dump" / f"{name}.nq.gz").read_bytes()).splitlines())


def said(made: Release) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((made.folder / "changes" / "summary.json").read_text(encoding="utf-8"))
    return found


def of_feed(made: Release, name: str) -> tuple[str, set[str]]:
    """The stream of a graph and the lines that it gives."""
    stream, quads = rebuild(
        f"http://h/feed/{name}/index.trig", lambda url: _file(made.folder / url.removeprefix("http://h/"))
    )
    return stream, {f"{quad} ." for quad in quads}


def _file(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else path.with_name(f"{path.name}.gz").read_bytes()


def canonical(lines: set[bytes]) -> set[str]:
    return {f"{quad} ." for quad in ox.parse(input=b"\n".join(lines), format=ox.RdfFormat.N_QUADS)}


def everything(made: Release) -> bytes:
    """All that the release tells of changes, unpacked."""
    paths = [path for name in ("changes", "feed") for path in sorted((made.folder / name).rglob("*")) if path.is_file()]
    return b"".join(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths)


def test_dumps_are_sorted(first: Release) -> None:
    for path in (first.folder / "dump").glob("[!c]*.nq.gz"):
        lines = gzip.decompress(path.read_bytes()).splitlines()
        assert lines == sorted(set(lines)), path


def test_the_first_release_changes_nothing_and_begins_the_feed(first: Release) -> None:
    assert said(first)["from"] is None
    assert not said(first)["withheld"]
    assert [path.name for path in (first.folder / "changes").iterdir()] == ["summary.json"]
    stream, lines = of_feed(first, "lieux")
    assert stream == f"{BASE}feed/lieux#{first.id}"
    assert lines == canonical(dump(first, "lieux"))


# rdflib's own parser uses a name that rdflib gives up.
@pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")
def test_patch_table_counts_and_feed_of_a_change(source: Followed, first: Release) -> None:
    second = release(source, [*PLACES[:3], row(3, "Le lieu renommé"), row(9, "Le lieu neuf")], "2026-01-02")
    text = gzip.decompress((second.folder / "changes" / "open.rdfp.gz").read_bytes())
    dataset = rdflib.Dataset()
    dataset.parse(data=b"\n".join(dump(first)), format="nquads")
    dataset.parse(data=text, format="patch")
    expected = rdflib.Dataset()
    expected.parse(data=b"\n".join(dump(second)), format="nquads")
    assert set(dataset.quads()) == set(expected.quads())
    assert text.startswith(f"H id <{BASE}release/{second.id}> .\nH prev <{BASE}release/{first.id}> .\nTX .\n".encode())
    assert text.endswith(b"TC .\n")
    told = said(second)
    assert told["from"]["id"] == first.id
    initiative = next(
        one for one in told["classes"] if (one["graph"], one["class"]) == ("lieux", f"{BASE}ontology#Initiative")
    )
    assert (initiative["added"], initiative["removed"], initiative["changed"]) == (1, 0, 1)  # 4 is missing, not gone
    removed, added = (len(dump(a, "lieux") - dump(b, "lieux")) for a, b in ((first, second), (second, first)))
    assert told["quads"]["lieux"] == {"added": added, "removed": removed}
    assert "territories" not in told["quads"]
    with (second.folder / "changes" / "open.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    table = pl.read_parquet(second.folder / "changes" / "open.parquet")
    assert [{name: str(value) for name, value in one.items()} for one in table.iter_rows(named=True)] == rows
    (added_row,) = [one for one in rows if one["change"] == "added" and one["class"] == f"{BASE}ontology#Initiative"]
    assert added_row["subject"] == f"{BASE}id/initiative/lieux-9"
    for name in ("lieux", "territories", "catalog", "accounting-open"):
        stream, lines = of_feed(second, name)
        assert stream == f"{BASE}feed/{name}#{first.id}"
        assert lines == canonical(dump(second, name)), name
    old, new = ((one.folder / "feed" / "lieux") for one in (first, second))
    for page in old.glob("*.gz"):
        assert (new / page.name).read_bytes() == page.read_bytes()


def test_what_is_deleted_leaves_the_feed_as_such(source: Followed, first: Release) -> None:
    source.card(
        **{"    constants:": '    withhold: {"4": natural-person}\n    constants:'}
    )  # what may no longer be published leaves no tombstone
    second = release(source, PLACES, "2026-01-02")
    _stream, lines = of_feed(second, "lieux")
    assert lines == canonical(dump(second, "lieux"))
    pages = ldes.pages(second.folder / "feed" / "lieux")
    assert ldes.release_of(pages[0]) == first.id
    assert b"a as:Delete" in b"".join(gzip.decompress(page.read_bytes()) for page in pages)


def test_a_stream_begins_anew_once_it_has_outgrown_its_beginning(source: Followed, first: Release) -> None:
    begun = set()
    for n in range(6):
        made = release(source, [row(i, f"Le lieu {'abcdef'[n]}{i}") for i in range(5)], f"2026-01-1{n}")
        stream, lines = of_feed(made, "lieux")
        begun.add(stream)
        assert lines == canonical(dump(made, "lieux"))
    assert f"{BASE}feed/lieux#{first.id}" in begun
    assert len(begun) > 1


def test_the_pages_of_a_stream_are_cut_by_size(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldes, "PAGE_BYTES", 3000)
    made = release(source, PLACES, "2026-01-01")
    assert len(ldes.pages(made.folder / "feed" / "lieux")) > 3
    assert of_feed(made, "lieux")[1] == canonical(dump(made, "lieux"))


@pytest.mark.usefixtures("first")
def test_a_graph_that_leaves_is_removed_by_the_patch_and_has_no_feed(source: Followed) -> None:
    shutil.rmtree(source.folder)
    made, new = make_release(source.project)
    assert new
    assert said(made)["quads"]["lieux"]["added"] == 0
    assert said(made)["quads"]["lieux"]["removed"] > 0
    assert not (made.folder / "feed" / "lieux").exists()


def test_a_release_of_unsorted_dumps_is_compared_all_the_same(source: Followed, first: Release) -> None:
    path = first.folder / "dump" / "lieux.nq.gz"
    path.write_bytes(gzip.compress(b"\n".join(reversed(gzip.decompress(path.read_bytes()).splitlines())) + b"\n"))
    manifest = first.folder / "manifest.json"
    manifest.write_text(json.dumps({**first.manifest, "layout": 3}), encoding="utf-8")
    (first.folder / "checksums.json").unlink()
    second = release(source, [*PLACES, row(9, "Le lieu neuf")], "2026-01-02")
    told = said(second)["classes"]
    (found,) = (one for one in told if (one["graph"], one["class"]) == ("lieux", f"{BASE}ontology#Initiative"))
    assert (found["added"], found["removed"], found["changed"]) == (1, 0, 0)


SECRET = row("zeta9", "Chez Zénobie Quelconque", siren="552100554")
TRACES = (b"zeta9", "Zénobie".encode(), b"552100554")


@pytest.mark.parametrize("asked", [["lieux", "zeta9"], ["--siren", "552100554"]], ids=["record", "number"])
def test_what_is_erased_is_in_no_patch_and_no_page_from_then_on(source: Followed, asked: list[str]) -> None:
    release(source, [*PLACES, SECRET], "2026-01-01")
    holding = release(source, [*PLACES[:4], SECRET], "2026-01-02")
    assert all(trace in everything(holding) for trace in TRACES)
    told = CliRunner().invoke(app.app, ["erase", *asked, "--because", "x"], catch_exceptions=False)
    assert told.exit_code == 0
    source.run(day="2026-01-03")
    after, new = make_release(source.project)
    assert new
    assert said(after)["withheld"]
    assert said(after)["from"]["id"] == holding.id
    assert not any(trace in everything(after) for trace in TRACES)
    stream, lines = of_feed(after, "lieux")
    assert stream == f"{BASE}feed/lieux#{after.id}"
    assert lines == canonical(dump(after, "lieux"))
    assert mark_of(source.settings.data, holding.id).holds_erased
    assert not mark_of(source.settings.data, after.id).holds_erased
    again = release(source, [*PLACES, row(9, "Le lieu neuf")], "2026-01-04")
    assert not said(again)["withheld"]
    assert of_feed(again, "lieux")[0] == stream


def test_what_had_gone_before_it_was_erased_is_found_in_patch_and_feed(source: Followed) -> None:
    release(source, [*PLACES, SECRET], "2026-01-01")
    release(source, PLACES, "2026-01-02")
    source.run(day="2026-01-25")
    gone = release(source, PLACES, "2026-02-10")  # no table has it any more, the patch and the feed do
    assert b"Quelconque" in everything(gone)
    CliRunner().invoke(app.app, ["erase", "--siren", "552100554", "--because", "x", "--force"], catch_exceptions=False)
    source.run(day="2026-02-11")
    after, new = make_release(source.project)
    assert new
    assert mark_of(source.settings.data, gone.id).holds_erased
    assert not any(trace in everything(after) for trace in TRACES)
