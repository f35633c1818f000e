"""A lookup that is answered from the bytes of its request has the answer that the application gives."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus, urlsplit

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.web.app import create_app
from clirld.web.at_once.lookup_requests import LookupRequests, read_scope
from tests.web.served import make_release, serve_settings
from tests.web.test_connections import plain

ASK = "ASK { <http://example.org/s1> ?p ?o }"
ROWS = "SELECT ?s ?o { ?s <http://example.org/p> ?o } LIMIT 100"
QUERIES = [
    ASK,
    ROWS,
    "SELECT * { <http://example.org/s7> ?p ?o }",
    "PREFIX ex: <http://example.org/> SELECT ?o { ex:s7 ex:p ?o }",
    "SELECT * { <http://example.org/ç+é> ?p ?o }",
]
FIELDS = [
    "",
    "Accept: application/sparql-results+xml\r\n",
    "Accept: text/csv;q=0.5, application/sparql-results+json;q=0.4\r\nAccept-Encoding: gzip, br\r\n",
    "User-Agent: x\r\nAccept: */*\r\nConnection: keep-alive\r\nAccept-Language: fr\r\nOrigin: https://e\r\n",
]


def asked(query: str, fields: str = "", more: str = "") -> bytes:
    return f"GET /sparql?query={quote_plus(query)}{more} HTTP/1.1\r\nHost: e.org\r\n{fields}\r\n".encode()


@pytest.fixture(scope="module")
def requests(data: Path) -> LookupRequests:
    found: LookupRequests = create_app(data, settings=serve_settings()).state.at_once
    return found


@pytest.mark.parametrize("more", ["", "&format=csv", "&output=xml&format=json"])
@pytest.mark.parametrize("fields", FIELDS)
@pytest.mark.parametrize("query", QUERIES)
def test_the_answer_is_that_of_the_application(
    site: str, requests: LookupRequests, query: str, fields: str, more: str
) -> None:
    port = urlsplit(site).port
    short = requests.get(asked(query, fields, more), ("127.0.0.1", 5), ("127.0.0.1", port))
    assert short is not None
    fields = fields.replace("Connection: keep-alive\r\n", "") + "X-Other: 1\r\nConnection: close\r\n"
    status, _, answer = plain(site, asked(query, fields, more)).partition(b"\r\n")
    assert status == b"HTTP/1.1 200 OK"
    date, _, answer = answer.partition(b"\r\n")
    assert date.startswith(b"date: ")
    head, _, body = answer.partition(b"\r\n\r\n")
    short_head, _, short_body = short.partition(b"\r\n\r\n")
    assert sorted(short_head.split(b"\r\n")) == sorted(set(head.split(b"\r\n")) - {b"connection: close"})
    assert short_body == body


@pytest.mark.parametrize(
    "request_",
    [
        asked(ASK).replace(b"GET", b"HEAD"),
        asked(ASK).replace(b"1.1", b"1.0"),
        asked(ASK).replace(b"/sparql", b"/sparql/"),
        asked(ASK).replace(b"Host: e.org\r\n", b""),
        asked(ASK, "Host: f.org\r\n"),
        asked(ASK, "Connection: close\r\n"),
        asked(ASK, "If-None-Match: *\r\n"),
        asked(ASK, "Accept-Datetime: Thu, 26 Nov 2026 00:00:00 GMT\r\n"),
        asked(ASK, "Clirld-Release: 20261124T101530Z-3f9a1c2b\r\n"),
        asked(ASK, "Accept: text/csv\r\nAccept: text/html\r\n"),
        asked(ASK, "Accept: text/csv,\r\n text/html\r\n"),
        asked(ASK, "Content-Length: 0\r\n"),
        asked(ASK, "Accept : text/csv\r\n"),
        asked(ASK, "Accept: text/csv\x00\r\n"),
        asked(ASK, more="&release=20261124T101530Z-3f9a1c2b"),
        asked(ASK, more="&default-graph-uri=http://e/g"),
        asked(ASK, more="&query=ASK%7B%7D"),
        asked(ASK, more="&lang=xx"),
        asked(ASK, more="#x"),
        asked(ASK, "Accept: text/html\r\n"),
        asked(ASK, "Accept: image/png\r\n"),
        asked(ASK, more="&format=nothing"),
        asked("SELECT * { ?s ?p ?o }"),
        asked("SELECT * { <http://example.org/s1> ?p }"),
        asked("SELECT ?s { ?s <http://example.org/p> ?o } LIMIT 1000"),
        b"GET /sparql?query=%FF HTTP/1.1\r\nHost: e.org\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: e.org\r\n\r\n",
    ],
)
def test_what_is_left_to_the_application(requests: LookupRequests, request_: bytes) -> None:
    assert requests.get(request_, None, None) is None


def test_a_lookup_is_of_the_release_that_is_served(tmp_path: Path) -> None:
    label = asked("SELECT ?o { <http://example.org/release> <http://example.org/label> ?o }")
    found: LookupRequests = create_app(tmp_path, settings=serve_settings()).state.at_once
    assert found.get(label, None, None) is None
    for name, text in (("20261124T101530Z-3f9a1c2b", b"one"), ("20261125T101530Z-3f9a1c2c", b"two")):
        make_release(tmp_path, name, rows=1, label=text.decode())
        for _ in range(2):
            answer = found.get(label, None, None)
            assert answer is not None
            assert b'"value":"%s"' % text in answer
            assert b"clirld-release: %s" % name.encode() in answer


class Read:
    """What httptools reads in a request."""

    def __init__(self, request: bytes) -> None:
        self.target, self.headers = b"", list[tuple[bytes, bytes]]()
        self.is_whole = False
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(request)
        self.method, self.version = parser.get_method(), parser.get_http_version()

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        self.is_whole = True


PIECES = (
    *("GET", "POST", " ", "/sparql", "?", "query=", "&", "format=", "ASK%7B%7D", "%", "+", "#", ";", ":", ",", "a/b"),
    *("HTTP/1.1", "HTTP/1.0", "\r\n", "\n", "\r", "\t", "\0", "é", "Host: e", "Host", "Accept: a/b", "Accept"),
    *(
        "Connection: keep-alive",
        "Connection",
        "Content-Length: 1",
        "Transfer-Encoding: chunked",
        "Cookie: a",
        "X-Other: 1",
    ),
)
STARTS = (
    "",
    "GET /sparql?query=ASK",
    "GET /sparql?query=ASK HTTP/1.1\r\n",
    "GET /sparql?query=A HTTP/1.1\r\nHost: e\r\n",
)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from(STARTS))
def test_what_is_read_is_read_as_a_parser_does(pieces: list[str], start: str) -> None:
    request = f"{start}{''.join(pieces)}\r\n\r\n".encode()
    if request.count(b"\r\n\r\n") > 1:
        return
    scope = read_scope(request)
    if scope is None:
        return
    read = Read(request)
    assert read.is_whole
    assert (read.method, read.version) == (b"GET", "1.1")
    assert read.target == b"/sparql?" + scope["query_string"]
    # httptools keeps white space after a value, which is none of it (RFC 9112, section 5.1).
    headers = [(name, value.rstrip(b" \t")) for name, value in read.headers]
    assert [pair for pair in headers if pair[0] != b"connection"] == scope["headers"]
    assert all(value.lower() == b"keep-alive" for name, value in headers if name == b"connection")
