"""`/search` over HTTP: pages, rows, limits, releases, and never an error of the server's."""

from __future__ import annotations

import csv
import io
import re
import threading
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from clirld.query.text_search import NAMESPACE
from clirld.search import find
from clirld.search.index import FILE
from clirld.search.words import key
from clirld.web.search import page as search_page
from clirld.web.search import routes
from tests.search.test_find import LONG
from tests.web.citable.releases import NEW, OLD, make_releases
from tests.web.served import make_release, serve_settings, serving
from tests.web.test_pages import BROWSER, Page

BASE = "https://w3id.org/clirld/"


def ask(site: str, headers: dict[str, str] | None = None, **given: object) -> requests.Response:
    return requests.get(f"{site}/search?{urlencode(given)}", headers=headers or {}, timeout=60)


def found(site: str, **given: object) -> list[str]:
    """Ends of the IRIs that are found."""
    answer = ask(site, **given)
    assert answer.status_code == 200, answer.text
    rows = answer.json()["results"]["bindings"]
    return [row["thing"]["value"].removeprefix(f"{BASE}id/") for row in rows]


def page(site: str, **given: object) -> Page:
    answer = ask(site, BROWSER, **given)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def test_rows_in_every_format(documents: str) -> None:
    assert found(documents, q="l'atelier")[0] == "initiative/atelier"
    for accepted in ("text/csv", "text/tab-separated-values", "application/sparql-results+json", "application/json"):
        answer = ask(documents, {"accept": accepted}, q="atelier")
        assert answer.headers["content-type"].split(";")[0] == accepted
        assert answer.headers["clirld-hits"] == "1"
    read = list(csv.DictReader(io.StringIO(ask(documents, q="atelier", format="csv").text, newline="")))
    assert [row["thing"] for row in read] == [f"{BASE}id/initiative/atelier"]
    assert ask(documents, q="a", format="xlsx").status_code == 406


def test_type_and_territory_narrow(documents: str) -> None:
    assert found(documents, q="commune", type="territory") == ["territory/commune-1", "territory/commune-0"]
    assert found(documents, q="commune", type="organization", territory="departement-8") == []
    assert found(documents, q="atelier", source="lieux") == ["initiative/atelier"]
    assert found(documents, q="atelier", source="territories") == found(documents, practice="none") == []
    assert found(documents, q="atelier", territory="departement-8") == ["initiative/atelier"]
    assert found(documents, q="atelier", territory=f"{BASE}id/territory/region-9") == ["initiative/atelier"]
    assert found(documents, q="nom", territory="departement-8") == []
    assert found(documents, territory="commune-1", type="initiative") == ["initiative/atelier"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"q": "a", "type": "nothing"}, "initiative (initiatives), "),
        ({"q": "a", "territory": "commune-99999"}, "commune-39300"),
        ({"q": "a", "territory": "é <"}, "commune-39300"),
        ({"q": "a", "limit": "0"}, "1–100"),
        ({"q": "a", "limit": "101"}, "1–100"),
        ({"q": "a", "limit": "²"}, "1–100"),
        ({"q": "commune", "page": "0"}, "page 1,"),
        ({"q": "commune", "page": "²"}, "page 1,"),
        ({"q": "zzz", "page": "51"}, "page 1,"),
        ({"q": "commune", "limit": "1", "page": "1001"}, "page 3,"),
        ({"q": "a", "source": "<b>"}, "a–z"),
        ({"q": "a", "lang": "xx"}, "fr, en"),
        ({"q": " "}, "fablab"),
        ({}, "fablab"),
    ],
)
def test_what_cannot_be_asked_says_what_can(documents: str, given: dict[str, str], said: str) -> None:
    last = list(given.items())[-1:]
    for accept in ("application/json", "text/csv", "text/tab-separated-values"):
        answer = ask(documents, {"accept": f"{accept}, application/problem+json;q=0.1"}, **given)
        assert answer.status_code == 400
        assert said in answer.json()["do"]
        for name, value in last:
            assert value.strip() in answer.json()["detail"]
            assert name in ("q", "page") or name in answer.json()["detail"]
    if given.keys() - {"q"}:
        assert ask(documents, BROWSER, **given).status_code == 400


