"""The page of a search: kinds of things, how a question was understood, what narrows it, what strangers write."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
import requests

from tests.web.test_pages import BROWSER, Page

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202eatelier\u202c", "\x00", "!?;:", "★", "a", "é",
    'label:atelier OR NEAR("a" "b", 5) NOT *', "atelier\r\nSet-Cookie: a=b", "' OR 1=1 --", "%", "{{ 7 * 7 }}",
]  # fmt: skip


def text_of(site: str, **given: object) -> str:
    answer = requests.get(f"{site}/search?{urlencode(given)}", headers=BROWSER, timeout=60)
    assert answer.status_code == 200, answer.text[:500]
    Page(answer.text)
    return answer.text


def test_things_come_by_what_they_are(documents: str) -> None:
    text = text_of(documents, q="communes")
    assert text.index('id="g-initiative"') < text.index('id="g-territory"')
    named = text_of(documents, q="commune")  # « La commune » is called so
    assert named.index('id="g-initiative"') > named.index('id="g-territory"')
    assert '<a href="/search?q=communes&amp;type=territory&amp;lang=fr">Territoires <span>2</span></a>' in text
    listed = text_of(documents, q="commune", type="territory")
    assert 'id="g-initiative"' not in listed
    assert '<h2 id="list">Territoires</h2>' in listed


def test_a_kind_is_listed_without_a_word(documents: str) -> None:
    """As the doors of the home page ask."""
    known = requests.get(f"{documents}/search?type=territory&format=json", timeout=60).json()["results"]["bindings"]
    text = text_of(documents, type="territory", lang="en")
    assert f'<p id="count">{len(known)} results.</p>' in text
    assert {f"/doc/{one['thing']['value'].split('/id/')[1]}?lang=en" for one in known} <= set(Page(text).links)


def test_what_is_counted_is_what_is_listed(documents: str) -> None:
    text = text_of(documents, q="commune", type="territory", lang="en")
    assert '<p id="count">2 results for “commune”.</p>' in text


def test_how_to_cite_is_a_link_away(documents: str) -> None:
    text = requests.get(f"{documents}/search?q=atelier&lang=en", headers=BROWSER, timeout=60).text
    link = next(one for one in Page(text).links if one.endswith("#cite"))
    told = requests.get(f"{documents}{link}", headers=BROWSER, timeout=60).text
    release = link.split("/")[2]
    assert 'id="cite"' in told
    assert f"<code>https://w3id.org/clirld/release/{release}/</code>" in told
    pinned = next(one for one in Page(told).links if one.startswith(f"/release/{release}/catalog"))
    assert requests.get(f"{documents}{pinned}", timeout=60).status_code == 200


def test_a_thing_is_found_by_where_it_is(documents: str) -> None:
    assert "/doc/initiative/atelier?lang=fr" in Page(text_of(documents, q="atelier departement")).links


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("552 100 554", "Compris comme un numéro SIREN"),
        ("552 100 555", "clé de contrôle est fausse"),
        ("552 100 554 00013", "SIRET"),
        ("W123456789", "RNA"),
        ("08999", "Aucune commune ni adresse des données"),
    ],
)
def test_a_number_is_understood(documents: str, words: str, said: str) -> None:
    assert said in text_of(documents, q=words)


@pytest.mark.parametrize(("postcode", "communes"), [("08100", ["08001", "08002"]), ("08110", ["08001"])])
def test_a_postcode_finds_its_communes_without_an_address(documents: str, postcode: str, communes: list[str]) -> None:
    text = text_of(documents, q=postcode)
    assert "Rien ne répond" not in text
    links = Page(text).links
    told = [link for link in links if "territory=commune-" in link]
    assert told == [f"/search?territory=commune-{code}&lang=fr" for code in communes]


def test_nothing_found_says_what_was_tried_and_what_else_to_ask(documents: str) -> None:
    text = text_of(documents, q="atelier zzzzz")
    assert "tous ces mots ensemble" in text
    assert "/search?q=atelier&lang=fr" in Page(text).links
    narrowed = text_of(documents, q="atelier", source="territories")
    assert "Partout, et sans restreindre" in narrowed


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_stranger_writes_is_words(documents: str, words: str) -> None:
    text = text_of(documents, q=words)
    assert words not in text or words.isalnum() or not set(words) & set("<>\"'")
    assert "<script" not in text
    assert "49" not in text.replace("20261124T101530Z-3f9a1c2b", "")


def test_a_question_of_ten_megabytes_is_refused_in_words(documents: str) -> None:
    answer = requests.get(f"{documents}/search", params={"q": "a" * 10_000_000}, headers=BROWSER, timeout=60)
    assert 400 <= answer.status_code < 500
    assert requests.get(f"{documents}/healthz", timeout=60).status_code == 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_question_that_is_the_name_of_a_kind_says_how_many_are_of_it(sampled: str, language: str) -> None:
    text = text_of(sampled, q="PTCE", lang=language)
    counted = requests.get(f"{sampled}/search?type=initiative&kind=ptce&format=csv&limit=100", timeout=60).text
    said = {"fr": "{} initiatives sont de ce genre", "en": "{} initiatives are of this kind"}[language]
    assert said.format(len(counted.splitlines()) - 1) in text
    assert f"/search?type=initiative&lang={language}&kind=ptce" in Page(text).links
    assert said[3:] not in text_of(sampled, q="PTCE", kind="ptce", lang=language)


@pytest.mark.parametrize(("language", "said"), [("fr", "elle en lit 2000 au plus"), ("en", "it reads 2000 at most")])
def test_too_long_a_question_is_refused_and_not_repeated(documents: str, language: str, said: str) -> None:
    answer = requests.get(f"{documents}/search?q={'a' * 60_000}&lang={language}", headers=BROWSER, timeout=60)
    assert answer.status_code == 400
    assert said in answer.text
    assert len(answer.text) < 5_000


@pytest.mark.parametrize("path", ["/", "/map", "/search", "/catalog", "/quality", "/changes", "/doc/none", "/none"])
def test_no_page_repeats_what_is_too_long(documents: str, path: str) -> None:
    for name in ("q", "other"):
        assert (
            "x" * 2001 not in requests.get(f"{documents}{path}?{name}={'x' * 9_000}", headers=BROWSER, timeout=60).text
        )


@pytest.mark.parametrize(("language", "said"), [("fr", "initiative (initiatives)"), ("en", "case (cases told)")])
def test_an_unknown_kind_is_told_which_there_are_in_words(sampled: str, language: str, said: str) -> None:
    answer = requests.get(f"{sampled}/search?type=zzz&lang={language}", headers=BROWSER, timeout=60)
    assert answer.status_code == 400
    assert said in answer.text
    assert "cube-component" not in answer.text


@pytest.mark.parametrize("path", ["/none", "/doc/initiative/none"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_not_there_may_be_searched_for(documents: str, path: str, language: str) -> None:
    answer = requests.get(f"{documents}{path}?lang={language}", headers=BROWSER, timeout=60)
    assert answer.status_code == 404
    assert answer.text.count('role="search"') == 1
    assert '<label for="q">' in answer.text


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Ce sont les initiales de"), ("en", "These are the initials of")]
)
def test_initials_of_a_concept_are_spelled_out(sampled: str, language: str, said: str) -> None:
    text = text_of(sampled, q="PVD", lang=language)
    assert said in text
    assert "Petites villes de demain" in text
    assert f"/search?q=PVD&lang={language}&exact=1" in Page(text).links
    assert said not in text_of(sampled, q="PTCE", lang=language)
    assert said not in text_of(sampled, q="PVD", exact="1", lang=language)
    assert text_of(sampled, q="PVD", type="territory", lang=language)
