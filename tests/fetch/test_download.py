"""fetch: whatever a server or a disk does, a snapshot is whole or there is none."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from clirld.errors import FetchError
from clirld.fetch import format_check
from clirld.fetch import http as http_get
from clirld.fetch.download import fetch_distribution
from clirld.fetch.http import Request
from clirld.fetch.http_body import HttpSettings
from clirld.fetch.location import LocalFile, MirrorFile, SampleFile, WebFile
from clirld.fetch.mirror import in_mirror, mirror_file
from clirld.snapshot import store
from clirld.snapshot.store import Snapshot
from tests.servers import CSV, Behaviour, Handler, bomb, good, http_settings, serving

HTTP = http_settings(
    contact="https://example.org/us",
    connect_timeout=60,
    read_timeout=60,
    total_timeout=300,
    retries=2,
    backoff=0,
    max_wait=2,
    max_bytes=100_000,
)


IMPATIENT = replace(HTTP, read_timeout=0.2)
"""For servers that give nothing; with others the time that anything takes must not matter."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def get(
    root: Path, url: str, http: HttpSettings = HTTP, expect: str = "csv", now: str = "2026-01-01T00:00:00Z"
) -> Snapshot:
    return fetch_distribution("s", "default", WebFile(url), root, http, expect=expect, now=lambda: now)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def behave(name: str) -> Callable[[Behaviour], Behaviour]:
    def named(function: Behaviour) -> Behaviour:
        FAILURES[name] = function
        return function

    return named


FAILURES: dict[str, Behaviour] = {}


@behave("nothing came for")
def silent(handler: Handler, _: int) -> None:
    handler.pause()


@behave("nothing came for 0.2")
def silent_in_the_body(handler: Handler, _: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CSV)))
    handler.end_headers()
    handler.wfile.write(CSV[:9])
    handler.wfile.flush()
    handler.pause()


@behave("the body ended too early")
def shorter_than_said(handler: Handler, _: int) -> None:
    handler.reply(200, CSV[:20], Content_Length=str(len(CSV)))


@behave("ends too early")
def cut_without_length(handler: Handler, _: int) -> None:
    handler.reply(200, CSV[:20], Content_Length="-")


@behave("body ended too early or was damaged")
def chunks_cut_short(handler: Handler, _: int) -> None:
    handler.start_chunks(CSV[:9])


@behave("damaged")
def broken_chunk(handler: Handler, _: int) -> None:
    handler.start_chunks(CSV[:9])
    handler.wfile.write(b"zz\r\n")


@behave("gzip body ended too early")
def gzip_cut(handler: Handler, _: int) -> None:
    handler.reply(200, gzip.compress(CSV)[:-12], Content_Encoding="gzip", Content_Length="-")


@behave("not whole gzip")
def no_gzip(handler: Handler, _: int) -> None:
    handler.reply(200, CSV, Content_Encoding="gzip")


@behave("more than 100,000 bytes")
def gzip_bomb(handler: Handler, _: int) -> None:
    handler.reply(200, bomb(10_000_000), Content_Encoding="gzip")


@behave("more than 100,000")
def too_large(handler: Handler, _: int) -> None:
    handler.reply(200, b"", Content_Length="100001")


@behave("more than 100,000 bytes\n")
def too_large_unsaid(handler: Handler, _: int) -> None:
    handler.start_chunks(b"0" * 60_000, b"0" * 60_000)


@behave("“br”")
def other_encoding(handler: Handler, _: int) -> None:
    handler.reply(200, CSV, Content_Encoding="br")


@behave("a web page")
def error_page(handler: Handler, _: int) -> None:
    handler.reply(200, b"\n<!DOCTYPE html><title>Maintenance</title>", Content_Type="text/html")


@behave("JSON instead of csv")
def json_error(handler: Handler, _: int) -> None:
    handler.reply(200, b'{"error": "quota"}', Content_Type="application/json")


@behave("a zip archive")
def zipped(handler: Handler, _: int) -> None:
    handler.reply(200, b"PK\x03\x04rest")


@behave("nothing, an empty file,")
def empty(handler: Handler, _: int) -> None:
    handler.reply(200, b"")


@behave("the server answered 503 Service Unavailable")
def unavailable(handler: Handler, _: int) -> None:
    handler.reply(503)


@behave("come back in 3600 s")
def too_many(handler: Handler, _: int) -> None:
    handler.reply(429, Retry_After="3600")