def test_a_form_that_was_sent_empty_says_so(documents: str) -> None:
    assert "First write what you are looking for" in ask(documents, BROWSER, q=" ", type="", lang="en").text
    assert "First write what you are looking for" not in ask(documents, BROWSER, lang="en").text


@pytest.mark.parametrize("path", ["/", "/search?q=a", "/sparql?query=ASK%7B%7D", "/doc/initiative/atelier", "/catalog"])
def test_a_language_that_nothing_is_in_is_refused_everywhere(documents: str, path: str) -> None:
    for lang, status in (("xx", 400), ("FR", 400), ("fr", 200), ("en", 200), ("", 200)):
        address = f"{documents}{path}{'&' if '?' in path else '?'}lang={lang}"
        answer = requests.get(address, headers={"accept-language": "fr", "accept": "*/*"}, timeout=60)
        assert answer.status_code == status, (path, lang)
        if status == 400:
            assert lang in answer.json()["detail"]
            assert "fr, en" in answer.json()["do"]


def test_what_may_have_been_meant_is_proposed_where_nothing_is_found(documents: str) -> None:
    answer = ask(documents, q="ateleir", type="initiative")
    assert (answer.json()["results"]["bindings"], answer.json()["suggestion"]) == ([], "atelier")
    assert "suggestion" not in ask(documents, q="atelier").json()
    assert "suggestion" not in ask(documents, q="zzzzz").json()
    assert "suggestion" not in ask(documents, q="ateleir", type="organization").json()
    for language, said in (("fr", "Rien ne s&#39;écrit"), ("en", "Nothing is written")):
        text = ask(documents, BROWSER, q="ateleir", lang=language).text
        assert said in text
        assert f"/doc/initiative/atelier?lang={language}" in Page(text).links
        (link,) = [one for one in Page(text).links if "exact=1" in one]
        assert "Atelier" not in requests.get(documents + link, headers=BROWSER, timeout=60).text
        assert said not in ask(documents, BROWSER, q="atelier", lang=language).text


def test_pages_lead_on(documents: str) -> None:
    whole, at = found(documents, type="initiative", limit=100), found(documents, type="initiative", limit=1)
    links = ask(documents, type="initiative", limit=1).links
    while "next" in links:
        answer = requests.get(links["next"]["url"], timeout=60)
        at += [row["thing"]["value"].removeprefix(f"{BASE}id/") for row in answer.json()["results"]["bindings"]]
        assert "prev" in answer.links
        links = answer.links
    assert len(whole) == 5
    assert whole[-1] == "initiative/gone"
    assert at == whole
    assert len(set(at)) == len(at)


def test_the_page_is_labelled_and_says_what_was_found(documents: str) -> None:
    for language, heading in (("fr", "Chercher"), ("en", "Search")):
        answer = ask(documents, BROWSER, q="l'atelier", lang=language)
        read = Page(answer.text)
        assert read.language == language
        assert sorted(read.fields) == sorted(read.labelled) == ["q"]
        assert len(read.ids) == len(set(read.ids))
        assert f'<h1 class="unseen">{heading}</h1>' in answer.text
        assert "L&#39;<mark>atelier</mark> &lt;b&gt;" in answer.text
        assert 'value="l&#39;atelier"' in answer.text
        assert f"/doc/initiative/atelier?lang={language}" in read.links
        assert f"/doc/territory/commune-1?lang={language}" in read.links
        assert "<script" not in answer.text


def test_the_links_of_a_page_work(documents: str) -> None:
    for given in ({"q": "a", "limit": 2, "page": 2}, {"q": "commune"}, {"territory": "commune-1", "q": "atelier"}):
        for link in {one for one in page(documents, **given).links if one.startswith("/")}:
            assert requests.get(documents + link, headers=BROWSER, timeout=60).status_code == 200, link


