"""Logs say what happened and never what was asked, or from where."""

from __future__ import annotations

import http.client
import io
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from clirld import logs
from tests.web.operation.operated import events, operated
from tests.web.served import make_release
from tests.web.test_limits import ENDLESS, HOG

SECRET = "zweiundvierzig"
ADDRESS = "127.0.0.77"
FORWARDED = "203.0.113.77"
QUERIES = {
    "answered": f'SELECT * {{ ?s ?p "{SECRET}" }}',
    "lookup": f"SELECT * {{ <http://example.org/{SECRET}> ?p ?o }}",
    "syntax": f"SELECT {SECRET}",
    "service": f"SELECT * {{ SERVICE <http://{SECRET}.example/> {{ ?s ?p ?o }} }}",
    "timeout": f"{ENDLESS} # {SECRET}",
    "memory": f"{HOG} # {SECRET}",
    "words": f'SELECT * {{ ?s <http://jena.apache.org/text#query> "{SECRET}" }}',
    "internal": f"ASK {{}} # INTERNAL {SECRET}",
    "task": f"ASK {{}} # NEVER-RETRIEVED {SECRET}",
    "after": "ASK {}",
}
HEADERS = {
    "User-Agent": f"{SECRET}/1",
    "Referer": f"http://{SECRET}.example/",
    "Cookie": f"session={SECRET}",
    "Authorization": f"Bearer {SECRET}",
    "From": f"{SECRET}@example.org",
    "Accept-Language": SECRET,
    "X-Forwarded-For": FORWARDED,
    "Forwarded": f"for={FORWARDED}",
}
PATHS = (f"/{SECRET}", f"/doc/initiative/{SECRET}", f"/search?q={SECRET}", f"/release/{SECRET}", f"/?lang={SECRET}")
RAW = (f"{SECRET} / HTTP/9\r\n\r\n", f"GET /{SECRET * 6000} HTTP/1.1\r\n\r\n", f"POST /sparql HTTP/1.1\r\n{SECRET}")


def ask(site: str, method: str, path: str, body: str | None = None, **headers: str) -> int:
    """The status of an answer to a client at an address of its own."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60, source_address=(ADDRESS, 0))
    connection.request(method, path, body, {**HEADERS, **headers})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def send(site: str, text: str) -> None:
    host, _, port = urlsplit(site).netloc.partition(":")
    with socket.create_connection((host, int(port)), 30, (ADDRESS, 0)) as connection:
        connection.sendall(text.encode())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    make_release(folder)
    return folder


def test_no_log_has_a_query_an_address_or_a_header(data: Path) -> None:
    with operated(data, trusted_proxies="1", query_memory=str(400 << 20)) as server:
        statuses = {}
        for name, query in QUERIES.items():
            encoded = urlencode({"query": query})
            statuses[name] = ask(server.site, "GET", f"/sparql?{encoded}")
            if name not in ("timeout", "memory"):
                form_type = {"Content-Type": "application/x-www-form-urlencoded"}
                ask(server.site, "POST", "/sparql", encoded, **form_type)
                ask(server.site, "POST", "/sparql", query, **{"Content-Type": "application/sparql-query"})
        for path in PATHS:
            ask(server.site, "GET", path)
        for text in RAW:
            send(server.site, text)
        scraped = server.scraped()
    written = "".join(server.lines)
    assert statuses["internal"] == 500
    assert "RuntimeError < KeyError" in written  # it is known what has failed, and where
    assert "sparql.py:" in written
    assert "Task exception was never retrieved" in written
    for one in (SECRET, ADDRESS, FORWARDED):
        assert one not in written
        assert one not in scraped
    assert list(data.glob("*.log")) == []
    told = events(server) if server.lines[-1] == "" else events(server)[:-1]
    assert {"time", "level", "logger", "event"} <= set.intersection(*map(set, told))
    lanes = {(one["lane"], one["outcome"]) for one in told if one["event"] == "query"}
    assert ("long", "timeout") in lanes
    assert {one["release"] for one in told if one["event"] == "query"} == {"20261124T101530Z-3f9a1c2b"}


@pytest.fixture
def root() -> Iterator[None]:
    """The handlers of the root logger, put back afterwards."""
    kept, level, own = logging.root.handlers, logging.root.level, logging.getLogger("clirld").level
    yield
    logging.root.handlers = kept
    logging.root.setLevel(level)
    logging.getLogger("clirld").setLevel(own)


@pytest.mark.usefixtures("root")
def test_what_a_library_would_put_into_its_message_is_left_out() -> None:
    out = io.StringIO()
    logs.configure("json", out)
    logging.getLogger("library").error("refused %s from %s\nsecond line", SECRET, ADDRESS)
    said = json.loads(out.getvalue())
    assert said["event"] == "refused %s from %s"
    assert (said["logger"], said["level"]) == ("library", "error")


@pytest.mark.usefixtures("root")
def test_text_tells_only_what_somebody_has_to_look_at() -> None:
    out = io.StringIO()
    logs.configure("text", out)
    logs.event(logging.getLogger("clirld.serve"), "query", outcome="answered")
    logs.event(logging.getLogger("clirld.serve"), "query", level=logging.WARNING, outcome="damaged", lane="quick")
    assert out.getvalue() == "warning query outcome=damaged lane=quick\n"


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("form", logs.FORMS)
def test_of_an_exception_there_is_its_class_and_where_it_was_raised(form: str) -> None:
    out = io.StringIO()
    logs.configure(form, out)
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(f"{SECRET}\nand {ADDRESS}") from error
    except RuntimeError:
        logging.getLogger("library").exception("Exception in ASGI application\n%s", SECRET)
    said = out.getvalue()
    assert "RuntimeError < KeyError" in said
    assert said.count("test_logs.py:") == 2
    assert SECRET not in said
    assert ADDRESS not in said
