"""An address with a slash too many, or in capitals, leads to the right one; and never to another site."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from clirld.web.citable.mistyped import meant
from tests.conftest import PROJECT


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("/doc/initiative/atelier/", "/doc/initiative/atelier"), ("/search/", "/search"), ("/Search", "/search"),
        ("/Catalog/?lang=en", "/catalog?lang=en"), ("/map/", "/map"),
    ],
)  # fmt: skip
def test_a_mistyped_address_leads_to_the_right_one(documents: str, address: str, right: str) -> None:
    answer = requests.get(documents + address, headers={"accept": "text/html"}, timeout=20)
    assert (answer.status_code, answer.url) == (200, documents + right)
    assert answer.history[0].status_code in (307, 308)


def test_what_is_not_there_is_searched_for_in_words(documents: str) -> None:
    answer = requests.get(f"{documents}/doc/initiative/le-lieu_rare.html?lang=fr",
                          headers={"accept": "text/html"}, timeout=20)  # fmt: skip
    assert answer.status_code == 404
    assert 'value="le lieu rare"' in answer.text


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#"), max_size=20))
def test_it_stays_on_this_site(path: str) -> None:
    raw = f"/{path}"
    scope = {"type": "http", "method": "GET", "path": raw, "raw_path": raw.encode(), "query_string": b"", "headers": [],
             "server": ("localhost", 80), "scheme": "http"}  # fmt: skip
    found = meant(Request(scope))
    assert not found or (re.match(r"/[^/\\]", found) and not urlsplit(found).netloc and "\\" not in found)


@pytest.mark.parametrize("template", sorted((PROJECT / "src" / "clirld" / "web").rglob("*.html")), ids=lambda p: p.stem)
def test_the_titles_of_all_pages_end_alike(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    for title in re.findall(r"{% block title %}(.*?){% endblock %}", text):
        assert title.endswith(" – clirld") or template.stem == "base"
