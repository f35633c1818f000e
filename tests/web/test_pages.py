"""The pages for people and the files of a release."""

from __future__ import annotations

import http.client
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from clirld.query.failure import messages
from clirld.query.files.examples import load
from tests.conftest import PROJECT
from tests.web.served import make_release, serve_settings, serving

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VOID = {"meta", "link", "input", "br", "img", "hr", "source"}


class Page(HTMLParser):
    """A page read strictly: every element closed in order; what it links to and labels."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.labelled: list[str] = []
        self.fields: list[str] = []
        self.language = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = given["lang"]
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "label":
            self.labelled.append(given["for"])
        if tag in ("textarea", "select") or (tag == "input" and given["type"] != "hidden"):
            self.fields.append(given["id"])
        self.links += [given[name] for name in ("href", "src", "action") if name in given]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def get(site: str, path: str, **headers: str) -> requests.Response:
    return requests.get(site + path, headers={**BROWSER, **headers}, timeout=60)


def raw(site: str, target: str) -> tuple[int, bytes]:
    """A request whose path nobody tidies."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    connection.request("GET", target)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/", "", "fr"),
        ("/", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("/", "de", "fr"),
        ("/?lang=en", "fr", "en"),
        ("/?lang=fr", "en", "fr"),
        ("/?lang=de", "en", "en"),
    ],
)
def test_language(site: str, path: str, accepted: str, language: str) -> None:
    response = get(site, path, **({"accept-language": accepted} if accepted else {}))
    assert Page(response.text).language == language
    assert response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_home(site: str, language: str) -> None:
    response = get(site, f"/?lang={language}")
    assert response.status_code == 200
    text = response.text
    page = Page(text)
    assert sorted(page.fields) == sorted(page.labelled)
    assert len(page.ids) == len(set(page.ids))
    assert "20261124T101530Z-3f9a1c2b" in text
    assert "24 novembre 2026" in text if language == "fr" else "24 November 2026" in text
    number = "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567" if language == "fr" else "1,234,567"
    assert number in text
    for address in ("/sparql", "/catalog", "/reuse", "/search", "/release/"):
        assert any(link.startswith(address) for link in page.links), address
    assert not re.search(r"\{\{|\}\}|Undefined|None", text.replace(" None ", ""))


def test_nothing_comes_from_elsewhere(site: str) -> None:
    response = get(site, "/")
    assert "<script" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    for resource in re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', response.text):
        assert resource.startswith("/static/")
        assert get(site, resource).status_code == 200
    addresses = re.findall(r'url\("([^"]+)"', get(site, "/static/style.css").text)
    assert addresses == ["/static/ysabeau-office.woff2"]
    assert get(site, addresses[0]).status_code == 200


def test_links_of_the_home_page_work(site: str) -> None:
    page = Page(get(site, "/").text)
    for link in set(page.links):
        if link.startswith(("/", "?")):
            path = link if link.startswith("/") else "/" + link
            assert get(site, path).status_code == 200, link
        elif link.startswith("#"):
            assert link[1:] in page.ids


@pytest.mark.parametrize("manifest", ["{}", "[]", "not json", '{"sources": [{}, {"id": "a", "license": {}}]}', None])
def test_a_poor_manifest_is_shown_for_what_it_says(tmp_path: Path, manifest: str | None) -> None:
    folder = make_release(tmp_path, "r1")
    (folder / "manifest.json").unlink()
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    with serving(tmp_path, serve_settings()) as site:
        response = get(site, "/")
        assert response.status_code == 200
        assert "r1" in response.text
        Page(response.text)
        assert requests.get(f"{site}/sparql", timeout=60).status_code == 200