def test_what_is_gone_comes_last_and_says_so(documents: str) -> None:
    assert found(documents, q="disparu") == ["initiative/gone"]
    text = ask(documents, BROWSER, q="disparu").text
    assert "plus dans sa source" in text
    (row,) = ask(documents, q="disparu").json()["results"]["bindings"]
    assert row["gone"]["value"] == "true"


def test_an_empty_form_and_nothing_found(documents: str) -> None:
    assert 'role="status"' not in ask(documents, BROWSER).text
    text = ask(documents, BROWSER, q="zzzz").text
    assert "Rien ne répond à «\N{NO-BREAK SPACE}zzzz\N{NO-BREAK SPACE}»." in text
    assert "/search?type=initiative&lang=fr" in Page(text).links  # no dead end
    assert ask(documents, BROWSER, q="zzzz").headers["clirld-hits"] == "0"
    after_the_last = ask(documents, BROWSER, q="atelier", page=2)
    assert after_the_last.status_code == 200
    assert "Rien de plus." in after_the_last.text


def test_every_page_has_the_field(documents: str) -> None:
    for path in ("/doc/initiative/atelier", "/catalog", "/issues", "/release/", "/sparql?query=ASK{}"):
        text = requests.get(documents + path, headers=BROWSER, timeout=60).text
        assert '<form class="seek" role="search" action="/search" method="get">' in text, path
        assert 'class="unseen" for="seek">Chercher dans les données<' in text, path


@pytest.mark.parametrize("question", [one.encode("utf-8", "replace").decode()[:3000] for one in LONG])
def test_no_question_is_an_error_of_the_server(documents: str, question: str) -> None:
    for headers in ({}, BROWSER):
        assert ask(documents, headers, q=question).status_code in (200, 400)


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff%fe", "q=%ED%A0%80", "q=a&q=b", "q", "q=a&type=%00", "&&=", "page=&q=a"]
)
def test_no_query_string_is_one(documents: str, query: str) -> None:
    for headers in ({}, BROWSER):
        assert requests.get(f"{documents}/search?{query}", headers=headers, timeout=60).status_code in (200, 400)


def test_a_release_that_is_asked_for_answers_and_leads_on_within_it(documents: str) -> None:
    identifier = ask(documents, q="atelier").headers["clirld-release"]
    text = ask(documents, BROWSER, q="atelier", release=identifier).text
    assert f'action="/release/{identifier}/search"' in text
    assert f'href="/release/{identifier}/doc/initiative/atelier?lang=fr"' in text
    answer = requests.get(f"{documents}/release/{identifier}/search?q=commune&limit=2", timeout=60)
    assert f"/release/{identifier}/search?" in answer.links["next"]["url"]
    assert requests.get(answer.links["next"]["url"], timeout=60).headers["clirld-release"] == identifier
    assert ask(documents, q="a", release="20200101T000000Z-aaaaaaaa").status_code == 404


def test_each_release_has_its_own_index_and_what_was_erased_is_gone_with_it(tmp_path: Path) -> None:
    make_releases(tmp_path)
    with serving(tmp_path, serve_settings()) as site:
        for name in (OLD, NEW):
            assert ask(site, q="atelier", release=name).headers["clirld-release"] == name
        assert ask(site, q="atelier", release="20260301T120000Z-eeeeeeee").status_code == 410


def test_an_older_release_and_a_damaged_one_say_so(tmp_path: Path) -> None:
    folder = make_release(tmp_path, rows=3)
    index = (folder / FILE).read_bytes()
    query = f'PREFIX text: <{NAMESPACE}> SELECT * {{ ?s text:query "a" }}'
    with serving(tmp_path, serve_settings()) as site:
        (folder / FILE).unlink()
        assert ask(site, q="a").status_code == 404
        assert "made before" in ask(site, q="a").json()["detail"]
        assert "avant" in ask(site, BROWSER, q="a").text
        assert requests.get(f"{site}/sparql", params={"query": query}, timeout=60).status_code == 404
        (folder / FILE).write_bytes(index[:5000])
        assert ask(site, q="a").status_code == 503
        (folder / FILE).write_bytes(b"")
        assert ask(site, q="a").status_code == 503
        assert requests.get(f"{site}/sparql", params={"query": query}, timeout=60).status_code == 503
        (folder / FILE).write_bytes(index)
        assert found(site, q="a") == []


