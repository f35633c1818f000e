"""`clirld publish`: what it says, of which release, and what it never publishes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import ClirldError, PublishError, ReleaseError, UsageError
from clirld.publish import choice
from clirld.publish.state import GRAPH as STATE
from clirld.release import published
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.release.unavailable.withdrawn import withdraw
from clirld.settings import BASE
from tests.cli.test_french_help import clirld
from tests.followed import Followed, row
from tests.publish.stores import Asked, GraphServer, Handler, content, graph_server, release

PLACES = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)]
SECRET = row("zeta9", "Chez Zénobie Fictif", siren="552100554")
NAME = "Zénobie"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GraphServer]:
    monkeypatch.setenv("CLIRLD_LANGUAGE", "en")
    with graph_server() as found:
        yield found


def call(*words: str, code: int = 0) -> str:
    told = CliRunner().invoke(app.app, words)
    if isinstance(told.exception, ClirldError):
        raise told.exception
    assert told.exit_code == code, told.output
    return told.stdout


def held(server: GraphServer) -> str:
    return "\n".join(map(str, server.store))


def test_what_is_said(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    made, _new = make_release(source.project)
    assert call("publish", "--to", server.url, "--status", code=1) == "nothing was published there by clirld\n"
    told = call("publish", "--to", server.url)
    number = sum(count > 0 for count in made.manifest["graphs"].values())
    counted = f"{number} graphs, {made.manifest['quads']:,} triples; each graph counted"
    assert told.splitlines() == [
        f"release {made.id} is whole in {server.url}: {counted}",
        f"sent: {number}; unchanged: 0; deleted: 0",
    ]
    assert f"sent: 0; unchanged: {number}; deleted: 0" in call("publish", "--to", server.url)
    status = call("publish", "--to", server.url, "--status")
    assert status.startswith(f"Release {made.id}, complete\nbegun: ")
    data = json.loads(call("publish", "--to", server.url, "--status", "--json"))
    assert (data["kind"], data["release"], data["staging"]) == ("complete", made.id, {})
    assert json.loads(call("publish", "--to", server.url, "--json"))["sent"] == {}


def test_what_broke_off_is_said(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    made, _new = make_release(source.project)
    server.fault = lambda handler, asked, _n: (
        asked.method == "PUT" and asked.graph.endswith("/lieux") and (handler.reply(507, b"the disk is full") or True)
    )
    with pytest.raises(ClirldError, match="the store answered 507: “the disk is full”"):
        call("publish", "--to", server.url)
    server.fault = None
    status = call("publish", "--to", server.url, "--status", code=1).splitlines()
    assert status[0] == f"Release {made.id} is being brought in: 2 of 6 graphs"
    assert status[2:] == [
        "done: accounting, concepts",
        "to do: catalog, lieux, ontology, territories",
        f"→ to make it whole: clirld publish --to {server.url}, which sends what is missing or differs",
    ]
    assert "an earlier publication had not come to its end: it was taken up again" in call(
        "publish", "--to", server.url
    )


def test_what_somebody_changed_there_is_said(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    make_release(source.project)
    call("publish", "--to", server.url)
    quad = next(quad for quad in server.store if str(quad.graph_name).endswith("/lieux>"))
    server.store.remove(quad)
    stated = len([one for one in server.store if one.graph_name == quad.graph_name]) + 1
    told = call("publish", "--to", server.url, "--status", code=1)
    assert f"lieux has {stated - 1} triples, not the {stated} that were put there" in told
    assert "changed there by somebody, and sent anew: lieux" in call("publish", "--to", server.url)
    assert "complete" in call("publish", "--to", server.url, "--status")


def test_what_is_erased_is_not_published_and_what_held_it_is_replaced(source: Followed, server: GraphServer) -> None:
    source.run([*PLACES, SECRET], "2026-01-01")
    holding, _new = make_release(source.project)
    call("publish", "--to", server.url)
    assert NAME in held(server)
    call("erase", "lieux", "zeta9", "--because", "asked by letter")
    for words in ([], ["--release", holding.id]):
        with pytest.raises(ReleaseError, match="holds what has been erased since"):
            call("publish", "--to", server.url, *words)
    told = call("publish", "--to", server.url, "--status", code=1)
    assert f"release {holding.id} is given no more: which holds what has been erased since" in told
    source.run(day="2026-01-02")
    without, _new = make_release(source.project)
    told = call("publish", "--to", server.url)
    assert NAME not in held(server)
    assert without.id in told
    assert f"the store had release {holding.id}, which holds what has been erased since: " in told


def test_the_list_of_erasures_is_looked_at_as_it_is_now(source: Followed, server: GraphServer) -> None:
    """Another machine's list came by its backup: nobody has marked the releases yet."""
    source.run([*PLACES, SECRET], "2026-01-01")
    make_release(source.project)
    call("erase", "lieux", "zeta9", "--because", "asked by letter")
    for mark in (source.settings.data / "erased-releases").glob("*.json"):
        mark.unlink()
    with pytest.raises(ReleaseError, match="holds what has been erased since"):
        call("publish", "--to", server.url)
    assert server.put() == []


