"""The graphs of a release as they are sent: of licence groups, merged from several dumps, refused if damaged."""

from __future__ import annotations

import gzip
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from clirld.errors import ReleaseError, UsageError
from clirld.publish import graphs
from clirld.release import gzip_files
from clirld.release.published import Release
from clirld.settings import BASE
from tests.publish.stores import Content, content, release, triples


def names(found: list[graphs.ReleaseGraph]) -> list[str]:
    return [one.iri.removeprefix(f"{BASE}graph/") for one in found]


def test_a_graph_is_its_lines_without_their_graph(tmp_path: Path) -> None:
    found = {one.iri: one for one in graphs.of_release(release(tmp_path, content()))}
    lieux = found[f"{BASE}graph/lieux"]
    body = b"".join(lieux.chunks())
    assert body == "".join(sorted(f"{line} .\n" for line in triples("lieux", 30))).encode()
    assert (lieux.triples, lieux.size, lieux.sha256) == (30, len(body), sha256(body).hexdigest())


def test_what_is_in_several_dumps_is_merged_in_order(tmp_path: Path) -> None:
    what = content()
    what.graphs["accounting-odbl"] = ["<a:a> <a:b> <a:c>", "<z:a> <a:b> <a:c>"]
    accounting = graphs.of_release(release(tmp_path, what))[0]
    lines = b"".join(accounting.chunks()).splitlines()
    assert lines == sorted(lines)
    assert len(lines) == accounting.triples == 7


def test_a_triple_of_two_graphs_is_once_in_the_default_graph(tmp_path: Path) -> None:
    what = content()
    what.graphs["tiers"].append(what.graphs["lieux"][0])
    found = graphs.of_release(release(tmp_path, what), default_graph=True)
    default = next(one for one in found if one.iri == graphs.DEFAULT)
    assert default.triples == sum(one.triples for one in found if one is not default) - 1


def test_licence_groups(tmp_path: Path) -> None:
    made = release(tmp_path, content())
    assert names(graphs.of_release(made)) == [
        *("accounting", "cartes", "concepts", "derived", "lieux", "ontology", "tiers", "catalog")
    ]
    assert names(graphs.of_release(made, ["odbl"])) == ["accounting", "cartes"]
    assert graphs.of_release(made, ["odbl"])[0].triples == 2
    with pytest.raises(UsageError, match="no licence group gpl") as caught:
        graphs.of_release(made, ["gpl"])
    assert caught.value.do == "there are: open, odbl"


def damaged(made: Release, name: str, change: bytes | None) -> None:
    path = made.folder / "dump" / f"{name}.nq.gz"
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change)


END = f" <{BASE}graph/lieux> .\n".encode()


@pytest.mark.parametrize(
    "change",
    [
        None,
        b"no gzip",
        gzip.compress(b"<a:a> <a:b> <a:c>" + END)[:-9],
        gzip.compress(b"<a:a> <a:b> <a:c> <urn:another> .\n" * 30),
        gzip.compress(b"<a:a> <a:b> <a:c>" + END),  # whole, and not what the manifest says
        gzip.compress(b"<a:a> <a:b> <a:c>" + END + b"<a:a> <a:b>"),
    ],
    ids=["gone", "no gzip", "cut", "another graph", "too short", "half a line"],
)
def test_a_damaged_dump_is_never_sent(tmp_path: Path, change: bytes | None) -> None:
    made = release(tmp_path, content())
    damaged(made, "lieux", change)
    with pytest.raises(ReleaseError, match=r"the release is damaged: lieux\.nq\.gz") as caught:
        graphs.of_release(made)
    assert caught.value.where == made.id


@pytest.mark.parametrize("default_graph", [True, False])
def test_nothing_is_held_in_memory_but_some_lines(tmp_path: Path, default_graph: bool) -> None:
    made = release(tmp_path, Content({"lieux": triples("lieux", 3), "tiers": triples("tiers", 2)}))
    number = 150_000
    for name in ("lieux", "tiers"):
        end = f" <{BASE}graph/{name}> .\n"
        lines = (
            f"<{BASE}id/record/{name}-{n:09}> <http://purl.org/dc/terms/title> {'x' * 40!r}".replace("'", '"') + end
            for n in range(number)
        )
        gzip_files.write_lines((line.encode() for line in lines), made.folder / "dump" / f"{name}.nq.gz")
    for name in ("ontology", "concepts", "catalog", "accounting-open", "derived-open"):
        gzip_files.write_lines([], made.folder / "dump" / f"{name}.nq.gz")
    made.manifest["rights"]["groups"].pop()
    made.manifest["graphs"] = {"lieux": number, "tiers": number}
    tracemalloc.start()
    found = graphs.of_release(made, default_graph=default_graph)
    size = sum(len(chunk) for one in found for chunk in one.chunks())
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 30_000_000
    assert most < size / 3