@behave("the server answered 429 Too Many Requests")
def too_many_unsaid(handler: Handler, _: int) -> None:
    handler.reply(429)


@behave("the file is gone (the server answered 404)")
def missing(handler: Handler, _: int) -> None:
    handler.reply(404)


@behave("the file is gone (the server answered 410)")
def gone(handler: Handler, _: int) -> None:
    handler.reply(410)


@behave("refuses to give the file (it answered 403)")
def forbidden(handler: Handler, _: int) -> None:
    handler.reply(403)


@behave("answered 418")
def teapot(handler: Handler, _: int) -> None:
    handler.reply(418)


@behave("answered 206")
def partial(handler: Handler, _: int) -> None:
    handler.reply(206, CSV[:9])


@behave("more than 10 redirects")
def in_circles(handler: Handler, _: int) -> None:
    handler.reply(302, Location="/data.csv?again")


@behave("not an address that can be asked")
def to_a_file(handler: Handler, _: int) -> None:
    handler.reply(302, Location="file:///etc/passwd")


@behave("the connection failed")
def hangs_up(handler: Handler, _: int) -> None:
    handler.connection.close()


@pytest.mark.parametrize("message", FAILURES)
def test_a_failure_leaves_the_last_snapshot_and_says_what_to_do(root: Path, message: str) -> None:
    failing = False

    def behaviour(handler: Handler, number: int) -> None:
        FAILURES[message](handler, number) if failing else good()(handler, number)

    with serving(behaviour) as server:
        before = get(root, server.url)
        kept, failing = files(root), True
        http = IMPATIENT if message.startswith("nothing came") else HTTP
        with pytest.raises(FetchError) as error:
            get(root, server.url, http, now="2026-02-02T00:00:00Z")
        assert message.strip() in f"{error.value}\n"
        assert error.value.where.startswith("http://127.0.0.1")
        assert len(error.value.do) > 20
        assert files(root) == kept
        assert store.latest(root, "s", "default") == before


@pytest.mark.parametrize("message", ["nothing came for", "the body ended too early", "a web page"])
def test_a_first_failure_leaves_nothing(root: Path, message: str) -> None:
    with serving(FAILURES[message]) as server, pytest.raises(FetchError):
        get(root, server.url, IMPATIENT if message.startswith("nothing came") else HTTP)
    assert files(root) == {}
    assert store.latest(root, "s", "default") is None


def test_no_server_at_all(root: Path) -> None:
    with serving(good()) as server:
        url = server.url
    with pytest.raises(FetchError, match="no whole answer in 3 tries: the connection failed"):
        get(root, url)


def test_a_name_that_does_not_resolve(root: Path) -> None:
    with pytest.raises(FetchError, match="the host cannot be reached"):
        get(root, "http://no-such-host.invalid/x.csv")


@pytest.mark.parametrize("url", ["ftp://x.fr/a", "no address", "http://", "http://a..b/", "http://[::1"])
def test_what_is_no_address(root: Path, url: str) -> None:
    with pytest.raises(FetchError, match="not an address that can be asked"):
        get(root, url)


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {"Retry_After": "1"}), (503, {}), (500, {"Retry_After": "nonsense"})]
)
def test_what_passes_is_tried_again(root: Path, status: int, headers: dict[str, str]) -> None:
    def behaviour(handler: Handler, number: int) -> None:
        handler.reply(status, **headers) if number == 1 else handler.reply(200, CSV)

    start = time.monotonic()
    with serving(behaviour) as server:
        found = get(root, server.url)
        assert len(server.served) == 2
    assert found.path.read_bytes() == CSV
    assert time.monotonic() - start >= (1 if headers.get("Retry_After") == "1" else 0)


def test_a_wrong_content_type_does_not_matter_where_the_bytes_are_right(root: Path) -> None:
    with serving(good(Content_Type="text/html")) as server:
        assert get(root, server.url).path.read_bytes() == CSV


def test_without_retry_after_waits_are_random_and_longer_each_time() -> None:
    slept: list[float] = []
    http = replace(HTTP, retries=40, backoff=1, max_wait=8, total_timeout=1e6)
    with serving(lambda handler, _: handler.reply(503)) as server, pytest.raises(FetchError, match="in 41 tries"):
        http_get.get(Request(server.url), http, lambda _: None, sleep=slept.append)
    assert slept[0] <= 2
    assert slept[1] <= 4
    assert max(slept) <= 8
    assert len(set(slept)) == 40


