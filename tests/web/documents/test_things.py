"""The pages of initiatives, organizations and territories: what they say, how large they are, what they cost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from pyoxigraph import RdfFormat, Store

from clirld.query.failure import Language
from clirld.query.formats import PREFIXES
from clirld.web import pages as web_pages
from clirld.web.contribution.address import contribute
from clirld.web.documents import lookup, pages
from clirld.web.documents.wording import words
from tests.web.served import make_release, serve_settings, serving, with_index
from tests.web.test_pages import Page, get

ID, ROLE = "https://w3id.org/clirld/id", "https://w3id.org/clirld/concept/public-actor-role"
KILOBYTES, QUERIES = 50, 1500
PATHS = [
    "initiative/capitalisation-pole-fictif-du-val",
    "initiative/ptce-2013-rives",
    "initiative/contrats-crte-crte-75-40-91",
    "initiative/anct-programmes-fabt-902",
    "initiative/anct-programmes-fabt-901",
    "organization/siren-000000018",
    "organization/siren-000000034",
    "territory/epci-200071116",
    "territory/epci-200060457",
    "territory/commune-39300",
    "territory/commune-75056",
    "territory/commune-08227",
    "territory/departement-39",
    "territory/region-27",
]


@pytest.fixture(scope="module")
def site(samples: Path) -> Iterator[str]:
    with serving(samples, serve_settings()) as address:
        yield address


def html(site: str, path: str, language: str = "en") -> str:
    answer = requests.get(f"{site}/doc/{path}.html?lang={language}", timeout=60)
    assert answer.status_code == 200, path
    return answer.text


def told(text: str) -> str:
    """The words of a page or of a part of it."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def section(text: str, name: str) -> str:
    """The words of a section, by the id of its heading; "" where the page has none."""
    found = re.search(rf'<section class="sec" aria-labelledby="{name}">(.*?)</section>', text, re.DOTALL)
    return told(found[1]) if found else ""


class Counting:
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self.store, self.asked = store, 0

    def quads_for_pattern(self, *pattern: Any) -> Any:
        self.asked += 1
        return self.store.quads_for_pattern(*pattern)


