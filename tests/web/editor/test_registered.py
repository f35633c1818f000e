"""The page of the registered queries: who relies on what, what it gets, what it lacks, and who has accepted that."""

from __future__ import annotations

from pathlib import Path

from tests.web.served import make_release, serving
from tests.web.test_pages import Page, get

LISTED = {
    "id": "places",
    "title": {"fr": "Nos lieux", "en": "Our places"},
    "by": "Exemple <b>",
    "contact": "https://example.org/",
    "query": "SELECT ?name { ?s ?p ?name }",
    "relies": {"columns": ["name"], "rows": 1200, "seconds": 2},
    "rows": 7,
    "lacks": [
        {"kind": "rows", "relied": 1200, "given": 7},
        {"kind": "error", "said": {"fr": "trop long", "en": "long"}},
    ],
    "accepted": {"by": "Exemple", "because": "deux lieux fermés", "when": "2026-06-02T00:00:00+00:00"},
    "fingerprint": "a",
}


def test_what_is_relied_on_and_given(tmp_path: Path) -> None:
    folder = make_release(tmp_path, registered=[LISTED])
    with serving(tmp_path) as site:
        french, english = (get(site, f"/queries/registered?lang={language}").text for language in ("fr", "en"))
        for text in (french, english):
            page = Page(text)
            assert "https://example.org/" in page.links
            assert "Exemple &lt;b&gt;" in text
            assert "deux lieux fermés" in text
        assert "Elle s&#39;appuie sur 1200 lignes au moins et en reçoit 7" in french
        assert "Elle échoue" in french
        assert "It relies on at least 1200 rows and gets 7" in english
        assert "at least 1,200 rows" in english
        assert f"/release/{folder.name}/sparql?" in get(site, f"/release/{folder.name}/queries/registered").text
        assert "/queries/registered?lang=en" in Page(get(site, "/sparql?lang=en").text).links


def test_a_release_that_says_nothing_of_them(site: str) -> None:
    assert "ne dit rien de requêtes enregistrées" in get(site, "/queries/registered?lang=fr").text
