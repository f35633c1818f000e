"""`/sparql` for people: what its script is given, and that it may load and ask nothing of others."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

import clirld.web
from clirld import yamlfile
from clirld.query.formats import PREFIXES
from clirld.web.editor.page import POLICY

STATIC = Path(clirld.web.__file__).parent / "static"
BROWSER = {"accept": "text/html"}


def page(site: str, path: str = "/sparql?lang=fr") -> requests.Response:
    return requests.get(site + path, headers=BROWSER, timeout=60)


def given(text: str, name: str) -> dict[str, Any]:
    found = re.search(rf'data-{name}="([^"]*)"', text)
    assert found
    said: dict[str, Any] = json.loads(unescape(found[1]))
    return said


def test_scripts_are_of_this_server_and_of_this_page_alone(site: str) -> None:
    answer = page(site)
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert re.findall(r"script-src ([^;]*)|connect-src ([^;]*)", POLICY) == [("'self'", ""), ("", "'self'")]
    assert re.findall(r"<script[^>]*>(.*?)</script>", answer.text) == ["", "", ""]
    for address in re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]*)"', answer.text):
        assert address.startswith("/static/")
        assert requests.get(site + address, timeout=60).status_code == 200
    for other in ("/", "/sparql?query=ASK%7B%7D&format=html", "/sparql?query=nothing&format=html"):
        assert "yasqe" not in page(site, other).text


def test_it_weighs_little(site: str) -> None:
    assert len(page(site).content) < 50_000


@pytest.mark.parametrize("language", ["fr", "en"])
def test_all_that_the_script_says_is_there(site: str, language: str) -> None:
    words = given(page(site, f"/sparql?lang={language}").text, "words")
    script = "".join((STATIC / f"sparql-editor{part}.js").read_text(encoding="utf-8") for part in ("", "-answer"))
    assert set(re.findall(r"\bwords\.(\w+)", script)) | {"table", "map", "chart"} == words.keys()
    shipped = yamlfile.shipped("clirld.web.editor", "words.yaml")
    assert all(one.keys() == {"fr", "en"} for one in shipped.values())
    assert all(re.findall(r"{\w+}", one["fr"]) == re.findall(r"{\w+}", one["en"]) for one in shipped.values())


def test_it_knows_where_it_is(site: str) -> None:
    places = given(page(site).text, "places")
    assert places["prefixes"] == PREFIXES
    assert places["within"] == ""
    release = requests.get(f"{site}/sparql?query=ASK%7B%7D", timeout=60).headers["clirld-release"]
    within = page(site, f"/release/{release}/sparql?lang=fr").text
    assert given(within, "places")["within"] == f"/release/{release}"
    assert f'action="/release/{release}/sparql"' in within


def test_an_answer_leads_back_to_the_editor(site: str) -> None:
    text = page(site, "/sparql?format=html&query=ASK%20%7B%20%3Fs%20%3Fp%20%22a%2Bb%22%20%7D").text
    assert "#query=ASK%20%7B%20%3Fs%20%3Fp%20%22a%2Bb%22%20%7D" in text
