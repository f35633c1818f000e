"""`/reuse` over HTTP, on the release of the samples: JSON, the page, and what is said where there is no answer."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from clirld.reuse import likeness
from clirld.web.reuse import routes
from clirld.web.reuse.foreign import marked
from tests.web.served import serve_settings, serving
from tests.web.test_pages import BROWSER, Page


def ask(site: str, headers: dict[str, str] | None = None, **given: object) -> requests.Response:
    return requests.get(f"{site}/reuse?{urlencode(given, doseq=True)}", headers=headers or {}, timeout=60)


def test_for_a_program(sampled: str) -> None:
    answer = ask(sampled, territory="39300", need=["premises", "jobs"], lang="en")
    assert (answer.status_code, answer.headers["content-language"]) == (200, "en")
    found = answer.json()
    assert [one["label"] for one in found["needs"]] == ["places to work", "jobs close to home"]
    assert found["cases"][0]["initiative"]["label"] == "Pôle fictif du Val"
    assert found["cases"][0]["experience"]["roles"][0]["source"]["iri"]
    again = ask(
        sampled, {"if-none-match": answer.headers["etag"]}, territory="39300", need=["premises", "jobs"], lang="en"
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ["Pourquoi c&#39;est comparable", "Levé ainsi"]),
        ("en", ["Why it compares with yours", "How it was overcome"]),
    ],
)
def test_the_page_says_it_with_links_and_fields_that_have_labels(sampled: str, language: str, told: list[str]) -> None:
    answer = ask(sampled, BROWSER, territory="26281", need="premises", lang=language)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    assert page.language == language
    assert set(page.fields) <= set(page.labelled)
    assert [part for part in told if part not in answer.text] == []
    assert "https://example.org/pole-du-val/rapport-2019.pdf" in page.links
    own = [link for link in page.links if link.startswith(("/doc/initiative/", "/doc/process/", "/doc/need/"))]
    assert len(own) > 3
    assert all(requests.get(sampled + link, headers=BROWSER, timeout=60).status_code == 200 for link in own[:5])
    as_json = next(link for link in page.links if "format=json" in link)
    assert requests.get(sampled + as_json, timeout=60).json()["cases"]


@pytest.mark.parametrize(
    ("language", "title", "below"),
    [
        ("fr", "D&#39;autres cas, qui ne répondent pas à ce qui est demandé", "Plus bas sont racontés les 2 premiers"),
        ("en", "Other cases, which do not answer what is asked for", "The first 2 are told below"),
    ],
)
def test_the_page_says_which_cases_are_no_answer_and_which_are_told_below(
    sampled: str, language: str, title: str, below: str
) -> None:
    needed = ask(sampled, BROWSER, territory="26281", need="premises", lang=language).text
    brief, _, after = needed.partition('id="others"')
    assert title in after
    assert "<article" not in after  # none of them is told as an answer
    assert 'href="#others"' in brief
    further = ask(sampled, BROWSER, territory="26281", lang=language).text
    assert below in further
    assert further.count("<article") == 2
    assert 'id="others"' not in further


def test_a_need_is_asked_for_in_words_of_every_day(sampled: str) -> None:
    assert ask(sampled, territory="39300", need="mobilité rurale").json()["needs"][0]["iri"].endswith("/need/mobility")
    form = ask(sampled, BROWSER, need="mobility", lang="fr").text
    assert '<option value="mobility" selected>Moyens de se déplacer (mobilité, transports)</option>' in form
    refused = ask(sampled, territory="39300", need="covoitur", lang="fr")
    assert "moyens de se déplacer" in refused.json()["detail"]
    found = requests.get(f"{sampled}/search?q=commerces+vacants&lang=fr", headers=BROWSER, timeout=60).text
    assert "/reuse?need=vacant-building&lang=fr" in Page(found).links
    other = requests.get(f"{sampled}/search?q=Lons-le-Saunier&lang=fr", headers=BROWSER, timeout=60).text
    assert "/reuse?need=" not in other


def test_texts_of_sources_say_their_language_on_a_page_of_another_one(sampled: str) -> None:
    english, french = (
        ask(sampled, BROWSER, territory="26281", need="premises", lang=language).text for language in ("en", "fr")
    )
    assert re.search(r'<p><span lang="fr">[^<]+</span></p>', english)  # what the case is, of which there is no English
    assert len(re.findall(r'<li[^>]*>[^<]*<span lang="fr">', english)) > 3
    assert '<span lang="fr">' not in french


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Need: un lieu. Source: x", 'Need: <span lang="fr">un lieu</span>. Source: x'),
        ("Un lieu.", '<span lang="fr">Un lieu</span>.'),
        ("un lieu à soi, un lieu", '<span lang="fr">un lieu à soi</span>, <span lang="fr">un lieu</span>'),
        ("a < b", "a &lt; b"),
        ("<b>", '<span lang="fr">&lt;b&gt;</span>'),
    ],
)
def test_marking(text: str, html: str) -> None:
    assert str(marked(text, {"un lieu": "fr", "un lieu à soi": "fr", "<b>": "fr", "x": "fr"}, "en")) == html


def test_an_empty_field_of_the_form_asks_for_nothing(sampled: str) -> None:
    assert ask(sampled, territory="39300", need="", practice="").json()["needs"] == []
    form = ask(sampled, BROWSER)
    assert form.status_code == 200
    assert 'name="territory"' in form.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"territory": "99999"}, "99999"),
        ({"territory": "departement-39"}, "departement-39"),
        ({"territory": "39300", "need": "<moon>"}, "need"),
        ({"territory": "39300", "practice": "moon"}, "practice"),
        ({"territory": "39300", "limit": "0"}, "limit"),
        ({"territory": "39300", "limit": "²"}, "limit"),
        ({}, "territory"),
    ],
)
def test_what_cannot_be_answered(sampled: str, given: dict[str, str], said: str) -> None:
    answer = ask(sampled, lang="en", **given)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    if given:
        page = ask(sampled, BROWSER, lang="en", **given)
        assert page.status_code == (200 if given["territory"] == "departement-39" else 400)
        assert "clirld " not in page.text.partition("<main")[2].partition("<footer")[0]  # the web advises no command
        assert said in page.text
        assert "<moon>" not in page.text
        Page(page.text)
    assert ask(sampled, territory="39300", format="csv").status_code == 406


def test_words_lead_to_a_territory_or_to_several_to_choose_from(sampled: str) -> None:
    one = ask(sampled, BROWSER, territory="mairie de Lons le Saunié", need="jobs", lang="fr")
    assert "Compris" in one.text
    several = ask(sampled, BROWSER, territory="Jura", need="jobs", lang="en")
    assert several.status_code == 200
    assert "/reuse?territory=epci-200071116&need=jobs&lang=en" in Page(several.text).links
    assert ask(sampled, territory="Jura").json()["status"] == 400
    none = ask(sampled, BROWSER, territory="Nulle-Part-les-Bains", lang="fr")
    assert none.status_code == 400
    assert "Nulle-Part-les-Bains" in none.text


@pytest.mark.parametrize(("language", "said"), [("fr", "et 1 de plus"), ("en", "and 1 more")])
def test_a_page_lists_so_many_cases_and_says_where_the_others_are(
    samples: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setattr(routes, "_MOST_LISTED", 2)
    with serving(samples, serve_settings()) as sampled:
        cases = ask(sampled, territory="26281", limit=3).json()["cases"]
        answer = ask(sampled, BROWSER, territory="26281", limit=3, lang=language)
    assert len(cases) == 3
    assert answer.text.split('<ol class="brief">')[1].split("</ol>")[0].count("<li>") == 2
    assert said in answer.text
    assert f"/reuse?territory=26281&limit=3&lang={language}&format=json" in Page(answer.text).links


def test_within_a_release(sampled: str) -> None:
    release = ask(sampled, territory="39300").headers["clirld-release"]
    answer = requests.get(f"{sampled}/release/{release}/reuse?territory=39300", headers=BROWSER, timeout=60)
    assert answer.status_code == 200
    assert f'action="/release/{release}/reuse"' in answer.text


def test_the_experience_that_is_missing_is_asked_for(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "NEAR", 2)  # of 24 groupings, all are among the fifty nearest
    monkeypatch.setattr(
        routes, "reach_of_cases", routes.reach_of_cases.__wrapped__
    )  # what others counted is not remembered
    with serving(samples, serve_settings()) as sampled:
        _check_missing(sampled)


def _check_missing(sampled: str) -> None:
    found = requests.get(f"{sampled}/reuse/missing?lang=en", timeout=60).json()
    assert found["wanted"]
    assert found["reach"][0]["placed"] == 1
    page = requests.get(f"{sampled}/reuse/missing?lang=en", headers=BROWSER, timeout=60)
    assert page.status_code == 200
    assert "Do you know of a cooperation" in page.text
    links = Page(page.text).links
    assert all(f"/doc/{one['territory']['iri'].split('/id/')[1]}?lang=en" in links for one in found["wanted"])


def test_without_figures_that_is_said(site: str) -> None:
    assert requests.get(f"{site}/reuse/missing", timeout=60).json() is None
    page = requests.get(f"{site}/reuse/missing?lang=en", headers=BROWSER, timeout=60)
    assert "This release has no figures of territories." in page.text


@pytest.mark.parametrize(
    ("page", "is_asked"), [("commune-39300", True), ("epci-200071116", True), ("departement-39", False)]
)
def test_pages_of_territories_lead_to_it(sampled: str, page: str, is_asked: bool) -> None:
    shown = requests.get(f"{sampled}/doc/territory/{page}?lang=fr", headers=BROWSER, timeout=60)
    assert (f"/reuse?territory={page}&lang=fr" in Page(shown.text).links) == is_asked