def test_a_body_cut_short_is_got_again_whole(root: Path) -> None:
    def behaviour(handler: Handler, number: int) -> None:
        FAILURES["the body ended too early"](handler, number) if number == 1 else handler.reply(200, CSV)

    with serving(behaviour) as server:
        assert get(root, server.url).path.read_bytes() == CSV


def test_a_failure_that_lasts_is_not_tried_for_ever(root: Path) -> None:
    with serving(FAILURES["the server answered 503 Service Unavailable"]) as server:
        with pytest.raises(FetchError, match="no whole answer in 3 tries"):
            get(root, server.url)
        assert len(server.served) == HTTP.retries + 1


def test_a_server_that_drips_is_left_in_the_end(root: Path) -> None:
    def drip(handler: Handler, _: int) -> None:
        handler.reply(200, b"id\n", Content_Length="100000")
        for _ in range(100):
            time.sleep(0.05)
            handler.wfile.write(b"1\n")
            handler.wfile.flush()

    with serving(drip) as server, pytest.raises(FetchError, match=r"not done in 0\.5 s"):
        get(root, server.url, replace(HTTP, total_timeout=0.5))
    assert files(root) == {}


def test_we_say_who_we_are(root: Path) -> None:
    with serving(good()) as server:
        get(root, server.url)
        assert server.served[0].headers["User-Agent"].startswith("clirld/")
        assert "(+https://example.org/us)" in server.served[0].headers["User-Agent"]


def test_what_is_known_of_the_bytes_is_kept(root: Path) -> None:
    behaviour = good(ETag='"1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT", Content_Type="text/csv; charset=utf-8")
    with serving(behaviour) as server:
        found = fetch_distribution(
            "s",
            "d",
            WebFile(server.url),
            root,
            HTTP,
            license="https://licence.example/",
            now=lambda: "2026-01-01T00:00:00Z",
        )
        assert (found.via, found.url, found.retrieved) == ("http", server.url, "2026-01-01T00:00:00Z")
    assert (found.etag, found.last_modified) == ('"1"', "Mon, 01 Jan 2024 00:00:00 GMT")
    assert (found.media_type, found.license, found.size) == (
        "text/csv; charset=utf-8",
        "https://licence.example/",
        len(CSV),
    )
    store.verify(found)


@pytest.mark.parametrize("chunked", [True, False])
def test_gzip_on_the_way_is_not_in_the_snapshot(root: Path, chunked: bool) -> None:
    packed = gzip.compress(CSV[:9]) + gzip.compress(CSV[9:])  # two members are one body

    def behaviour(handler: Handler, _: int) -> None:
        if chunked:
            handler.reply(
                200,
                b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (packed[:5], len(packed) - 5, packed[5:]),
                Content_Encoding="gzip",
                Transfer_Encoding="chunked",
                Content_Length="-",
            )
        else:
            handler.reply(200, packed, Content_Encoding="gzip")

    with serving(behaviour) as server:
        assert get(root, server.url).path.read_bytes() == CSV


def revalidating(handler: Handler, _: int) -> None:
    """A server that knows its ETag."""
    if handler.headers.get("If-None-Match") == '"1"':
        handler.reply(304, ETag='"1"')
    else:
        handler.reply(200, CSV, ETag='"1"')


def test_304_gives_the_same_snapshot(root: Path) -> None:
    with serving(revalidating) as server:
        first = get(root, server.url)
        second = get(root, server.url, now="2026-02-02T00:00:00Z")
        assert second == first
        assert [request.headers.get("If-None-Match") for request in server.served] == [None, '"1"']
        third = get(root, server.url, now="2026-03-03T00:00:00Z")
    assert third == first
    assert json.loads((root / "s/default/latest.json").read_text())["http"]["checked"] == "2026-03-03T00:00:00Z"


def test_a_damaged_snapshot_is_got_again_whole(root: Path) -> None:
    with serving(revalidating) as server:
        first = get(root, server.url)
        first.path.write_bytes(b"x" * first.size)
        with pytest.raises(FetchError, match="damaged"):
            store.verify(first)
        second = get(root, server.url, now="2026-02-02T00:00:00Z")
        assert server.served[-1].headers.get("If-None-Match") is None
    store.verify(second)
    assert second.sha256 == first.sha256


def test_the_same_bytes_under_a_new_etag_are_the_same_snapshot(root: Path) -> None:
    def behaviour(handler: Handler, number: int) -> None:
        handler.reply(200, CSV, ETag=f'"{number}"')

    with serving(behaviour) as server:
        first = get(root, server.url)
        assert get(root, server.url, now="2026-02-02T00:00:00Z") == first
        get(root, server.url)
        assert [request.headers.get("If-None-Match") for request in server.served] == [None, '"1"', '"2"']


def test_new_bytes_under_an_old_etag_are_a_new_snapshot(root: Path) -> None:
    def behaviour(handler: Handler, number: int) -> None:
        handler.reply(200, CSV + b"3,Vileo\n" * number, ETag='"1"')

    with serving(behaviour) as server:
        first, second = get(root, server.url), get(root, server.url)
    assert first.sha256 != second.sha256
    assert store.latest(root, "s", "default") == second
    store.verify(first)


def test_another_address_is_asked_without_conditions(root: Path) -> None:
    with serving(revalidating) as server:
        get(root, server.url)
        moved = get(root, server.url + "?new", now="2026-02-02T00:00:00Z")
        assert server.served[-1].headers.get("If-None-Match") is None
        assert (moved.url, moved.retrieved) == (server.url + "?new", "2026-02-02T00:00:00Z")


def test_304_that_nobody_asked_for_is_refused(root: Path) -> None:
    with serving(lambda handler, _: handler.reply(304)) as server, pytest.raises(FetchError, match="answered 304"):
        get(root, server.url)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interruption_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def stop(*_: object) -> None:
        raise interruption

    monkeypatch.setattr(format_check, "check", lambda *_, **__: stop())
    with serving(good()) as server, pytest.raises(interruption):
        get(root, server.url)
    assert files(root) == {}


@pytest.mark.parametrize("step", ["_fsync", "write_json"])
def test_a_full_disk_at_the_end_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, step, full)
    with serving(good()) as server, pytest.raises(FetchError, match="cannot be kept: No space left"):
        get(root, server.url)
    assert [name for name in files(root) if "content" in name or ".tmp" in name] == []
    assert store.latest(root, "s", "default") is None


