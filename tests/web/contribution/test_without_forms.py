"""Every page leads to where one adds or corrects, whether or not the forms are open, with the record filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from clirld.query.failure import Language
from clirld.settings import BASE
from clirld.web.contribution.address import contribute, thing_of
from clirld.web.contribution.words import labels
from tests.clients.pages import ADDRESSES
from tests.contributions.forms import PLACE
from tests.web.contribution.conftest import Form, Servers
from tests.web.served import serve_settings, serving
from tests.web.test_pages import Page

FORMS = "https://contribute.example.org"
KEPT_ELSEWHERE = ("/ontology/", "/docs/")
"""Pages of another kind, made before they are served."""
PAGES = [one for one in ADDRESSES if not one.startswith(KEPT_ELSEWHERE)]
DOUBT = re.compile(r'href="(/contribute\?about=[^"]*statement=[^"]*)">([^<]*)')


@pytest.fixture(scope="module", params=["", FORMS], ids=["off", "on"])
def forms(request: pytest.FixtureRequest) -> str:
    """Where the forms are; empty where they are not open."""
    return str(request.param)


@pytest.fixture(scope="module")
def site(samples: Path, forms: str) -> Iterator[str]:
    """A server of the samples."""
    with serving(samples, serve_settings(contributions_url=forms)) as address:
        yield address


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_leads_there(site: str, forms: str, path: str, language: Language) -> None:
    headers = {"accept": "text/html"}
    asks_there = path.startswith("/contribute")
    page = requests.get(site + path, {"lang": language}, headers=headers, timeout=60, allow_redirects=not asks_there)
    if asks_there and forms:
        assert page.headers["location"].startswith(f"{forms}/contribute?")
        return
    text = page.text
    words = labels(language)["contribute"]
    links = list(dict.fromkeys(unescape(link) for link in re.findall(rf'href="([^"]*)">{words}<', text)))
    assert len(links) == 1
    assert urlsplit(links[0]).netloc in ("", "contribute.example.org")
    asked = parse_qs(urlsplit(links[0]).query)
    assert asked["lang"] == [language]
    is_of_a_thing = path.startswith(("/doc/", "/graph/"))
    assert ("about" in asked) == is_of_a_thing
    if not links[0].startswith(FORMS):  # the page that says whom to write to, on this server
        answer = requests.get(site + links[0], timeout=60, allow_redirects=False)
        assert answer.status_code == 200, links[0]
        assert asked.get("about", ["textarea"])[0] in unescape(answer.text)
    elif is_of_a_thing:
        assert forms
        assert asked["about"][0].startswith(f"{BASE}id/")


def test_a_statement_is_told_of_with_its_source_its_row_and_a_text_to_send(sampled: str) -> None:
    page = requests.get(f"{sampled}/doc/initiative/tiers-lieux-2019-15.html?lang=en", timeout=60).text
    doubts = {label: unescape(link) for link, label in DOUBT.findall(page)}
    assert len(doubts) > 2
    text = requests.get(sampled + doubts["Website"], timeout=60).text
    message = unescape(re.findall(r"<textarea[^>]*>([^<]*)<", text)[0])
    assert "\nWebsite: " in message
    assert "record 15, row " in message
    assert PLACE in message
    assert "https://github.com/anct-carto/mission_coworking" in Page(text).links
    assert "/doc/record/tiers-lieux-2019-15?lang=en" in Page(text).links


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "query", ["", f"about={PLACE}", f"about={BASE}graph/ptce", f"about={BASE}concept/need/premises", "about=commune-1"]
)
def test_the_page_is_whole_and_says_whom_to_write_to(sampled: str, query: str, language: str) -> None:
    answer = requests.get(f"{sampled}/contribute?{query}&lang={language}", headers={"accept": "text/html"}, timeout=60)
    assert answer.status_code == (404 if query == "about=commune-1" else 200)
    page = Page(answer.text)
    assert (page.language, len(page.ids)) == (language, len(set(page.ids)))
    assert answer.status_code == 404 or "https://github.com/clirld/clirld" in page.links


@pytest.mark.parametrize("asked", ["", "no-such-statement"])
def test_what_is_no_statement_is_chosen_from_the_list(sampled: str, asked: str) -> None:
    text = requests.get(f"{sampled}/contribute", {"about": PLACE, "statement": asked, "lang": "fr"}, timeout=60).text
    assert "Qu'est-ce qui est faux\N{NO-BREAK SPACE}?" in unescape(text)
    assert DOUBT.search(text)


def test_where_there_are_forms_this_address_leads_to_them(samples: Path) -> None:
    with serving(samples, serve_settings(contributions_url=FORMS)) as site:
        answer = requests.get(f"{site}/contribute?about={PLACE}&lang=en", timeout=60, allow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, contribute(FORMS, "en", PLACE))


def test_the_form_opens_with_the_record_and_the_statement(sampled: str, servers: Servers) -> None:
    page = requests.get(f"{sampled}/doc/initiative/tiers-lieux-2019-15.html?lang=en", timeout=60).text
    doubts = {label: unescape(link) for link, label in DOUBT.findall(page)}
    for label, query in doubts.items():
        statement = parse_qs(urlsplit(query).query)["statement"][0]
        text = requests.get(servers.forms + query, timeout=60).text
        form = Form(text)
        assert form.fields["about"] == PLACE
        assert form.fields["statement"] == statement
        chosen = re.search(r'<fieldset class="chosen">(.*?)</fieldset>', text, re.DOTALL)
        selected = f'<option value="{statement}" selected>' in text
        assert bool(chosen) != selected, label
        if chosen:
            assert f".{statement}" in chosen[1]
            assert text.index("<fieldset") == chosen.start()


@given(
    st.sampled_from(["initiative", "territory", "concept", "graph"]),
    st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
    st.sampled_from(["", "https://data.example.org", "http://127.0.0.1:8000/release/20261124T101530Z-3f9a1c2b"]),
    st.sampled_from(["", ".html", ".ttl"]),
    st.sampled_from(["", "?lang=fr", "#sources", "?a=b#c"]),
)
def test_the_address_of_a_page_names_its_thing(kind: str, key: str, host: str, suffix: str, rest: str) -> None:
    name = f"concept/need/{key}" if kind == "concept" else f"{kind}/{key}"
    iri = BASE + name if kind in ("concept", "graph") else f"{BASE}id/{name}"
    path = f"/doc/{quote(name)}{suffix}{rest}"
    assert thing_of(f" {host}{path} ") == iri
    assert thing_of(iri) == iri
    assert thing_of(iri.replace("https://w3id.org/clirld", host)) == iri


@given(st.text())
def test_any_text_can_be_asked_for(text: str) -> None:
    assert isinstance(thing_of(text), str)
