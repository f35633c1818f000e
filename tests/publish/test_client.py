"""What a store may answer: who are you, later, never, elsewhere, something else; and what is secret stays so."""

from __future__ import annotations

import socket
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from clirld.errors import PublishError
from clirld.publish import graphs
from clirld.publish.client import Client, LostAnswerError, Upload
from clirld.publish.endpoints import Endpoints
from clirld.publish.run import publish
from clirld.publish.target import Target
from clirld.settings import Settings
from tests.publish.stores import (
    Asked,
    Fault,
    GraphServer,
    Handler,
    content,
    digest_asked,
    graph_server,
    release,
    target,
)

SECRET = "pässwört-123"
ID = "20261124T101530Z-3f9a1c2b"


@pytest.fixture
def server() -> Iterator[GraphServer]:
    with graph_server() as found:
        yield found


def answering(status: int, body: bytes = b"", **headers: str) -> Fault:
    def fault(handler: Handler, _asked: Asked, _number: int) -> bool:
        handler.reply(status, body, **headers)
        return True

    return fault


def basic(user: str, password: str, *, reads: bool = False) -> Fault:
    """Wants a name and a password, of readers too or not."""

    def fault(handler: Handler, asked: Asked, _number: int) -> bool:
        given = b64decode(asked.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if given == f"{user}:{password}" or (reads and asked.method == "GET"):
            return False
        handler.reply(401, b"who? " + given.encode(), WWW_Authenticate='Basic realm="test", charset="UTF-8"')
        return True

    return fault


@pytest.mark.parametrize("reads", [True, False])
def test_a_name_and_a_password_are_given_when_they_are_asked_for(
    server: GraphServer, tmp_path: Path, reads: bool
) -> None:
    server.fault = basic("éva", SECRET, reads=reads)
    there = target(server.url, publish_user="éva", publish_password=SECRET)
    publish(there, ID, graphs.of_release(release(tmp_path, content(), ID)))
    assert "Authorization" not in server.asked[0].headers
    bodies = [len(asked.body) for asked in server.asked if asked.is_of_data]
    assert len(bodies) == len(set(server.put())), "only the state is sent twice"


def test_a_digest_and_one_that_grew_old(server: GraphServer, tmp_path: Path) -> None:
    server.fault = digest_asked("dba", SECRET)
    what = content()
    publish(
        target(server.url, publish_user="dba", publish_password=SECRET), ID, graphs.of_release(release(tmp_path, what))
    )
    named = {asked.graph for asked in server.asked if asked.is_of_data}
    assert len(server.put()) > len(named), "else no nonce grew old under a graph"
    assert len({len(asked.body) for asked in server.asked if asked.graph.endswith("lieux") and asked.body}) == 1
    assert not any("Basic" in asked.headers.get("Authorization", "") for asked in server.asked)


def test_a_token_is_sent_as_it_is(server: GraphServer) -> None:
    assert target(server.url, publish_token="a.b-c").state() is None
    assert server.asked[0].headers["Authorization"] == "Bearer a.b-c"


@pytest.mark.parametrize("fault", [basic("eva", "other"), digest_asked("eva", "other"), answering(403, b"no")])
def test_who_is_refused_is_told_and_nothing_secret_is(server: GraphServer, fault: Fault, caplog: object) -> None:
    server.fault = fault
    there = target(server.url, publish_user="eva", publish_password=SECRET)
    with pytest.raises(PublishError, match="does not let us in") as caught:
        there.state()
    assert "CLIRLD_PUBLISH_PASSWORD" in caught.value.do
    assert len(server.asked) <= 3, "a wrong password is not tried again and again"
    settings = Settings.from_environment({"CLIRLD_PUBLISH_PASSWORD": SECRET, "CLIRLD_PUBLISH_TOKEN": SECRET})
    assert SECRET not in f"{caught.value}{settings!r}{there!r}"


def test_a_server_that_repeats_what_is_secret_is_not_quoted(server: GraphServer) -> None:
    server.fault = lambda handler, asked, _n: answering(400, f"bad {SECRET}".encode())(handler, asked, 1)
    with pytest.raises(PublishError) as caught:
        target(server.url, publish_user="eva", publish_password=SECRET).state()
    assert "“bad …”" in caught.value.what


def test_who_names_nobody_is_told_how(server: GraphServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login eva password {SECRET}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    server.fault = basic("eva", SECRET)
    with pytest.raises(PublishError, match="the store asks who we are") as caught:
        target(server.url).state()
    assert "set CLIRLD_PUBLISH_USER" in caught.value.do
    assert not any("Authorization" in asked.headers for asked in server.asked), "a password of ~/.netrc is not ours"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to(server: GraphServer, status: int) -> None:
    waits: list[float] = []
    client = Client(Settings.from_environment({}), sleep=waits.append)

    def later(handler: Handler, _asked: Asked, number: int) -> bool:
        if number < 3:
            handler.reply(status, Retry_After="7")
        return number < 3

    server.fault = later
    assert Target(Endpoints(server.url), client).state() is None
    assert waits == [7.0, 7.0]


def test_nobody_waits_for_hours(server: GraphServer) -> None:
    server.fault = answering(503, Retry_After="7200")
    with pytest.raises(PublishError, match="come back in 7200 s"):
        target(server.url).state()
    assert len(server.asked) == 1


def test_a_server_that_is_busy_for_good_is_given_up(server: GraphServer) -> None:
    server.fault = answering(503, b"<h1>Too many</h1> of you")
    with pytest.raises(PublishError, match="answered 503: “Too many of you”"):
        target(server.url).state()
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "body", "media", "expected"),
    [
        (200, b"<!doctype html><title>Welcome</title>", "text/html; charset=utf-8", "it answered text/html, not RDF"),
        (200, b"Welcome to nginx!", "text/plain", "what it calls text/plain is not that"),
        (200, b'{"welcome": true', "application/ld+json", "what it calls application/ld\\+json is not that"),
        (200, b"x", "", "it answered something, not RDF"),
        (405, b"", "text/html", "no graphs can be put there \\(it answered 405\\)"),
        (301, b"", "text/html", "the store leads elsewhere: https://elsewhere.example/store"),
        (500, b"", "text/html", "the store answered 500: “Internal Server Error”"),
    ],
)
def test_what_is_no_graph_store(server: GraphServer, status: int, body: bytes, media: str, expected: str) -> None:
    location = "https://eva:secret@elsewhere.example/store?x=y"
    server.fault = answering(status, body, Content_Type=media, Location=location)
    with pytest.raises(PublishError, match=expected) as caught:
        target(server.url).state()
    assert caught.value.do
    assert "secret" not in str(caught.value)


