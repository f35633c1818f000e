"""SPARQL 1.1 Protocol over real HTTP: what is asked how, what comes back, what is refused and in which words."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import json
import socket
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests
from pyoxigraph import RdfFormat, parse

SELECT = "SELECT ?o { <http://example.org/release> ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/release> ?p ?o }"
FORM = "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def ask(site: str, query: str = SELECT, accept: str | None = None, **parameters: str) -> requests.Response:
    headers = {"accept": accept} if accept else {}
    return requests.get(f"{site}/sparql", {"query": query, **parameters}, headers=headers, timeout=60)


def raw(site: str, method: str, target: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    """A request with just these headers."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    if body:
        connection.putheader("content-length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    response.read = io.BytesIO(response.read()).read  # type: ignore[method-assign]
    connection.close()
    return response


def test_get(site: str) -> None:
    response = ask(site)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/sparql-results+json"
    assert response.json()["results"]["bindings"][0]["o"]["value"] == "one"
    assert response.headers["clirld-release"] == "20261124T101530Z-3f9a1c2b"
    assert response.headers["vary"] == "Accept, Accept-Encoding, Accept-Datetime, Clirld-Release"


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_post_form_and_direct(site: str, path: str) -> None:
    form = requests.post(site + path, {"query": SELECT}, timeout=60)
    direct = requests.post(
        site + path, SELECT.encode(), headers={"content-type": "application/sparql-query; charset=utf-8"}, timeout=20
    )
    assert form.json() == direct.json() == ask(site).json()


def test_accents_survive(site: str) -> None:
    query = "SELECT ('œuvre à Besançon' AS ?o) {}"
    for response in (
        ask(site, query),
        requests.post(f"{site}/sparql", {"query": query}, timeout=60),
        requests.post(
            f"{site}/sparql", query.encode(), headers={"content-type": "application/sparql-query"}, timeout=20
        ),
    ):
        assert response.json()["results"]["bindings"][0]["o"]["value"] == "œuvre à Besançon"


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.9, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*", "text/csv; charset=utf-8"),
        ("application/sparql-results+json;q=0, */*;q=0.5", "application/json"),
        ("TEXT/CSV", "text/csv; charset=utf-8"),
        (BROWSER, "text/html; charset=utf-8"),
    ],
)
def test_negotiation_of_tables(site: str, accept: str, given: str) -> None:
    response = ask(site, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == given


@pytest.mark.parametrize(
    ("accept", "given", "syntax"),
    [
        ("*/*", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", "application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", "application/ld+json", RdfFormat.JSON_LD),
        ("application/n-quads", "application/n-quads", RdfFormat.N_QUADS),
        ("text/turtle;q=0.2, application/trig", "application/trig", RdfFormat.TRIG),
    ],
)
@pytest.mark.parametrize("query", [CONSTRUCT, "DESCRIBE <http://example.org/release>"])
def test_negotiation_of_graphs(site: str, accept: str, given: str, syntax: RdfFormat, query: str) -> None:
    response = ask(site, query, accept)
    assert response.headers["content-type"] == given
    assert [quad.object.value for quad in parse(response.content, format=syntax)] == ["one"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "names"),
    [(SELECT, ["json", "xml", "csv", "tsv"]), (CONSTRUCT, ["ttl", "nt", "rdf", "jsonld", "nq", "trig", "xml"])],
)
def test_format_by_name(site: str, query: str, names: list[str]) -> None:
    for name in names:
        response = ask(site, query, BROWSER, format=name)
        assert response.status_code == 200, name
        assert "html" not in response.headers["content-type"]
        assert b"one" in response.content


@pytest.mark.parametrize(
    ("query", "name", "accept", "given"),
    [
        (SELECT, "text/csv", "*/*", "text/csv; charset=utf-8"),
        (SELECT, "application/sparql-results+xml", "*/*", "application/sparql-results+xml"),
        (SELECT, "sparql-results+json", "*/*", "application/sparql-results+json"),
        (SELECT, "XML", "text/xml", "text/xml; charset=utf-8"),
        (CONSTRUCT, "turtle", "*/*", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "turtle", "application/x-turtle, text/csv", "application/x-turtle"),
        (CONSTRUCT, "turtle", "application/n-triples", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "rdf+xml", "*/*", "application/rdf+xml"),
        (CONSTRUCT, "rdf xml", "*/*", "application/rdf+xml"),  # a + that was not escaped
        (CONSTRUCT, "xml", "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "json-ld", "*/*", "application/ld+json"),
        (CONSTRUCT, "json", "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "n3", "*/*", "text/n3; charset=utf-8"),
        (CONSTRUCT, "ntriples", "*/*", "application/n-triples"),
        (CONSTRUCT, "application/n-triples; charset=utf-8", "*/*", "application/n-triples"),
    ],
)
@pytest.mark.parametrize("parameter", ["format", "output", "results"])
def test_format_by_other_names(site: str, query: str, name: str, accept: str, given: str, parameter: str) -> None:
    response = ask(site, query, accept, **{parameter: name})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == given
    assert b"one" in response.content


@pytest.mark.parametrize(
    ("query", "accept", "given"),
    [
        (SELECT, "text/xml", "text/xml; charset=utf-8"),
        (CONSTRUCT, "text/xml", "text/xml; charset=utf-8"),
        (CONSTRUCT, "text/n3", "text/n3; charset=utf-8"),
        (CONSTRUCT, "application/x-turtle", "application/x-turtle"),
    ],
)
def test_older_media_types(site: str, query: str, accept: str, given: str) -> None:
    response = ask(site, query, accept)
    assert response.headers["content-type"] == given
    assert b"one" in response.content


def test_several_accept_lines_are_one_list(site: str) -> None:
    head = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    answer = plain(site, head + b"Accept: image/png\r\nAccept: text/csv;q=0.5\r\nAccept: text/xml\r\n\r\n")
    assert b"content-type: text/xml" in answer


def test_an_absolute_target(site: str) -> None:
    target = f"GET {site}/sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n"
    answer = plain(site, target.encode())
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"boolean":true' in answer


def plain(site: str, request: bytes) -> bytes:
    """The bytes that come back for these bytes."""
    parts = urlsplit(site)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


@pytest.mark.parametrize(
    ("body", "kind"),
    [(SELECT.encode(), "application/sparql-query"), (urlencode({"query": SELECT}).encode(), FORM)],
)
def test_gzip_bodies(site: str, body: bytes, kind: str) -> None:
    response = raw(site, "POST", "/sparql", gzip.compress(body), content_type=kind, content_encoding="gzip")
    assert response.status == 200
    assert b"one" in response.read()


def test_csv_is_csv(site: str) -> None:
    rows = list(csv.reader(io.StringIO(ask(site, accept="text/csv").text)))
    assert rows == [["o"], ["one"]]


def test_ask(site: str) -> None:
    assert ask(site, "ASK { ?s ?p 'one' }").json()["boolean"] is True
    assert ask(site, "ASK { ?s ?p 'none' }", "text/csv").text.strip() == "false"


@pytest.mark.parametrize(
    ("parameters", "status", "kind", "said"),
    [
        ({"query": "SELECT * {\n ?s ?p }"}, 400, "syntax", "cannot be read"),
        ({"query": "SELECT * { ?s foo:a ?o }"}, 400, "prefix", "foo:"),
        ({"query": ["ASK {}", "ASK {}"]}, 400, "several-queries", "several"),
        ({"query": ""}, 400, "missing-query", "no query"),
        ({"default-graph-uri": "http://example.org/g"}, 400, "missing-query", "no query"),
        ({"query": SELECT, "default-graph-uri": "not absolute"}, 400, "dataset", "absolute IRI"),
        ({"query": "ASK { SERVICE <http://127.0.0.1/> {} }"}, 403, "service", "SERVICE"),
        ({"query": "INSERT DATA { <a:a> <a:b> <a:c> }"}, 403, "update", "read-only"),
        ({"query": "SELECT (<http://example.org/f>(1) AS ?x) {}"}, 400, "evaluation", "is not supported"),
        ({"update": "CLEAR ALL"}, 403, "update", "read-only"),
        ({"query": SELECT, "format": "parquet"}, 406, "not-acceptable", "SELECT"),
        ({"query": SELECT, "format": "ttl"}, 406, "not-acceptable", "SELECT"),
        ({"query": f"ASK {{ FILTER({'(' * 2000}1{')' * 2000}) }}"}, 400, "nesting", "256 levels"),
        ({"query": f"ASK {{ ?s ?p '{'x' * 5000}' }}"}, 413, "too-long", "5000 characters"),
    ],
)
def test_problems_are_for_programs(
    site: str, parameters: dict[str, str | list[str]], status: int, kind: str, said: str
) -> None:
    response = requests.get(f"{site}/sparql", parameters, timeout=60)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["type"].endswith(f"#{kind}")
    assert body["status"] == status
    assert said in body["detail"]
    assert body["do"]


def test_problems_name_line_and_column(site: str) -> None:
    body = ask(site, "SELECT * {\n ?s ?p }").json()
    assert (body["line"], body["column"]) == (2, 9)


def test_problems_in_plain_text_and_in_french(site: str) -> None:
    response = requests.get(
        f"{site}/sparql",
        {"query": "ASK {"},
        headers={"accept": "text/csv", "accept-language": "fr-FR, en;q=0.5"},
        timeout=60,
    )
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("ligne 1:6: la requête SPARQL ne peut être lue")
    assert "→" in response.text


def test_problems_of_people_are_pages(site: str) -> None:
    response = ask(site, "ASK { <script>", BROWSER)
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in response.text
    assert "Requête mal écrite" in response.text


def test_not_acceptable(site: str) -> None:
    response = ask(site, accept="image/png")
    assert response.status_code == 406
    assert "application/sparql-results+json" in response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"ASK {}", "text/plain", 415),
        (b"ASK {}", "", 415),
        ("ASK {}".encode("utf-16"), "application/sparql-query; charset=UTF-16", 415),
        (b"ASK { ?s ?p '\xe9' }", "application/sparql-query", 400),
        (b"query=ASK%20%7B%20%3Fs%20%3Fp%20'%E9'%20%7D", "application/x-www-form-urlencoded", 400),
        (b"query=ASK%7B%7D&query=ASK%7B%7D", "application/x-www-form-urlencoded", 400),
        (b"default-graph-uri=http%3A%2F%2Fx%2F", "application/x-www-form-urlencoded", 400),
        (b"CLEAR ALL", "application/sparql-update", 403),
        (b"update=CLEAR%20ALL", "application/x-www-form-urlencoded", 403),
        (b"x" * 30000, "application/sparql-query", 413),
        (b"query=" + b"x" * 70000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_bodies_refused(site: str, body: bytes, kind: str, status: int) -> None:
    headers = {"content_type": kind} if kind else {}
    response = raw(site, "POST", "/sparql", body, **headers)
    assert response.status == status
    assert json.loads(response.read())["status"] == status


@pytest.mark.parametrize(
    ("body", "coding", "status", "kind"),
    [
        (gzip.compress(b" " * (1 << 24), mtime=0), "gzip", 413, "too-long"),
        (gzip.compress(b"ASK {}", mtime=0)[:-4], "gzip", 400, "damaged-body"),
        (b"ASK {}", "gzip", 400, "damaged-body"),
        (b"ASK {}", "br", 415, "content-encoding"),
    ],
)
def test_packed_bodies_refused(site: str, body: bytes, coding: str, status: int, kind: str) -> None:
    response = raw(site, "POST", "/sparql", body, content_type="application/sparql-query", content_encoding=coding)
    assert response.status == status
    assert json.loads(response.read())["type"].endswith(f"#{kind}")


def test_query_strings_not_utf8(site: str) -> None:
    response = raw(site, "GET", "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20'%E9'%20%7D")
    assert response.status == 400
    assert json.loads(response.read())["type"].endswith("#encoding")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_methods_refused(site: str, method: str) -> None:
    response = raw(site, method, "/sparql?query=ASK%7B%7D")
    assert response.status == 405
    assert response.getheader("allow") == "GET, HEAD, POST, OPTIONS"
    assert raw(site, method, "/healthz").status == 405


def test_head(site: str) -> None:
    target = "/sparql?" + urlencode({"query": SELECT})
    response = raw(site, "HEAD", target)
    assert response.status == 200
    assert response.read() == b""
    assert response.getheader("content-length") == str(len(ask(site).content))


def test_options_and_cors(site: str) -> None:
    response = raw(site, "OPTIONS", "/sparql", origin="https://example.org", access_control_request_method="POST")
    assert response.status == 204
    assert response.getheader("access-control-allow-origin") == "*"
    assert "POST" in (response.getheader("access-control-allow-methods") or "")
    assert ask(site).headers["access-control-allow-origin"] == "*"
    assert ask(site, "ASK {").headers["access-control-allow-origin"] == "*"
    assert "ETag" in ask(site).headers["access-control-expose-headers"]


def test_etag(site: str) -> None:
    target = "/sparql?query=" + quote(SELECT)
    tag = raw(site, "GET", target).getheader("etag") or ""
    assert "20261124T101530Z-3f9a1c2b" in tag
    known = raw(site, "GET", target, if_none_match=f'"other", {tag}')
    assert known.status == 304
    assert known.read() == b""
    assert known.getheader("etag") == tag
    assert known.getheader("vary") == "Accept, Accept-Encoding, Accept-Datetime, Clirld-Release"
    assert raw(site, "GET", target, if_none_match=tag, accept="text/csv").status == 200
    assert raw(site, "GET", "/sparql?query=ASK%7B%7D", if_none_match=tag).status == 200


def test_since_when(site: str) -> None:
    target = "/sparql?query=" + quote(SELECT)
    modified = raw(site, "GET", target).getheader("last-modified") or ""
    assert modified == "Tue, 24 Nov 2026 10:15:30 GMT"  # when the release was made
    for path in (target, "/release/manifest.json"):
        assert raw(site, "GET", path, if_modified_since=modified).status == 304
        assert raw(site, "GET", path, if_modified_since="Tue, 24 Nov 2026 10:15:29 GMT").status == 200
        assert raw(site, "GET", path, if_modified_since="yesterday").status == 200
        assert raw(site, "GET", path, if_modified_since=modified, if_none_match='"other"').status == 200


def test_an_answer_that_changes_by_itself_has_no_etag(site: str) -> None:
    assert "etag" not in ask(site, "SELECT (NOW() AS ?o) {}").headers
    assert "etag" in ask(site, "SELECT ('NOW' AS ?now) {}").headers


def test_datasets(site: str) -> None:
    inside = {"default-graph-uri": "http://example.org/g"}
    outside = {"default-graph-uri": "http://example.org/none"}
    assert ask(site, "ASK { ?s ?p ?o }", **inside).json()["boolean"] is True
    assert ask(site, "ASK { ?s ?p ?o }", **outside).json()["boolean"] is False
    assert ask(site, "ASK { GRAPH ?g { ?s ?p ?o } }", **inside).json()["boolean"] is False
    named = {"named-graph-uri": "http://example.org/g"}
    assert ask(site, "ASK { GRAPH ?g { ?s ?p ?o } }", **named).json()["boolean"] is True
    assert ask(site, "ASK { ?s ?p ?o }", **named).json()["boolean"] is False


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, "text/turtle; charset=utf-8"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("application/sparql-results+json, application/n-triples;q=0.5", "application/n-triples"),
    ],
)
def test_service_description(site: str, accept: str | None, given: str) -> None:
    response = requests.get(f"{site}/sparql", headers={"accept": accept or "*/*"}, timeout=60)
    assert response.headers["content-type"] == given
    formats = {
        "text/turtle; charset=utf-8": RdfFormat.TURTLE,
        "application/rdf+xml": RdfFormat.RDF_XML,
        "application/ld+json": RdfFormat.JSON_LD,
        "application/n-triples": RdfFormat.N_TRIPLES,
    }
    sd = "http://www.w3.org/ns/sparql-service-description#"
    said = {(quad.predicate.value, str(quad.object)) for quad in parse(response.content, format=formats[given])}
    assert (f"{sd}endpoint", f"<{site}/sparql>") in said
    assert (f"{sd}feature", f"<{sd}UnionDefaultGraph>") in said
    assert (f"{sd}supportedLanguage", f"<{sd}SPARQL11Query>") in said
    assert (f"{sd}name", "<https://w3id.org/clirld/graph/lieux>") in said