def test_pages_are_small_and_ask_the_store_for_little(
    site: str, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known before: neither labels nor what is tried where."""
    counting = Counting(Store.read_only(str((samples / "current" / "store").resolve())))
    monkeypatch.setattr(lookup, "open_store", lambda _path: counting)
    for language in ("fr", "en"):
        for path in PATHS:
            pages._naming.cache_clear()
            counting.asked = 0
            text = html(site, path, language)
            assert len(text.encode()) <= KILOBYTES * 1024, path
            assert counting.asked <= QUERIES, (path, counting.asked)
    pages._naming.cache_clear()


LONG = "Réunit les acteurs autour d'une table, relie, prête des locaux et passe le mot ; le reste est à lire. " * 2
CROWDED = "".join(
    f"""
  <{ID}/participation/p{n}> a clir:Participation ; org:organization <{ID}/initiative/crowded> ;
    org:member <{ID}/organization/o{n}> ; org:role <{ROLE}/enabler> ; dct:description "{LONG}"@fr ;
    clir:startYear "20{n % 30:02}"^^xsd:gYear ; dct:source <https://example.org/page/{n}> .
  <{ID}/organization/o{n}> rdfs:label "Organisation au nom plutôt long, numéro {n}"@fr .
  <{ID}/activity/a{n}> clir:withinInitiative <{ID}/initiative/crowded> ; rdfs:label "{LONG}"@fr ;
    clir:startYear "2020"^^xsd:gYear .
  <{ID}/initiative/crowded> a clir:Initiative ; rdfs:label "Foule"@fr ; clir:actsIn <{ID}/territory/commune-{n:05}> .
  <{ID}/territory/commune-{n:05}> a clir:Territory ; rdfs:label "Commune au nom plutôt long, numéro {n}"@fr ;
    dct:isPartOf <{ID}/territory/epci-crowded> ;
    clir:officialZoning <https://w3id.org/clirld/concept/official-zoning/z{n % 20}> .
  <{ID}/territory-change/c{n}> clir:territoryBefore <{ID}/territory/epci-crowded>, <{ID}/territory/commune-{n:05}> ;
    clir:territoryAfter <{ID}/territory/epci-crowded> ; igeo:date "2001-01-01"^^xsd:date .
"""
    for n in range(300)
)


def test_a_crowd_makes_no_large_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred participations, activities, communes and events: a page has the first, and leads to the others."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    folder = make_release(tmp_path, rows=1, graphs={"lieux": 1})
    store = Store(str(folder / "store"))
    store.load(f"{prefixes} graph:lieux {{ {CROWDED} }}".encode(), format=RdfFormat.TRIG)
    store.flush()
    del store
    with_index(folder)
    counting = Counting(Store.read_only(str(folder / "store")))
    monkeypatch.setattr(lookup, "open_store", lambda _path: counting)
    with serving(tmp_path, serve_settings()) as address:
        for path in ("initiative/crowded", "territory/epci-crowded"):
            counting.asked = 0
            text = html(address, path)
            assert len(text.encode()) <= KILOBYTES * 1024, (path, len(text.encode()))
            assert counting.asked <= 4 * QUERIES, (path, counting.asked)
    pages._naming.cache_clear()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_claim_leads_to_a_source_and_nothing_is_left_open(site: str, path: str, language: str) -> None:
    text = html(site, path, language)
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert text.count("<h1") == 1
    cited = {link[1:] for link in page.links if re.fullmatch(r"#s\d+", link)}
    assert cited <= {one for one in page.ids if re.fullmatch(r"s\d+", one)}
    assert not re.search(r"\{\{|Undefined|None\b", text)
    assert not re.search(r"href=\"(None)?\"", text)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_is_written_as_its_language_is(language: Language) -> None:
    for name, text in words(language).texts.items():
        for form in [text] if isinstance(text, str) else text:
            assert form, name
            assert not re.search(
                "[\u00ab\u00bb\u00a0]" if language == "en" else "[^\u00a0(] ?[;?!»]|« |[^\u00a0]:", form
            ), name


def test_a_sentence_that_counts_has_a_form_for_one_and_for_several() -> None:
    assert words("fr")("missing-roles", count=1) == "Le rôle d'un participant n'est pas précisé."
    assert words("fr")("zoning-communes", count=0) == "0 commune"
    assert words("en")("zoning-communes", count=0) == "0 communes"
    assert words("fr")("zoning-communes", count=1200) == "1\u202f200 communes"


def test_who_takes_part_is_told_and_what_is_not_said_is_no_no(site: str) -> None:
    text = html(site, "initiative/capitalisation-pole-fictif-du-val")
    public = re.search(r'<div class="public">(.*?)</div>', text, re.DOTALL)
    assert public
    roles = re.findall(r'<li( class="on")?>([^<]+)<span class="unseen"> \(([^)]+)\)', text)
    assert len(roles) == 16
    for mark, role, said in roles:
        assert said == ("said by a source" if mark else "not said")
        assert not mark or role in told(public[1])
    assert any(mark for mark, _, _ in roles)


def test_moments_stand_in_a_list_and_on_a_drawn_line(site: str) -> None:
    text = html(site, "initiative/capitalisation-pole-fictif-du-val")
    years = re.findall(r"\b(?:19|20)\d\d\b", section(text, "time"))
    drawn = re.search(r'<figure class="tl">(.*?)</figure>', text, re.DOTALL)
    assert drawn
    assert set(re.findall(r'<text class="year"[^>]*>(\d+)', drawn[1])) & set(years)
    assert 'aria-hidden="true"' in drawn[1]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("initiative/anct-programmes-fabt-902", "It is the same thing"),
        ("initiative/anct-programmes-fabt-902", "exemple-ada judged so on"),
        ("organization/siren-000000018", "Same RNA number: W000000001."),
        ("organization/rna-W000000001", "Same RNA number: W000000001."),
        ("initiative/anct-programmes-fabt-901", "It may be the same thing"),
        ("initiative/anct-programmes-fabt-901", "Nobody has confirmed it"),
        ("initiative/anct-programmes-fabt-901", "same name; same commune; same kind"),
    ],
)
def test_the_same_thing_elsewhere_says_why(site: str, path: str, why: str) -> None:
    assert why in section(html(site, path), "elsewhere")


def test_records_stand_side_by_side(site: str) -> None:
    text = html(site, "initiative/anct-programmes-fabt-902")
    rows = dict(re.findall(r'<tr class="(\w+)"><th scope="row">.*?</span>([^<]+)</th>', text))
    assert {"agree", "differ"} <= rows.keys()
    assert "Not said" in section(html(site, "initiative/capitalisation-pole-fictif-du-val"), "elsewhere") or rows


@pytest.mark.parametrize(("answer", "said"), [("near", "situations-none"), ("does-not-hold", "situations-all-none")])
def test_where_no_situation_holds_that_is_said_first(answer: str, said: str) -> None:
    page = web_pages._templates("en").from_string(
        '{% from "territory_parts.html" import situation_list with context %}{{ situation_list(situations) }}'
    )
    one = {"label": "one", "why": [], "rule": {"href": "/rule"}, "sources": [], "version": 1, "rule_text": []}
    situations = [one | {"answer": answer}, one | {"answer": "does-not-hold"}]
    text = page.render(situations=situations, w=lambda name, **_: f"[{name}]", refs=lambda _sources: "", lang="en")
    assert f"[{said}]" in text


def test_the_situation_of_a_grouping_is_said_with_rule_figures_and_years(site: str) -> None:
    text = html(site, "territory/epci-200071116")
    situation = section(text, "situation")
    assert re.search(r"Weakening Yes\. Change of the population a year from 2015 to 2023: \S+% \(below", situation)
    assert "The rule (version 2)" in situation
    assert re.search(r"these do not hold: .*isolated rural", situation)
    assert re.search(r"Median income 20,220 € in 2019 \(boundaries of 2020\)", situation)
    alike = re.findall(r'<span class="soft">(\d+)\.</span>', text)
    assert alike == [str(rank) for rank in range(1, 11)]
    assert "/reuse?territory=epci-200071116&amp;lang=en" in text
    assert "Most different:" in section(text, "alike")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_figures_of_a_grouping_stand_among_those_of_all(site: str, language: str) -> None:
    text = html(site, "territory/epci-200071116", language)
    table = re.search(r'<table class="standing">(.*?)</table>', text, re.DOTALL)
    assert table
    lines = re.findall(r"<tr><th scope=.row.>(.*?)</tr>", table[1], re.DOTALL)
    assert len(lines) == 8
    said = "en ont moins" if language == "fr" else "have less"
    for line in lines:  # what the strip shows is said in numbers, too
        assert line.count('<td class="n">') == 2
        assert re.search(rf"\d+\s?% {said}", told(line).replace("\N{NO-BREAK SPACE}", " ")), line
        places = [int(one) for one in re.findall(r"M(\d+) |H(\d+)|cx=.(\d+)", line)[0] if one]
        assert all(0 <= one <= 300 for one in places)
    assert not re.search(r"(20\d\d).*\1", told(lines[1]).partition("%")[0])
    assert 'class="standing"' not in html(site, "territory/commune-39300", language)
    assert 'class="standing"' not in html(site, "territory/departement-39", language)


def test_a_grouping_that_cannot_be_compared_says_so_once(site: str) -> None:
    text = html(site, "territory/epci-200060457")
    assert "It cannot be said" in section(text, "situation")
    assert section(text, "alike") == ""
    assert told(text).count("Too many figures are missing to say which territories it is like.") == 1


def test_a_commune_has_the_situation_of_its_grouping(site: str) -> None:
    text = html(site, "territory/commune-39300")
    assert "A commune has no situation of its own" in section(text, "situation")
    assert "/doc/territory/epci-200071116?lang=en#alike" in Page(text).links
    assert re.search(r"Commune · .* · [\d,]+ inhabitants in 20\d\d", told(text))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("08227", "Ceased to exist on 2 March 1968: suppression of a commune 1 Its territory is today shared between"),
        ("33110", "Ceased to exist on 22 February 1965: simple merger 1 Its territory is today that of Bordeaux"),
    ],
)
def test_a_commune_of_the_past_leads_to_todays(site: str, key: str, said: str) -> None:
    text = html(site, f"territory/commune-{key}")
    assert said in told(text)
    assert section(text, "activity") == ""


RENAMED = f"""
<{ID}/territory/commune-00001> a clir:Territory ; rdfs:label "Neuve"@fr ; igeo:codeINSEE "00001" .
<{ID}/territory/commune-00002> a clir:Territory ; rdfs:label "Autre"@fr .
<{ID}/territory-change/a> a clir:TerritoryChange ; igeo:date "2019-01-01"^^xsd:date ;
  clir:territoryBefore <{ID}/territory/commune-00001>, <{ID}/territory/commune-00002> ;
  clir:territoryAfter <{ID}/territory/commune-00001> ;
  skos:historyNote "COM 00001 Vieille-Ville → COM 00001 Neuve", "COM 00002 L'Autre d'alors → COMD 00002 Autre",
    "what nobody can read" .
<{ID}/territory-change/b> a clir:TerritoryChange ; igeo:date "1950-01-01"^^xsd:date ;
  clir:territoryBefore <{ID}/territory/commune-00001> ; clir:territoryAfter <{ID}/territory/commune-00001> ;
  skos:historyNote "COM 00001 Très-Vieille → COM 00001 Vieille-Ville" .
<{ID}/territory-change/c> a clir:TerritoryChange ; igeo:date "1940-01-01"^^xsd:date ;
  clir:territoryBefore <{ID}/territory/commune-00001> ; clir:territoryAfter <{ID}/territory/commune-00001> ;
  skos:historyNote "COM 00001 Très-Vieille → COM 00001 Très-Vieille" .
<{ID}/territory-change/d> a clir:TerritoryChange ; igeo:date "1930-01-01"^^xsd:date ;
  clir:territoryBefore <{ID}/territory/commune-00002> ; clir:territoryAfter <{ID}/territory/commune-00001> .
"""


def test_a_change_is_told_with_the_names_of_then(tmp_path: Path) -> None:
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    folder = make_release(tmp_path, rows=1, graphs={"lieux": 1})
    store = Store(str(folder / "store"))
    store.load(f"{prefixes} graph:lieux {{ {RENAMED} }}".encode(), format=RdfFormat.TRIG)
    store.flush()
    del store
    with serving(tmp_path, serve_settings()) as address:
        text = html(address, "territory/commune-00001")
    moments = re.search(r'<ol class="moments">(.*?)</ol>', text, re.DOTALL)
    assert moments
    lines = [re.sub(r" ,", ",", told(one)) for one in re.findall(r"<li>(.*?)</li>", moments[1], re.DOTALL)]
    told_of = [re.sub(r"^.*?\d{4} | 1 detail.*$| detail.*$", "", line).strip() for line in lines]
    assert told_of == [
        "L'Autre d'alors, Vieille-Ville → Neuve",
        "Très-Vieille → Vieille-Ville",
        "Très-Vieille",
        "Autre → Neuve",
    ]


def test_two_territories_of_one_name_are_told_apart(tmp_path: Path) -> None:
    said = f"""
<{ID}/territory/region-06> a clir:Territory ; rdfs:label "Mayotte"@fr .
<{ID}/territory/departement-976> a clir:Territory ; rdfs:label "Mayotte"@fr ; dct:isPartOf <{ID}/territory/region-06> .
<{ID}/territory/commune-97611> a clir:Territory ; rdfs:label "Mamoudzou"@fr ;
  dct:isPartOf <{ID}/territory/departement-976> ; clir:officialZoning
  <https://w3id.org/clirld/concept/official-zoning/zrr>, <https://w3id.org/clirld/concept/official-zoning/frr> .
<https://w3id.org/clirld/concept/official-zoning/zrr> skos:prefLabel "former zoning"@en ;
  schema:endDate "2024-06-30"^^xsd:date .
<https://w3id.org/clirld/concept/official-zoning/frr> skos:prefLabel "zoning"@en .
"""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    folder = make_release(tmp_path, rows=1, graphs={"lieux": 1})
    store = Store(str(folder / "store"))
    store.load(f"{prefixes} graph:lieux {{ {said} }}".encode(), format=RdfFormat.TRIG)
    store.flush()
    del store
    with serving(tmp_path, serve_settings()) as address:
        own, part = (html(address, f"territory/{key}") for key in ("departement-976", "commune-97611"))
    crumbs = [told(re.findall(r'<nav class="crumbs".*?</nav>', text, re.DOTALL)[0]).split() for text in (own, part)]
    assert crumbs[0][1] == "Mayotte"
    assert crumbs[0][2].startswith("(")
    assert crumbs[0][-1] == "Mayotte"
    assert [one.count("Mayotte") for one in crumbs] == [2, 2]
    zonings = re.findall(r'<p class="name">(.*?)</p>', part, re.DOTALL)
    assert [told(one).strip() for one in zonings] == ["Zoning 1", "Former zoning until 30 June 2024 1"]


@pytest.mark.parametrize("key", ["epci-200071116", "departement-39", "region-27", "commune-39300"])
def test_what_is_done_somewhere_is_counted_and_can_be_taken_away(site: str, key: str) -> None:
    text = html(site, f"territory/{key}")
    known = re.search(r"(\d+) known initiatives?: ", section(text, "activity"))
    assert known
    csv = next(link for link in Page(text).links if "format=csv" in link and "Initiative" in link)
    rows = requests.get(site + csv, timeout=60).text.splitlines()[1:]
    assert len({row.partition(",")[0] for row in rows}) == int(known[1])
    asked = {"territory": key, "type": "initiative", "format": "csv", "limit": 100}
    assert len(requests.get(f"{site}/search", asked, timeout=60).text.splitlines()) - 1 == int(known[1])


def test_pictures_are_where_there_is_something_to_see(site: str) -> None:
    several = html(site, "initiative/capitalisation-pole-fictif-du-val")
    assert "/figure/network.svg?thing=initiative/capitalisation-pole-fictif-du-val" in unescape(several)
    assert "/figure/network" not in html(site, "initiative/anct-programmes-fabt-902")
    place = Page(html(site, "territory/epci-200071116"))
    for link in ("/map?epci=200071116&lang=en", "/map/initiatives.geojson?epci=200071116"):
        assert link in place.links
        assert requests.get(site + link, timeout=60).status_code == 200
    assert not [
        link
        for link in Page(html(site, "territory/commune-39300")).links
        if "/map" in link and "=" in link.replace("lang=", "")
    ]


def test_who_finds_a_mistake_is_told_where_to_say_so(site: str) -> None:
    wrong = section(html(site, "territory/departement-39"), "wrong")
    assert "What is wrong is mended at the source" in wrong
    assert "Territories of France" in wrong
    assert "These data are kept by this project" in section(html(site, "initiative/ptce-2013-rives"), "wrong")


def test_where_contributions_are_taken_the_page_leads_to_their_form(samples: Path) -> None:
    with serving(samples, serve_settings(contributions_url="https://contribute.example.org")) as address:
        text = html(address, "territory/departement-39")
    form = contribute("https://contribute.example.org", "en", "https://w3id.org/clirld/id/territory/departement-39")
    assert form in Page(text).links
    assert "What is wrong is mended at the source" not in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "position de l&#39;adresse d&#39;avant la correction"),
        ("en", "position of the address before its correction"),
    ],
)
def test_the_position_of_a_corrected_address_is_said_to_be_of_before(site: str, language: str, said: str) -> None:
    assert said in get(site, f"/doc/initiative/tiers-lieux-2019-15?lang={language}").text
    assert said not in get(site, f"/doc/initiative/tiers-lieux-2019-1?lang={language}").text