def test_a_search_that_takes_too_long_says_so(documents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "SECONDS", -1.0)
    monkeypatch.setattr(find, "_STEPS", 1)
    answer = ask(documents, q="atelier")
    assert answer.status_code == 504
    assert "two seconds" in answer.json()["detail"]


def test_others_are_answered_while_one_searches(documents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(*given: object, **named: object) -> find.Hits:
        begun.set()
        assert may_end.wait(60)
        return find.Hits([], 0, is_cut=False)

    monkeypatch.setattr(routes, "find", slow)
    answers: list[requests.Response] = []
    searching = threading.Thread(target=lambda: answers.append(ask(documents, q="slow")))
    searching.start()
    assert begun.wait(60)
    assert requests.get(f"{documents}/healthz", timeout=60).text == "ok\n"
    assert requests.get(f"{documents}/sparql", params={"query": "ASK {}"}, timeout=60).status_code == 200
    assert answers == []
    may_end.set()
    searching.join()
    assert answers[0].headers["clirld-hits"] == "0"


def test_a_territory_leads_to_the_search_in_it(documents: str) -> None:
    text = requests.get(f"{documents}/doc/territory/commune-1", headers=BROWSER, timeout=60).text
    assert 'href="/search?territory=commune-1&amp;format=sheet&amp;lang=fr"' in text
    assert "initiative/atelier" in found(documents, territory="commune-1")


def test_it_is_no_file_of_the_release_to_take_away(documents: str) -> None:
    assert requests.get(f"{documents}/release/{FILE}", timeout=60).status_code == 404


def test_crawlers_are_kept_from_it(documents: str) -> None:
    assert "Disallow: /search\n" in requests.get(f"{documents}/robots.txt", timeout=60).text


def sparql(site: str, query: str, headers: dict[str, str] | None = None) -> requests.Response:
    parameters = {"query": f"PREFIX text: <{NAMESPACE}> {query}"}
    return requests.get(f"{site}/sparql", params=parameters, headers=headers or {}, timeout=60)


def test_sparql_finds_what_the_search_finds_and_says_how_much(documents: str) -> None:
    query = 'SELECT ?thing { (?thing ?score) text:query "commune" } ORDER BY DESC(?score)'
    for _ in range(3):  # also where the answer is kept
        answer = sparql(documents, query)
        things = [row["thing"]["value"] for row in answer.json()["results"]["bindings"]]
        wanted = [one for one in found(documents, q="commune") if one.startswith("territory/")]  # by its own words only
        assert [one.removeprefix(f"{BASE}id/") for one in things] == wanted
        assert answer.headers["clirld-hits"] == "2"
        assert answer.headers["clirld-graphs"] == "*"
    for headers in ({"connection": "close"}, {"accept": "text/csv"}, {"accept-encoding": "gzip"}):
        assert sparql(documents, query, headers).headers["clirld-hits"] == "2"
    assert "clirld-hits" not in sparql(documents, "ASK { ?s ?p ?o }").headers
    assert sparql(documents, 'SELECT * { ?s text:query ("commune" 1) }').headers["clirld-hits"] == "1;cut"


def test_a_page_of_an_answer_says_how_to_write_a_search(documents: str) -> None:
    text = sparql(documents, 'SELECT * { ?s text:query ("commune" 1) }', BROWSER).text
    assert "text:query) a trouvé plus" in text
    text = sparql(documents, 'SELECT * { ?s text:query ("commune" 500) }', BROWSER).text
    assert "text:query) a trouvé plus" not in text
    refused = sparql(documents, 'SELECT * { ?s text:query ("a" 20000) }', BROWSER)
    assert refused.status_code == 400
    assert "text:query (&#34;mots&#34; 20)" in refused.text


def test_the_service_says_that_it_can(documents: str) -> None:
    description = requests.get(f"{documents}/sparql", headers={"accept": "text/turtle"}, timeout=60).text
    assert f"sd:propertyFeature <{NAMESPACE}query>" in description


def test_its_answers_can_be_cited(documents: str) -> None:
    cited = sparql(documents, 'SELECT ?s { ?s text:query "commune" }', {"accept": "text/x-bibliography"})
    assert cited.status_code == 200
    assert re.search("2 (lignes|rows)", cited.text)


@pytest.mark.parametrize(("language", "first"), [("fr", "Nom"), ("en", "Name")])
def test_a_spreadsheet_has_words_that_its_reader_reads(documents: str, language: str, first: str) -> None:
    answer = ask(documents, q="atelier", format="sheet", lang=language)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith("\ufeff".encode())
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert head[0] == first
    assert len(rows) == len(list(csv.reader(io.StringIO(ask(documents, q="atelier", format="csv").text)))) - 1 > 0
    for *words, record in rows:
        assert record.startswith("https://")
        assert not any("https://" in word for word in words)
        assert words[1]


def test_a_spreadsheet_has_all_that_is_found_and_its_link_says_how_much(sampled: str) -> None:
    page = ask(sampled, BROWSER, type="territory", limit=10, lang="en")
    said = re.search(r"Spreadsheet \(CSV, ([\d,]+) rows\)", page.text)
    assert said
    answer = ask(sampled, type="territory", format="sheet", limit=10, page=2)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == int(said[1].replace(",", "")) == int(answer.headers["clirld-hits"]) > 100
    assert "link" not in answer.headers or 'rel="next"' not in answer.headers["link"]
    assert 'rel="next"' in ask(sampled, type="territory", format="csv", limit=10).headers["link"]


def test_a_spreadsheet_that_is_cut_says_so_and_where_the_rest_is(sampled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (search_page, routes):
        monkeypatch.setattr(module, "MOST_ROWS", 30)
    answer = ask(sampled, type="territory", format="sheet")
    assert len(list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))) == 31
    assert answer.headers["clirld-hits"] == "30;cut"
    text = ask(sampled, BROWSER, type="territory", lang="en").text
    assert "the first 30 rows" in text
    assert "/release/?lang=en" in Page(text).links


