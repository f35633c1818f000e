"""Downloads that were broken off are continued: whole, checked, and never of two versions."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from clirld.errors import FetchError
from clirld.fetch.download import fetch_distribution
from clirld.fetch.http_body import HttpSettings
from clirld.fetch.location import WebFile
from clirld.fetch.resume import may_be_continued
from clirld.snapshot import store
from clirld.snapshot.store import Snapshot
from tests.servers import Behaviour, Handler, http_settings, serving

HTTP = http_settings(contact="https://example.org/", read_timeout=3, total_timeout=300, retries=2, backoff=0)
BODY = b"id,name\n" + b"".join(b"%d,place\n" % number for number in range(20_000))
OTHER = BODY.replace(b"place", b"PLACE")
STRONG = {"Accept_Ranges": "bytes", "ETag": '"1"'}
MODIFIED = {"Accept_Ranges": "bytes", "Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}


def get(root: Path, url: str, http: HttpSettings = HTTP) -> Snapshot:
    return fetch_distribution("s", "default", WebFile(url), root, http, expect="csv")


def cut(handler: Handler, body: bytes, at: int, **headers: str) -> None:
    """The beginning of a body, then nothing more."""
    handler.reply(200, body[:at], **{"Content_Length": str(len(body)), **headers})


def rest(handler: Handler, body: bytes, **headers: str) -> None:
    """What a server does that knows ranges: the rest where If-Range is its version, else the whole."""
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    version = headers.get("ETag") or headers.get("Last_Modified")
    if asked is None or handler.headers.get("If-Range") != version:
        handler.reply(200, body, **headers)
    elif int(asked[1]) >= len(body):
        handler.reply(416, b"", Content_Range=f"bytes */{len(body)}", **headers)
    else:
        start = int(asked[1])
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        handler.reply(206, body[start:], Content_Range=span, **headers)


def ranges(served: list[object]) -> list[str | None]:
    return [one.headers.get("Range") for one in served]  # type: ignore[attr-defined]


def left(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob(".tmp-*"))


@pytest.mark.parametrize("headers", [STRONG, MODIFIED], ids=["etag", "last-modified"])
def test_a_broken_body_is_continued_in_the_next_try(root: Path, headers: dict[str, str]) -> None:
    def behave(handler: Handler, number: int) -> None:
        cut(handler, BODY, 100_000, **headers) if number == 1 else rest(handler, BODY, **headers)

    with serving(behave) as server:
        found = get(root, server.url)
        assert ranges(server.served) == [None, "bytes=100000-"]
    assert found.path.read_bytes() == BODY
    store.verify(found)
    assert left(root) == []


def test_a_broken_body_is_continued_by_the_next_run(root: Path) -> None:
    def behave(handler: Handler, number: int) -> None:
        cut(handler, BODY, 100_000, **STRONG) if number == 1 else rest(handler, BODY, **STRONG)

    with serving(behave) as server:
        with pytest.raises(FetchError):
            get(root, server.url, replace(HTTP, retries=0))
        assert len(left(root)) == 2
        assert store.latest(root, "s", "default") is None
        found = get(root, server.url)
        assert ranges(server.served) == [None, "bytes=100000-"]
    assert found.path.read_bytes() == BODY
    assert left(root) == []


def span(start: int, end: int, length: int | str, body: bytes = BODY, **headers: str) -> Behaviour:
    return lambda handler, _: handler.reply(
        206, body[start : end + 1], Content_Range=f"bytes {start}-{end}/{length}", **{**STRONG, **headers}
    )


LAST = len(BODY) - 1
WRONG: dict[str, Behaviour] = {
    "the whole of a new version": lambda handler, _: handler.reply(200, OTHER, Accept_Ranges="bytes", ETag='"2"'),
    "the rest of a new version": span(100_000, LAST, len(BODY), OTHER, ETag='"2"'),
    "another beginning": span(90_000, LAST, len(BODY)),
    "another length": span(100_000, LAST, len(BODY) + 1),
    "no length": span(100_000, LAST, "*"),
    "no place": lambda handler, _: handler.reply(206, BODY[100_000:], **STRONG),
    "gzip": span(100_000, LAST, len(BODY), Content_Encoding="gzip"),
    "nothing there": lambda handler, _: handler.reply(416, b"", Content_Range="bytes */5"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_rest_that_does_not_fit_is_never_joined(root: Path, wrong: str) -> None:
    new = OTHER if "new version" in wrong else BODY

    def behave(handler: Handler, number: int) -> None:
        if number == 1:
            cut(handler, BODY, 100_000, **STRONG)
        elif number == 2:
            assert handler.headers["If-Range"] == '"1"'
            WRONG[wrong](handler, number)
        else:
            rest(handler, new, Accept_Ranges="bytes", ETag='"2"' if new is OTHER else '"1"')

    with serving(behave) as server:
        found = get(root, server.url)
    assert found.path.read_bytes() == new
    assert left(root) == []


def test_a_rest_in_pieces_is_put_together(root: Path) -> None:
    def behave(handler: Handler, number: int) -> None:
        if number == 1:
            cut(handler, BODY, 100_000, **STRONG)
        elif number == 2:
            span(100_000, 149_999, len(BODY))(handler, number)
        else:
            rest(handler, BODY, **STRONG)

    with serving(behave) as server:
        assert get(root, server.url).path.read_bytes() == BODY
        assert ranges(server.served) == [None, "bytes=100000-", "bytes=150000-"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept_Ranges": "bytes", "ETag": 'W/"1"'},
        {"Accept_Ranges": "none", "ETag": '"1"'},
        {"ETag": '"1"'},
        {"Accept_Ranges": "bytes"},
        {**MODIFIED, "Last_Modified": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ],
    ids=["weak", "none", "unsaid", "no version", "just changed"],
)
def test_what_cannot_be_told_apart_is_got_again_whole(root: Path, headers: dict[str, str]) -> None:
    def behave(handler: Handler, number: int) -> None:
        cut(handler, BODY, 100_000, **headers) if number == 1 else handler.reply(200, BODY, **headers)

    with serving(behave) as server:
        assert get(root, server.url).path.read_bytes() == BODY
        assert ranges(server.served) == [None, None]


@pytest.mark.parametrize("at", [0, 1, 60_000, 150_000, len(BODY) - 1])
def test_a_process_that_is_killed_leaves_what_the_next_one_continues(root: Path, at: int) -> None:
    def behave(handler: Handler, number: int) -> None:
        if number == 1:
            cut_and_wait(handler, at)
        else:
            rest(handler, BODY, **STRONG)

    with serving(behave) as server:
        code = (
            "from pathlib import Path; from clirld.fetch.download import *; from tests.servers import http_settings;"
            f"fetch_distribution('s', 'default', WebFile({server.url!r}), Path({str(root)!r}), http_settings('https://example.org/'))"
        )
        process = subprocess.Popen([sys.executable, "-c", code])
        try:
            deadline = time.monotonic() + 60
            while not arrived(root, at) and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert store.latest(root, "s", "default") is None
        found = get(root, server.url)
    assert found.path.read_bytes() == BODY
    store.verify(found)
    assert left(root) == []


def cut_and_wait(handler: Handler, at: int) -> None:
    handler.send_response(200)
    for name, value in {**STRONG, "Content_Length": str(len(BODY))}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(BODY[:at])
    handler.wfile.flush()
    handler.pause()


def arrived(root: Path, at: int) -> bool:
    """Whether the process has come as far as the server let it; the last piece may be in its memory still."""
    beside = list(root.rglob(".tmp-part-*.json"))
    size = sum(path.stat().st_size for path in root.rglob(".tmp-part-*") if path.suffix != ".json")
    return bool(beside) and size >= at - 70_000


def test_two_fetches_at_once_do_not_share_a_file(root: Path) -> None:
    nested: list[Snapshot] = []

    def behave(handler: Handler, number: int) -> None:
        if number == 1:  # while the first is in the middle of its body
            handler.send_response(200)
            for name, value in {**STRONG, "Content_Length": str(len(BODY))}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(BODY[:100_000])
            nested.append(get(root, handler.server.url, replace(HTTP, read_timeout=60)))
            handler.wfile.write(BODY[100_000:])
        else:
            rest(handler, BODY, **STRONG)

    with serving(behave) as server:
        found = get(root, server.url, replace(HTTP, read_timeout=60))
        assert len(server.served) == 2
    assert found.path.read_bytes() == nested[0].path.read_bytes() == BODY
    store.verify(found)
    assert left(root) == []


def test_a_partial_of_before_a_restart_is_not_continued(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def behave(handler: Handler, number: int) -> None:
        cut(handler, BODY, 100_000, **STRONG) if number == 1 else rest(handler, BODY, **STRONG)

    with serving(behave) as server:
        with pytest.raises(FetchError):
            get(root, server.url, replace(HTTP, retries=0))
        monkeypatch.setattr("clirld.fetch.resume._boot_id", lambda: "another")
        assert get(root, server.url).path.read_bytes() == BODY
        assert ranges(server.served) == [None, None]


def test_a_download_that_may_be_continued_is_known(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda handler, _: cut(handler, BODY, 100_000, **STRONG)) as server, pytest.raises(FetchError):
        get(root, server.url, replace(HTTP, retries=0))
    paths = [root / "s" / "default" / name for name in left(root)]
    assert [may_be_continued(path) for path in paths] == [True, True]
    monkeypatch.setattr("clirld.fetch.resume._boot_id", lambda: "another")
    assert [may_be_continued(path) for path in paths] == [False, False]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"