def test_a_disk_that_fills_up_while_writing(root: Path) -> None:
    """A process that may not write more than 8 KiB to a file: to it the disk is full."""
    with serving(good(CSV * 1000)) as server:
        code = (
            "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192));"
            "from pathlib import Path; from clirld.fetch.download import *; from tests.servers import http_settings;"
            f"fetch_distribution('s', 'default', WebFile({server.url!r}), Path({str(root)!r}), http_settings('https://example.org/'))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "FetchError" in done.stderr
    assert "cannot be kept: File too large\n  → check the free space" in done.stderr
    assert files(root) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights(root: Path) -> None:
    root.mkdir()
    root.chmod(0o500)
    with serving(good()) as server, pytest.raises(FetchError, match="cannot be kept: Permission denied"):
        get(root, server.url)


# Formats -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expect", "body", "why"),
    [
        ("xlsx", b"<html>", "no spreadsheet"),
        ("xlsx", b"\xd0\xcf\x11\xe0old", "an old .xls"),
        ("xlsx", b"PK\x03\x04cut", "ends too early"),
        ("json", b"id,name\n", "no JSON"),
        ("json", b'{"data": [{"id": 1}', "ends too early"),
        ("json", b"%PDF-1.4", "a PDF"),
        ("csv", b"\x1f\x8bzip", "a gzip archive"),
    ],
)
def test_another_format_is_refused(root: Path, expect: str, body: bytes, why: str) -> None:
    length = "-" if expect == "json" else str(len(body))
    with serving(good(body, Content_Length=length)) as server, pytest.raises(FetchError, match=why):
        get(root, server.url, expect=expect)
    assert files(root) == {}


@pytest.mark.parametrize(
    ("expect", "body"),
    [
        ("json", b'\xef\xbb\xbf [{"id": 1}]\n'),
        ("csv", "id,nom\n1,é\n".encode("utf-16")),
        ("csv", b"[id];name\n1;2"),
    ],
)
@pytest.mark.parametrize("length", [{}, {"Content_Length": "-"}])
def test_the_right_format_passes(root: Path, expect: str, body: bytes, length: dict[str, str]) -> None:
    if expect == "csv" and length:
        body += b"\n"
    with serving(good(body, **length)) as server:
        assert get(root, server.url, expect=expect).path.read_bytes() == body