@pytest.mark.parametrize("path", ["/", "/sparql", "/sparql?query=ASK%7B%7D"])
def test_no_release_yet(tmp_path: Path, path: str) -> None:
    with serving(tmp_path / "none", serve_settings()) as site:
        response = get(site, path)
        assert response.status_code == 503
        assert "clirld run --all" in response.text
        assert Page(response.text).language == "fr"
        program = requests.get(site + path, headers={"accept": "application/json"}, timeout=60)
        assert program.status_code == 503
        assert program.json()["type"].endswith("#no-release")
        assert program.headers["retry-after"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_form_of_the_endpoint(site: str, language: str) -> None:
    response = get(site, f"/sparql?lang={language}&example=reuse")
    assert response.headers["content-type"].startswith("text/html")
    assert 'name="query"' in response.text
    examples = {example.name: example for example in load(PROJECT / "queries")}
    for example in examples.values():
        assert example.title[language].replace("'", "&#39;") in response.text
    assert examples["reuse"].text.splitlines()[0] in unescape(response.text)
    page = Page(response.text)
    assert page.language == language
    assert set(page.fields) <= set(page.labelled)
    assert get(site, f"/sparql?lang={language}&example=none").status_code == 200
    for link in set(page.links):
        if link.startswith("/"):
            assert get(site, link).status_code in (200, 504), link


def query(site: str, text: str, **parameters: str) -> requests.Response:
    return requests.get(f"{site}/sparql", {"query": text, **parameters}, headers=BROWSER, timeout=60)


def test_results(site: str) -> None:
    response = query(site, "SELECT ?s ?o ?none { ?s ?p ?o } ORDER BY ?o LIMIT 3")
    page = Page(response.text)
    assert "3 lignes" in response.text
    assert "http://example.org/s0" in page.links
    assert any("format=csv" in link for link in page.links)
    assert response.headers["etag"]
    assert "Accept-Language" in response.headers["vary"]
    for link in page.links:
        if link.startswith("/sparql?"):
            assert get(site, link).status_code == 200


def test_results_beyond_the_page_are_said(site: str) -> None:
    text = query(site, "SELECT * { ?s ?p ?o }", lang="en").text
    assert "The first 1,000 rows; there are more" in text
    assert text.count("<tr>") == 1001
    assert "Aucune ligne" in query(site, "SELECT * { ?s <a:none> ?o }").text
    assert "1 ligne." in query(site, "SELECT (1 AS ?a) {}").text


def test_results_of_ask_and_construct(site: str) -> None:
    assert ">Oui<" in query(site, "ASK {}").text
    assert ">No<" in query(site, "ASK { ?s ?p 'none' }", lang="en").text
    text = query(site, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }").text
    assert "premiers triplets" in text
    assert "format=jsonld" in text


def test_what_is_in_the_data_is_text(site: str) -> None:
    attack = "<script>alert(1)</script>"
    terms = f"('{attack}' AS ?a) (IRI('javascript:alert(1)') AS ?b) (STRLANG('x', 'fr') AS ?c)"
    response = query(site, f"SELECT {terms} {{}}")
    page = Page(response.text)
    assert attack not in response.text
    assert not any(link.startswith("javascript:") for link in page.links)
    assert '<td lang="fr">x</td>' in response.text


def test_files(site: str) -> None:
    response = requests.get(f"{site}/release/dump/lieux.nq", timeout=60)
    assert response.content == b"<a:a> <a:b> <a:c> .\n"
    assert response.headers["content-type"] == "application/n-quads"
    again = requests.get(
        f"{site}/release/dump/lieux.nq", headers={"if-none-match": response.headers["etag"]}, timeout=5
    )
    assert again.status_code == 304
    part = requests.get(f"{site}/release/dump/lieux.nq", headers={"range": "bytes=0-2"}, timeout=60)
    assert (part.status_code, part.content) == (206, b"<a:")
    assert json.loads(requests.get(f"{site}/release/manifest.json", timeout=60).content)["quads"] == 1234567
    assert requests.get(f"{site}/release/catalog.ttl", timeout=60).headers["content-type"].startswith("text/turtle")


@pytest.mark.parametrize(
    "path",
    [
        "dump",
        "dump/",
        "dump/none.nq",
        "dump/out.txt",
        "secret.txt",
        "store/CURRENT",
        "../../current/store/CURRENT",
        "dump/../secret.txt",
        "dump/..",
        "dump/../",
        "dump/%2e%2e/secret.txt",
        "dump/..%2fsecret.txt",
        "dump/../../../../../../../../etc/passwd",
        "/etc/passwd",
        "dump/%00",
        "dump/" + "x" * 300,
    ],
)
def test_nothing_else_is_served(site: str, path: str) -> None:
    status, body = raw(site, f"/release/{path}")
    assert status == 404, body
    assert b"#not-found" in body


def test_health(site: str) -> None:
    assert requests.get(f"{site}/healthz", timeout=60).text == "ok\n"
    assert requests.get(f"{site}/readyz", timeout=60).json()["ready"] is True


def test_not_found_is_said_in_the_reader_s_language(site: str) -> None:
    assert "Page introuvable" in get(site, "/nowhere").text
    assert requests.get(f"{site}/nowhere", timeout=60).headers["content-type"] == "application/problem+json"


def test_words_have_both_languages() -> None:
    from ruamel.yaml import YAML

    text = (PROJECT / "src/clirld/web/labels.yaml").read_text(encoding="utf-8")
    for name, entry in {**YAML(typ="safe").load(text), **{k: v["what"] for k, v in messages().items()}}.items():
        assert entry.keys() == {"fr", "en"}, name
        assert re.findall(r"\{\w+\}", entry["fr"]).sort() == re.findall(r"\{\w+\}", entry["en"]).sort()


@pytest.mark.parametrize(("language", "said"), [("en", True), ("fr", False)])
@pytest.mark.parametrize(
    "path",
    [
        "/doc/process/capitalisation-pole-fictif-du-val-process-ecouter-essayer",
        "/doc/process/capitalisation-pole-fictif-du-val-process-ecouter-essayer/sheet",
        "/doc/initiative/capitalisation-pole-fictif-du-val",
        "/reuse?territory=26281&need=premises",
        "/search?q=fictif",
    ],
)
def test_a_page_of_french_texts_says_so_once_to_who_reads_english(
    sampled: str, path: str, language: str, said: bool
) -> None:
    """Names alone are no texts: a list of them says nothing."""
    text = get(sampled, f"{path}{'&' if '?' in path else '?'}lang={language}").text
    assert text.count("they have not been translated") == (said and "/search" not in path)
    assert "pas été traduits" not in text