def test_a_spreadsheet_says_where_things_are_and_how_to_reach_them(sampled: str) -> None:
    def rows(**given: str) -> list[dict[str, str]]:
        content = ask(sampled, format="sheet", lang="en", **given).content
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    found = rows(type="initiative")
    for column in ("Commune code", "Département code", "Département", "Address", "Postcode", "Website"):
        assert any(row[column] for row in found), column
    for row in found:
        if row["Commune code"]:
            assert row["Commune code"].startswith(row["Département code"])
    groupings = rows(type="epci")
    assert any(row["Département code"] for row in groupings)
    assert not any(row["Commune code"] for row in groupings)


def test_without_words_things_come_by_name(sampled: str) -> None:
    for kind in ("departement", "initiative", "territory"):
        rows = ask(sampled, type=kind, limit=100, lang="fr").json()["results"]["bindings"]
        names = [
            key(row["label"]["value"]) if "label" in row else "" for row in rows if row["gone"]["value"] == "false"
        ]
        assert names == sorted(names)
        assert len(set(names)) > 1, kind
        assert not all(len(one) <= len(two) for one, two in pairwise(names)), kind


def test_a_grouping_of_communes_says_its_departement(sampled: str) -> None:
    text = ask(sampled, BROWSER, type="epci", lang="fr").text
    assert re.search(r'Intercommunalité[^<]*, <a href="/doc/territory/departement-', text)


def test_a_page_has_fifty_rows_and_leads_on(sampled: str) -> None:
    page = Page(ask(sampled, BROWSER, type="territory", limit=100).text)
    assert len({link for link in page.links if link.startswith("/doc/territory/")}) >= 50
    assert "/search?type=territory&lang=fr&limit=50&page=2" in page.links
    assert len(found(sampled, type="territory", limit=100)) == 100