def test_what_is_no_query_endpoint(server: GraphServer, tmp_path: Path) -> None:
    page = f"{server.url}/query"

    def show_a_page(handler: Handler, asked: Asked, _number: int) -> bool:
        if "query" in asked.parameters:
            handler.reply(200, b"<!doctype html>", Content_Type="text/html")
        return "query" in asked.parameters

    server.fault = show_a_page
    there = target(server.url, addresses=Endpoints(server.url, query=page))
    with pytest.raises(PublishError, match="that is no SPARQL endpoint") as caught:
        publish(there, ID, graphs.of_release(release(tmp_path, content(), ID)))
    assert "--query" in caught.value.do


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(LostAnswerError, match=r"the store does not answer: .*Connection refused") as caught:
        target(f"http://127.0.0.1:{port}/store").state()
    assert "0x" not in str(caught.value)


def test_a_server_that_says_nothing(server: GraphServer) -> None:
    server.fault = lambda _handler, _asked, _number: bool(_sleep(2)) or True
    with pytest.raises(PublishError, match=r"no answer in 0\.2 s") as caught:
        target(server.url, publish_timeout=0.2).state()
    assert "CLIRLD_PUBLISH_TIMEOUT" in caught.value.do


def _sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)


def test_a_body_is_sent_from_its_start_at_every_try(server: GraphServer) -> None:
    server.fault = lambda handler, _asked, number: number < 3 and handler.hang_up()
    upload = Upload("text/turtle", lambda: iter([b"<urn:a> <urn:b> ", b"<urn:c> .\n"]), 26)
    there = target(server.url)
    there.client.send("PUT", server.url, {"graph": "urn:g"}, upload=upload).close()
    assert [asked.body for asked in server.asked] == [b"<urn:a> <urn:b> <urn:c> .\n"] * 3