def test_what_is_withdrawn_is_not_published_and_said_of_the_store(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    wrong, _new = make_release(source.project)
    call("publish", "--to", server.url)
    source.run(PLACES[:4], "2026-01-02")
    right, _new = make_release(source.project)
    withdraw(source.settings.data, [wrong.id], "une colonne de trop", "tester")
    with pytest.raises(ReleaseError, match="was withdrawn on"):
        call("publish", "--to", server.url, "--release", wrong.id)
    told = call("publish", "--to", server.url)
    assert right.id in told
    assert f"the store had release {wrong.id}, withdrawn on" in told
    assert "(une colonne de trop)" in told


def test_another_release_can_be_published(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    old, _new = make_release(source.project)
    source.run(PLACES[:3], "2026-01-02")
    new, _new = make_release(source.project)
    call("publish", "--to", server.url)
    data = json.loads(call("publish", "--to", server.url, "--release", old.id, "--json"))
    assert (data["before"], data["release"]) == (new.id, old.id)
    with pytest.raises(ReleaseError, match=r"no release \.\./current") as caught:
        call("publish", "--to", server.url, "--release", "../current")
    assert f"there are: {new.id}, {old.id}" in caught.value.do


def test_a_damaged_release_is_not_published(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    made, _new = make_release(source.project)
    dump = made.folder / "dump" / "lieux.nq.gz"
    dump.write_bytes(dump.read_bytes()[:-1])
    with pytest.raises(ReleaseError, match="the release is damaged"):
        call("publish", "--to", server.url)
    assert server.asked == []


def test_nothing_to_publish(tmp_path: Path, server: GraphServer) -> None:
    with pytest.raises(ReleaseError, match="there is no release yet"):
        call("publish", "--to", server.url, "--data", str(tmp_path))


def test_only_a_licence_group(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    make_release(source.project)
    call("publish", "--to", server.url, "--licence-group", "open")
    assert f"{BASE}graph/lieux" in server.put()
    with pytest.raises(UsageError, match="no licence group gpl"):
        call("publish", "--to", server.url, "--licence-group", "gpl")


@pytest.fixture
def two_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A release of the groups open and odbl, served from the data folder."""
    monkeypatch.setenv("CLIRLD_DATA", str(tmp_path))
    made = release(tmp_path / "releases", content())
    monkeypatch.setattr(choice, "mark_releases", lambda _settings: None)
    monkeypatch.setattr(published, "require_whole", lambda _release: None)
    (tmp_path / "current").symlink_to(Path("releases") / made.id)
    return made


@pytest.mark.parametrize(
    ("before", "asked", "lost"),
    [
        ([], ["--licence-group", "open"], "--licence-group odbl"),
        (["--licence-group", "open"], ["--licence-group", "odbl"], "--licence-group open"),
        (["--default-graph"], [], "--default-graph"),
        (["--default-graph"], ["--licence-group", "odbl"], "--licence-group open --default-graph"),
    ],
)
def test_who_asks_for_less_deletes_nothing_without_saying_so(
    two_groups: Release, server: GraphServer, before: list[str], asked: list[str], lost: str
) -> None:
    call("publish", "--to", server.url, *before)
    had = held(server)
    with pytest.raises(PublishError, match="the store has more than is asked for") as caught:
        call("publish", "--to", server.url, *asked)
    assert caught.value.what.endswith(f" would lose what was put there with {lost}")
    assert caught.value.do == f"to keep it, add {lost}; to have it deleted, add --drop"
    assert held(server) == had
    call("publish", "--to", server.url, *asked, *lost.split())  # as the advice says
    assert set(had.splitlines()) <= {*held(server).splitlines()} | {line for line in had.splitlines() if STATE in line}
    call("publish", "--to", server.url, *before, "--drop")
    call("publish", "--to", server.url, *asked, "--drop")
    call("publish", "--to", server.url, *asked)
    data = json.loads(call("publish", "--to", server.url, "--status", "--json"))
    assert data["groups"] == asked[1:]
    status = call("publish", "--to", server.url, "--status")
    assert ("licence groups" in status) == bool(asked)
    assert all(f"(licence groups: {group})" in status for group in asked[1:])


def test_what_is_dropped_is_told_apart_from_what_is_no_longer_published(
    two_groups: Release, server: GraphServer, capsys: pytest.CaptureFixture[str]
) -> None:
    call("publish", "--to", server.url)
    told = CliRunner().invoke(app.app, ["publish", "--to", server.url, "--licence-group", "open", "--drop"])
    assert "cartes: deleted, as it is not asked for (--drop)" in told.stderr
    quad = next(quad for quad in server.store if str(quad.graph_name).endswith("/lieux>"))
    server.store.remove(quad)
    status = call("publish", "--to", server.url, "--status", code=1)
    assert f"clirld publish --to {server.url} --licence-group open, " in status


def test_a_group_that_the_release_has_no_more_is_no_loss(two_groups: Release, server: GraphServer) -> None:
    call("publish", "--to", server.url)
    groups = [group for group in two_groups.manifest["rights"]["groups"] if group["id"] == "open"]
    manifest = {**two_groups.manifest, "rights": {"groups": groups}}
    (two_groups.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "deleted: 1" in call("publish", "--to", server.url, "--licence-group", "open")


@pytest.mark.parametrize("path", ["nope", "nope/store", "store/nope"])
def test_an_address_where_nothing_is_is_no_store_without_a_release(path: str, server: GraphServer) -> None:
    server.fault = lambda handler, _asked, _n: handler.reply(404, b"not here") or True
    address = server.url.replace("graphs", path)
    with pytest.raises(PublishError, match="that is no Graph Store: it answered 404"):
        call("publish", "--to", address, "--status")


def test_a_store_that_shows_no_default_graph_is_asked_a_query(server: GraphServer) -> None:
    def fault(handler: Handler, asked: Asked, _number: int) -> bool:
        if asked.parameters.get("query"):
            answer = {"results": {"bindings": [{"n": {"value": "0"}}]}}
            handler.reply(200, json.dumps(answer).encode(), Content_Type="application/sparql-results+json")
        else:
            handler.reply(404)
        return True

    server.fault = fault
    options = ("--query", f"{server.url}/query", "--status")
    assert call("publish", "--to", server.url, *options, code=1) == "nothing was published there by clirld\n"


def test_in_french_and_without_a_traceback(source: Followed, server: GraphServer) -> None:
    source.run(PLACES, "2026-01-01")
    made, _new = make_release(source.project)
    ran = clirld("publish", "--to", server.url)
    assert f"version {made.id} entière dans {server.url}" in ran.stdout
    assert "lieux : envoyé, " in ran.stderr
    assert published.current(source.settings.data)
    for words, code, what, do in (
        (["--to", "http://exemple.org/store"], 2, "http n'est pas chiffré", "--insecure"),
        (["--to", "https://a:b@exemple.org/store"], 2, "un nom ou un mot de passe", "CLIRLD_PUBLISH_USER"),
        ([], 2, "--to", ""),
    ):
        ran = clirld("publish", *words)
        assert what in ran.stderr
        assert do in ran.stderr
        assert "Traceback" not in ran.stderr
        assert ran.returncode == code
    server.fault = lambda handler, _asked, _n: handler.reply(200, b"<!doctype html>", Content_Type="text/html") or True
    ran = clirld("publish", "--to", server.url)
    assert ran.returncode == 1
    assert "ce n'est pas un entrepôt de graphes : il a répondu text/html, et non du RDF" in ran.stderr
