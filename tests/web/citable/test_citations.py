"""What an answer says of itself: release, what to cite, licences, hash; the same hash whatever the format."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
import requests
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, parse, parse_query_results

from clirld.query.formats import GRAPH_FORMATS, RESULT_FORMATS
from clirld.release import citation
from tests.web.citable.releases import LABEL, NEW, OLD, THING
from tests.web.citable.test_choice import links
from tests.web.test_pages import BROWSER, Page

LIEUX = "https://w3id.org/clirld/graph/lieux"
ROWS = "SELECT ?o ?s { ?s ?p ?o } ORDER BY DESC(?o)"
GRAPH = "CONSTRUCT WHERE { ?s ?p ?o }"
LICENCE = "https://example.org/licence"


def ask(site: str, query: str, more: str = "", **headers: str) -> requests.Response:
    return requests.get(f"{site}/sparql?query={quote(query)}{more}", headers=headers, timeout=20)


def csl(site: str, query: str, more: str = "") -> dict[str, Any]:
    (item,) = ask(site, query, f"{more}&format=csl").json()
    return dict(item["custom"])


def digest_of_rows(content: bytes, format_: QueryResultsFormat) -> str:
    """The hash of a canonical form that is made here of another format."""
    rows = parse_query_results(content, format=format_)
    assert isinstance(rows, QuerySolutions)
    names = sorted(variable.value for variable in rows.variables)
    lines = sorted("\t".join("" if row[name] is None else str(row[name]) for name in names) for row in rows)
    return sha256(
        "".join(f"{line}\n" for line in ["\t".join(f"?{name}" for name in names), *lines]).encode()
    ).hexdigest()


@pytest.mark.parametrize("media", [media for media, (name, _) in RESULT_FORMATS.items() if name != "csv"])
def test_rows_have_one_hash_in_each_format(site: str, media: str) -> None:
    answer = ask(site, ROWS, accept=media)
    assert answer.headers["content-type"].split(";")[0] == media
    assert digest_of_rows(answer.content, RESULT_FORMATS[media][1]) == csl(site, ROWS)["sha256"]


@pytest.mark.parametrize("media", GRAPH_FORMATS)
def test_triples_have_one_hash_in_each_format(site: str, media: str) -> None:
    answer = ask(site, GRAPH, accept=media)
    triples = {f"{quad.triple} .\n" for quad in parse(answer.content, format=GRAPH_FORMATS[media][1])}
    assert sha256("".join(sorted(triples)).encode()).hexdigest() == csl(site, GRAPH)["sha256"]


@pytest.mark.parametrize("query", [ROWS, GRAPH, "ASK {}", f"DESCRIBE <{THING}>"])
def test_the_hash_is_that_of_the_canonical_format(site: str, query: str) -> None:
    answer = ask(site, query, "&format=canonical")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    cited = csl(site, query)
    assert cited["sha256"] == sha256(answer.content).hexdigest()
    assert cited["query"] == query
    assert cited["release"] == answer.headers["clirld-release"] == NEW


def test_an_answer_says_what_to_cite(site: str) -> None:
    answer = ask(site, ROWS, accept="text/csv")
    said = links(answer)
    assert said["cite-as"] == citation.Question(ROWS).address(NEW)
    assert said["license"] == citation.OWN_LICENCE
    assert f'<{LICENCE}>; rel="license"' in answer.headers["link"]
    assert answer.headers["clirld-graphs"] == "*"
    described = requests.get(said["describedby"], timeout=20)
    assert described.headers["content-type"] == citation.CSL
    assert described.json()[0]["URL"] == said["cite-as"]
    # So does one that is known already, one that comes again, and one of another release.
    for more, release in (("", NEW), ("", NEW), (f"&release={OLD}", OLD)):
        again = ask(site, ROWS, more, accept="text/csv", **{"If-None-Match": answer.headers["etag"]})
        assert again.status_code == (304 if release == NEW else 200)
        assert links(again)["cite-as"] == citation.Question(ROWS).address(release)


@pytest.mark.parametrize(
    ("query", "more", "graphs", "licences"),
    [
        (f"SELECT * {{ GRAPH <{LIEUX}> {{ ?s ?p ?o }} }}", "", LIEUX, {LICENCE}),
        (f"SELECT * FROM <{LIEUX}> {{ ?s ?p ?o }}", "", LIEUX, {LICENCE}),
        ("SELECT * { ?s ?p ?o }", f"&default-graph-uri={LIEUX}", LIEUX, {LICENCE}),
        (f"SELECT * FROM <{LIEUX}> {{ ?s ?p ?o }}", "&named-graph-uri=a%3Ab", "a:b", set()),
        ("SELECT * { ?s ?p ?o }", "", "*", {LICENCE, citation.OWN_LICENCE}),
        ("ASK { GRAPH <https://w3id.org/clirld/graph/catalog> { ?s ?p ?o } }", "",
         "https://w3id.org/clirld/graph/catalog", {citation.OWN_LICENCE}),
        ("SELECT * { ?s ?p ?o }", "&default-graph-uri=a%3A%0D%0Aset-cookie%3Aé", "a:%0D%0Aset-cookie:%C3%A9", set()),
    ],
)  # fmt: skip
def test_licences_are_those_of_the_graphs(site: str, query: str, more: str, graphs: str, licences: set[str]) -> None:
    answer = ask(site, query, more)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.headers["clirld-graphs"] == graphs
        assert {
            iri for iri in (LICENCE, citation.OWN_LICENCE) if f'<{iri}>; rel="license"' in answer.headers["link"]
        } == licences
    cited = ask(site, query, f"{more}&format=csl")
    if cited.status_code == 200:
        (item,) = cited.json()
        assert item["custom"]["licences"].keys() == licences
        assert item["custom"]["graphs"] == (None if graphs == "*" else [graphs])
        assert item["URL"].startswith("https://w3id.org/clirld/release/")


def test_a_query_too_long_for_a_header(site: str) -> None:
    answer = ask(site, f"{ROWS} #{'x' * 3000}")
    assert links(answer)["cite-as"] == f"https://w3id.org/clirld/release/{NEW}/"
    assert len(answer.headers["link"]) < 2000
    answer = requests.post(f"{site}/sparql", data={"query": ROWS}, timeout=20)
    assert links(answer)["cite-as"] == citation.Question(ROWS).address(NEW)


@pytest.mark.parametrize("name", ["csl", "bibtex", "citation"])
def test_what_changes_by_itself_cannot_be_cited(site: str, name: str) -> None:
    query = "SELECT (NOW() AS ?now) {}"
    refused = ask(site, query, f"&format={name}")
    assert refused.status_code == 400
    assert refused.json()["type"].endswith("#volatile")
    answer = ask(site, query)
    assert links(answer)["cite-as"] == f"https://w3id.org/clirld/release/{NEW}/"
    assert "describedby" not in links(answer)
    assert "format=csl" not in ask(site, query, **BROWSER).text


@pytest.mark.parametrize(("name", "media"), citation.FORMATS.items())
def test_a_citation_in_each_format_and_language(site: str, name: str, media: str) -> None:
    texts = []
    for language, word in (("fr", "version"), ("en", "release")):
        named = ask(site, LABEL, f"&format={name}", **{"accept-language": language})
        liked = ask(site, LABEL, accept=media, **{"accept-language": language})
        assert named.content == liked.content
        assert named.headers["content-type"].split(";")[0] == media
        assert "Accept-Language" in named.headers["vary"]
        assert f"{word} {NEW}" in named.text
        assert citation.read(named.text, "x").sha256 == csl(site, LABEL)["sha256"]
        texts.append(named.text)
    assert texts[0] != texts[1]


def test_a_page_says_how_to_cite_its_answer(site: str) -> None:
    for more, release in (("", NEW), (f"&release={OLD}", OLD)):
        page = Page(ask(site, LABEL, f"{more}&lang=en", **BROWSER).text)
        cited = [one for one in page.links if one.endswith(("format=csl", "format=bibtex", "format=citation"))]
        assert len(cited) == 3
        for link in cited:
            assert link.startswith(f"/release/{release}/sparql?")
            assert release in requests.get(site + link, timeout=20).text


def test_the_things_of_a_release_differ(site: str) -> None:
    assert csl(site, LABEL)["sha256"] != csl(site, LABEL, f"&release={OLD}")["sha256"]
    assert csl(site, "ASK {}")["sha256"] == csl(site, "ASK {}", f"&release={OLD}")["sha256"]
    assert json.loads(ask(site, LABEL).content)["results"]["bindings"][0]["label"]["value"] == NEW
    assert NamedNode(THING).value in csl(site, f"DESCRIBE <{THING}>")["query"]