# Local origins -----------------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "file.csv"
    path.write_bytes(CSV)
    yield path
    assert path.read_bytes() == CSV  # a copy is kept, the file itself stays


def test_each_way_has_its_own_provenance(root: Path, local: Path) -> None:
    url = "https://x.fr/data.csv"
    ways = [
        ("mirror", MirrorFile(local, url), url),
        ("sample", SampleFile(local), None),
        ("file", LocalFile(local), None),
    ]
    for day, (via, origin, address) in enumerate(ways, start=1):
        found = fetch_distribution(
            "s", "default", origin, root, HTTP, expect="csv", now=lambda day=day: f"2026-01-0{day}T00:00:00Z"
        )
        assert (found.via, found.url, found.retrieved) == (via, address, f"2026-01-0{day}T00:00:00Z")
        assert store.latest(root, "s", "default") == found
    assert len(list(root.rglob("content"))) == 1
    again = fetch_distribution("s", "default", ways[0][1], root, HTTP, expect="csv")
    assert again.retrieved == "2026-01-01T00:00:00Z"
    assert store.latest(root, "s", "default", "http") is None


def test_a_local_file_that_is_not_there(root: Path, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="cannot be read: No such file"):
        fetch_distribution("s", "default", LocalFile(tmp_path / "no.csv"), root, HTTP)


def test_a_mirror_is_read_by_its_index(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.csv").write_bytes(CSV)
    (tmp_path / "mirror.yaml").write_text("s:\n  default: sub/a.csv\n  gone: sub/b.csv\n  out: ../../etc/passwd\n")
    assert mirror_file(tmp_path, "s", "default", None) == tmp_path / "sub" / "a.csv"
    with pytest.raises(FetchError, match="is not there") as error:
        mirror_file(tmp_path, "s", "gone", None)
    assert error.value.where == f"{tmp_path / 'mirror.yaml'}:3"
    with pytest.raises(FetchError, match="leads out of the mirror") as error:
        mirror_file(tmp_path, "s", "out", None)
    assert error.value.where == f"{tmp_path / 'mirror.yaml'}:4"
    with pytest.raises(FetchError, match="the mirror has no other of s") as error:
        mirror_file(tmp_path, "s", "other", None)
    assert error.value.where == f"{tmp_path / 'mirror.yaml'}:1"
    assert "mirror.yaml" in error.value.do


@pytest.mark.real
def test_the_real_mirror_has_what_its_index_says(shared: Path) -> None:
    mirror = shared / "registries"
    for source, files_ in YAML(typ="safe").load(mirror / "mirror.yaml").items():
        for distribution in files_:
            assert mirror_file(mirror, source, distribution, None).stat().st_size > 0


def test_a_mirror_need_not_have_every_source(tmp_path: Path) -> None:
    (tmp_path / "mirror.yaml").write_text("places: {default: gone.csv}\n")
    (tmp_path / "poles").mkdir()
    (tmp_path / "poles" / "default.csv").write_bytes(CSV)
    asked = [("places", "default"), ("places", "other"), ("poles", "default"), ("poles", "other"), ("none", "default")]
    assert [in_mirror(tmp_path, *one, None) for one in asked] == [True, False, True, False, False]


def test_a_mirror_without_index_is_read_by_its_names(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    with pytest.raises(FetchError, match="the mirror has no default of s"):
        mirror_file(tmp_path, "s", "default", None)
    (tmp_path / "s" / "default.csv").write_bytes(CSV)
    assert mirror_file(tmp_path, "s", "default", None).read_bytes() == CSV
    (tmp_path / "s" / "default.json").write_bytes(b"[]")
    with pytest.raises(FetchError, match=r"default\.csv, default\.json"):
        mirror_file(tmp_path, "s", "default", None)


def test_a_link_out_of_the_mirror_is_refused(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    (mirror / "s").mkdir(parents=True)
    (tmp_path / "secret.csv").write_bytes(CSV)
    (mirror / "s" / "default.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(FetchError):
        mirror_file(mirror, "s", "default", None)


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(root: Path, local: Path, name: str) -> None:
    with pytest.raises(FetchError, match="cannot name a folder"):
        fetch_distribution(name, "default", LocalFile(local), root, HTTP)
    with pytest.raises(FetchError, match="cannot name a folder"):
        mirror_file(local.parent, "s", name, None)