def test_service_description_not_acceptable(site: str) -> None:
    assert requests.get(f"{site}/sparql", headers={"accept": "image/png"}, timeout=60).status_code == 406


LARGE = "SELECT * { ?s ?p ?o . ?a ?b ?o . VALUES ?n { 1 2 3 4 } }"


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_large_answers_come_whole(site: str, coding: str) -> None:
    headers = {"accept-encoding": coding}
    query = f"{LARGE} # {coding}"  # a query of its own, so that no kept answer is given
    response = requests.get(f"{site}/sparql", {"query": query}, headers=headers, timeout=60)
    assert len(response.content) > 1 << 20
    assert response.headers["transfer-encoding"] == "chunked"
    assert response.headers.get("content-encoding", "identity") == coding
    assert len(response.json()["results"]["bindings"]) == 4 * 2001


def test_small_answers_are_packed_too(site: str) -> None:
    query = "SELECT * { ?s ?p ?o } LIMIT 100"
    packed = raw(site, "GET", "/sparql?query=" + quote(query), accept_encoding="gzip;q=0.5, br")
    assert packed.getheader("content-encoding") == "gzip"
    for coding in ("gzip;q=0", "br"):
        plain_answer = raw(site, "GET", "/sparql?query=" + quote(query), accept_encoding=coding)
        assert plain_answer.getheader("content-encoding") is None
        assert gzip.decompress(packed.read()) == plain_answer.read()
        packed = raw(site, "GET", "/sparql?query=" + quote(query), accept_encoding="gzip")


def test_http_1_0_knows_no_pieces(site: str) -> None:
    target = f"GET /sparql?query={quote(LARGE)} HTTP/1.0\r\n\r\n"
    head, _, body = plain(site, target.encode()).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body)
