"""The client of connectors: POST, keys that nobody else sees, the budget of a run, redirects; and the new origins."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from clirld.connect import Client, CollectRequest, CollectResult, Connector
from clirld.errors import FetchError
from clirld.fetch import inbox
from clirld.fetch.client import WebClient, headers_from_environment
from clirld.fetch.download import fetch_distribution
from clirld.fetch.location import Inbox, Service, WebFile
from clirld.snapshot import store
from tests.servers import CSV, Handler, good, http_settings, serving

HTTP = http_settings(contact="https://example.org/", read_timeout=60, retries=1, backoff=0)
SECRET = "s3cret-key"


class Two(Connector):
    """Two pages, one after the other."""

    license: str | None = None

    def collect(self, wanted: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        client.save(f"{wanted.url}?page=1", out)
        out.write(client.get(f"{wanted.url}?page=2").body)
        return CollectResult(license=self.license)


def test_what_came_before_a_broken_page_stays_and_the_page_is_written_once() -> None:
    def behave(handler: Handler, number: int) -> None:
        handler.reply(200, CSV[:9], Content_Length="99") if number == 1 else handler.reply(200, CSV)

    out = io.BytesIO()
    out.write(b"first\n")
    with serving(behave) as server:
        reply = WebClient(HTTP).save(server.url, out)
    assert out.getvalue() == b"first\n" + CSV
    assert (reply.body, reply.url) == (b"", server.url)


def test_a_query_that_is_refused_is_told_with_the_words_of_the_server() -> None:
    page = b"<html><body><p><strong>Error</strong>: line 2: parse error: ';' expected </p></body></html>"
    with serving(lambda handler, _: handler.reply(400, page)) as server:
        with pytest.raises(FetchError, match=r"answered 400: “Error: line 2: parse error: ';' expected”") as error:
            WebClient(HTTP).get(server.url, data=b"data=node")
        with pytest.raises(FetchError, match="answered 400 instead of the file"):
            WebClient(HTTP).get(server.url)
    assert "query" in error.value.do


def test_a_budget_holds_for_all_requests_of_a_run() -> None:
    with serving(good()) as server:
        client = WebClient(replace(HTTP, max_run_bytes=2 * len(CSV)))
        client.get(server.url)
        client.with_keys({}, server.url).get(server.url)
        with pytest.raises(FetchError, match="more than 60 bytes from the network") as error:
            client.get(server.url)
    assert "CLIRLD_MAX_RUN_BYTES" in error.value.do


def test_a_reply_is_not_longer_than_a_file_may_be() -> None:
    with serving(good(CSV, Content_Length="-")) as server, pytest.raises(FetchError, match="more than 10 bytes"):
        WebClient(replace(HTTP, max_bytes=10)).get(server.url)


def test_a_key_goes_to_its_host_only_and_through_no_redirect_to_another() -> None:
    with serving(good()) as stranger:

        def behave(handler: Handler, number: int) -> None:
            handler.reply(302, Location=stranger.url) if number == 2 else handler.reply(302, Location="/next")

        with serving(behave) as server:
            client = WebClient(HTTP).with_keys({"X-Key": SECRET}, server.url)
            assert client.get(server.url).url == stranger.url
            client.get(stranger.url)
            assert [one.headers.get("X-Key") for one in server.served] == [SECRET, SECRET]
        assert [one.headers.get("X-Key") for one in stranger.served] == [None, None]


def test_an_absent_key_is_named_and_a_wrong_one_never_shown() -> None:
    with pytest.raises(FetchError, match="the key in MY_KEY is not there") as error:
        headers_from_environment({"X-Key": "MY_KEY"}, "https://x.fr/", {})
    assert "MY_KEY" in error.value.do
    with pytest.raises(FetchError, match="characters that no key has") as error:
        headers_from_environment({"X-Key": "MY_KEY"}, "https://x.fr/", {"MY_KEY": f"{SECRET}\nX: y"})
    assert SECRET not in str(error.value)
    assert headers_from_environment({"X-Key": "MY_KEY"}, "https://x.fr/", {"MY_KEY": f" {SECRET}\n"}) == {
        "X-Key": SECRET
    }


def test_a_key_is_in_no_file_and_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    status = 200
    with serving(lambda handler, _: handler.reply(status, CSV, ETag='"1"')) as server:
        origin = WebFile(server.url, {"X-Key": "MY_KEY"})
        fetch_distribution("s", "default", origin, tmp_path, HTTP, expect="csv")
        assert server.served[0].headers["X-Key"] == SECRET
        for refusal in (403, 503):
            status = refusal
            with pytest.raises(FetchError) as error:
                fetch_distribution("s", "default", origin, tmp_path, HTTP, expect="csv")
            assert SECRET not in f"{error.value}"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_a_connector_makes_one_snapshot(tmp_path: Path) -> None:
    with serving(good()) as server:
        origin = Service(server.url, Two(license="https://l.fr/"), "", tmp_path)
        found = fetch_distribution(
            "s", "default", origin, tmp_path / "snapshots", HTTP, expect="csv", license="https://card.fr/"
        )
    assert found.path.read_bytes() == CSV + CSV
    assert (found.via, found.url, found.license) == ("http", server.url, "https://card.fr/")
    assert found.license_stated == "https://l.fr/"


def test_a_connector_that_fails_in_the_middle_leaves_the_last_snapshot(tmp_path: Path) -> None:
    root = tmp_path / "snapshots"
    broken = False

    def behave(handler: Handler, _: int) -> None:
        handler.reply(500) if broken and handler.path.endswith("2") else handler.reply(200, CSV + b"x\n" * broken)

    with serving(behave) as server:
        origin = Service(server.url, Two(), "", tmp_path)
        before = fetch_distribution("s", "default", origin, root, HTTP, expect="csv")
        broken = True
        with pytest.raises(FetchError, match="no whole answer"):
            fetch_distribution("s", "default", origin, root, HTTP, expect="csv")
    assert store.latest(root, "s", "default") == before
    assert not list(root.rglob(".tmp-*"))


def test_a_connector_cannot_write_more_than_a_file_may_have(tmp_path: Path) -> None:
    with serving(good()) as server:
        origin = Service(server.url, Two(), "", tmp_path)
        with pytest.raises(FetchError, match="more than 40 bytes"):
            fetch_distribution(
                "s", "default", origin, tmp_path / "snapshots", replace(HTTP, max_bytes=40), expect="csv"
            )
    assert not [path for path in (tmp_path / "snapshots").rglob("*") if path.is_file()]


def test_the_licence_that_the_portal_states_follows_it_though_the_bytes_stay(tmp_path: Path) -> None:
    stated: str | None = "lov2"

    def behave(handler: Handler, _: int) -> None:
        if handler.path == "/api/1/datasets/abc/":
            body = {"id": "abc", "title": "t", "license": stated, "resources": []}
            handler.reply(200, json.dumps(body).encode()) if stated else handler.reply(500)
        elif handler.headers.get("If-None-Match"):
            handler.reply(304, ETag='"1"')
        else:
            handler.reply(200, CSV, ETag='"1"')

    with serving(behave) as server:

        def get() -> store.Snapshot:
            portal = server.url.removesuffix("/data.csv")
            codes = {"lov2": "https://lo.fr/"}
            origin = WebFile(server.url, dataset="abc")
            return fetch_distribution("s", "default", origin, tmp_path, HTTP, expect="csv", codes=codes, portal=portal)

        assert get().license_stated == "https://lo.fr/"
        stated = "notspecified"
        assert get().license_stated == "notspecified"
        stated = None  # the portal does not answer: what it said last holds
        assert get().license_stated == "notspecified"
    assert getattr(store.latest(tmp_path, "s", "default"), "license_stated", None) == "notspecified"


# The inbox ---------------------------------------------------------------------------------------


def put(folder: Path, name: str, age: float = 100.0, now: float = 1_000_000.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(CSV)
    os.utime(path, (now - age, now - age))
    return path


@pytest.mark.parametrize("expect", ["jsonl", "csv", "json"])
def test_only_a_file_of_lines_in_the_inbox_may_be_empty(tmp_path: Path, expect: str) -> None:
    put(tmp_path / "inbox", f"default.{expect}").write_bytes(b"")
    os.utime(tmp_path / "inbox" / f"default.{expect}", (900_000.0, 900_000.0))
    args = ("s", "default", Inbox(tmp_path / "inbox"), tmp_path / "snapshots", HTTP)
    if expect == "jsonl":
        assert fetch_distribution(*args, expect=expect).path.read_bytes() == b""
    else:
        with pytest.raises(FetchError, match="an empty file"):
            fetch_distribution(*args, expect=expect)


def test_the_newest_file_of_the_inbox_is_kept(tmp_path: Path) -> None:
    put(tmp_path / "inbox", "default.xlsx", 200)
    put(tmp_path / "inbox", "default.csv", 100)
    put(tmp_path / "inbox", "another.csv", 50)
    found = fetch_distribution("s", "default", Inbox(tmp_path / "inbox"), tmp_path / "snapshots", HTTP, expect="csv")
    assert (found.via, found.url, found.path.read_bytes()) == ("file", None, CSV)


def test_a_file_that_is_being_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="the inbox has no default") as error:
        inbox.newest(tmp_path, "default")
    assert "put the file there as default." in error.value.do
    put(tmp_path, "default.ods", 3)
    with pytest.raises(FetchError, match="less than 10 seconds ago"):
        inbox.newest(tmp_path, "default", 1_000_000.0)
    assert inbox.newest(tmp_path, "default", 1_000_100.0).name == "default.ods"


@pytest.mark.parametrize("mark", ["~$default.xlsx", "~$fault.xlsx", ".~lock.default.xlsx#"])
def test_a_file_that_is_open_is_refused(tmp_path: Path, mark: str) -> None:
    put(tmp_path, "default.xlsx")
    put(tmp_path, mark)
    with pytest.raises(FetchError, match="open in a spreadsheet program"):
        inbox.newest(tmp_path, "default", 1_000_000.0)
