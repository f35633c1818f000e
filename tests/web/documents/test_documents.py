"""Documents of things: found or not, gone, replaced; pages and formats; what is asked of them in bad faith."""

from __future__ import annotations

import csv
import html
import http.client
import io
import json
import re
import shutil
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import rdflib
import requests
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse

from clirld.web.documents.formats import OFFERED
from clirld.web.documents.naming import names, whole
from tests.web.served import serve_settings, serving
from tests.web.small_release import ORGANIZATIONS, make_documents
from tests.web.test_pages import BROWSER, Page, raw

ID = "https://w3id.org/clirld/id/"
ATELIER = "/doc/initiative/atelier"


def get(site: str, path: str, accept: str = "*/*", **headers: str) -> requests.Response:
    return requests.get(site + path, headers={"accept": accept, **headers}, timeout=60, allow_redirects=False)


def links(response: requests.Response) -> dict[str, list[str]]:
    """Relation → addresses of the Link header."""
    found: dict[str, list[str]] = {}
    for address, relation in re.findall(r'<([^>]*)>; rel="([^"]+)"', response.headers["link"]):
        found.setdefault(relation, []).append(address)
    return found


def test_every_property_of_the_names_has_a_prefix_that_is_known() -> None:
    """One that is not would end every page in an error."""
    told = names()
    places = [
        form.get(place, ()) for form in told["kinds"].values() for place in ("lead", "main", "when", "what", "named")
    ]
    for name in (*told["properties"], *told["inverse"], *told["hidden"], *(one for place in places for one in place)):
        assert whole(name).startswith("http"), name


@pytest.mark.parametrize("name", ["/initiative/atelier", "/territory/commune-0", "/initiative/caf%C3%A9"])
def test_a_thing_leads_to_its_document(documents: str, name: str) -> None:
    led = get(documents, f"/id{name}?lang=en")
    assert (led.status_code, led.headers["location"]) == (303, f"/doc{name}?lang=en")
    assert links(led)["cite-as"] == [f"https://w3id.org/clirld/id{name}"]
    assert led.headers["vary"] == "Accept, Accept-Language, Accept-Datetime, Clirld-Release"
    assert get(documents, f"/id{name}.nt").headers["location"] == f"/doc{name}.nt"


def test_a_graph_leads_to_its_document(documents: str) -> None:
    led = get(documents, "/graph/lieux")
    assert (led.status_code, led.headers["location"]) == (303, "/doc/graph/lieux")
    page = get(documents, "/doc/graph/lieux?lang=en", BROWSER["accept"])
    assert "Source lieux" in page.text
    assert "read for this release" in page.text.lower()
    triples = {quad.triple for quad in parse(get(documents, "/doc/graph/lieux").content, format=RdfFormat.TURTLE)}
    said = {(one.predicate.value.rpartition("#")[2], getattr(one.object, "value", "")) for one in triples}
    assert ("triples", "25") in said
    assert ("dataDump", "https://w3id.org/clirld/release/dump/lieux.nq.gz") in said


def test_a_source_that_was_frozen_is_not_said_to_be_up_to_date(sampled: str) -> None:
    for name in ("/doc/dataset/tiers-lieux-2019", "/catalog", "/issues/tiers-lieux-2019"):
        text = html.unescape(get(sampled, f"{name}?lang=fr", BROWSER["accept"]).text)
        assert "ce qu'elle dit s'arrête au" in text, name
        assert "31 décembre 2019" in text.replace("\N{NO-BREAK SPACE}", " "), name
        assert "à jour" not in text.lower(), name
        assert "Modifié le" not in text, name


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "text/turtle"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json;q=0.9, text/turtle;q=0.2", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("text/csv", "text/csv"),
        ("application/trig", "application/trig"),
        (BROWSER["accept"], "text/html"),
        ("text/html;q=0.1, application/n-quads", "application/n-quads"),
    ],
)
def test_the_format_is_the_one_liked_best(documents: str, accept: str, media: str) -> None:
    response = get(documents, ATELIER, accept)
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == media
    assert response.headers["vary"] == "Accept, Accept-Language, Accept-Datetime, Clirld-Release"
    suffix = next(name for name, one in OFFERED.items() if one == media)
    assert response.headers["content-location"] == f"{ATELIER}.{suffix}"
    for address in (f"{ATELIER}.{suffix}", f"{ATELIER}?format={suffix}"):
        named = get(documents, address)
        assert named.headers["content-type"] == response.headers["content-type"]
        assert suffix == "html" or named.content == response.content  # a page links to itself in the other language


def test_what_cannot_be_given_is_refused(documents: str) -> None:
    refused = get(documents, ATELIER, "image/png")
    assert refused.status_code == 406
    assert "text/turtle" in refused.text
    assert get(documents, f"{ATELIER}?format=pdf").status_code == 406


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own reader
def test_the_formats_say_the_same(documents: str) -> None:
    turtle = {quad.triple for quad in parse(get(documents, f"{ATELIER}.ttl").content, format=RdfFormat.TURTLE)}
    assert len(turtle) > 10
    for name, format_ in (("nt", RdfFormat.N_TRIPLES), ("nq", RdfFormat.N_QUADS), ("trig", RdfFormat.TRIG)):
        assert {quad.triple for quad in parse(get(documents, f"{ATELIER}.{name}").content, format=format_)} == turtle
    rows = list(csv.DictReader(io.StringIO(get(documents, f"{ATELIER}.csv").text)))
    assert {(row["subject"], row["predicate"], row["object"]) for row in rows} == {
        (triple.subject.value, triple.predicate.value, triple.object.value)  # type: ignore[union-attr]
        for triple in turtle
    }
    start = [row for row in rows if row["predicate"].endswith("#startYear")]
    assert {(row["graph"].rpartition("/")[2], row["object"]) for row in start} == {
        ("lieux", "2014"),
        ("autres", "2016"),
    }
    assert {row["retrieved"] for row in start} == {"2026-11-01T00:00:00Z"}
    assert {row["licence"] for row in start} == {"https://example.org/licence"}
    # A reader of JSON-LD fetches the context, which is this server's.
    graph = rdflib.Graph().parse(f"{documents}{ATELIER}.jsonld", format="json-ld")
    assert len(graph) == len(turtle)
    written = json.loads(get(documents, f"{ATELIER}.jsonld").content)
    assert written["@context"] == f"{documents}/context.jsonld"
    thing = next(node for node in written["@graph"] if node["id"] == f"{ID}initiative/atelier")
    assert thing["label"] == {"fr": ["L'atelier <b>"]}
    assert sorted(thing["startYear"]) == ["2014", "2016"]


def test_a_document_says_who_says_so(documents: str) -> None:
    response = get(documents, ATELIER)
    found = links(response)
    assert found["cite-as"] == [f"{ID}initiative/atelier"]
    assert f"{documents}{ATELIER}.jsonld" in found["describedby"]
    assert found["license"] == ["https://example.org/licence"]
    assert found["type"] == ["https://w3id.org/clirld/ontology#Initiative"]
    assert sorted(found["collection"]) == [f"https://w3id.org/clirld/graph/{name}" for name in ("autres", "lieux")]
    assert links(get(documents, "/doc/graph/lieux"))["item"] == [f"{documents}/release/dump/lieux.nq.gz"]
    page = NamedNode(f"{documents}{ATELIER}")
    triples = parse(response.content, format=RdfFormat.TURTLE)
    about = {(one.predicate.value, str(one.object)) for one in triples if one.subject == page}
    assert ("http://xmlns.com/foaf/0.1/primaryTopic", f"<{ID}initiative/atelier>") in about


@pytest.mark.parametrize("suffix", ["html", "ttl", "jsonld", "nt", "csv", "nq", "trig"])
def test_what_is_gone_leaves_its_tombstone(documents: str, suffix: str) -> None:
    assert get(documents, "/id/initiative/gone").status_code == 303
    gone = get(documents, f"/doc/initiative/gone.{suffix}")
    assert gone.status_code == 410
    assert "2 janvier 2026" in gone.text if suffix == "html" else "2026-01-02" in gone.text


def test_what_has_a_successor_leads_to_it(documents: str) -> None:
    moved = get(documents, "/id/initiative/renamed.ttl")
    assert (moved.status_code, moved.headers["location"]) == (301, "/id/initiative/atelier.ttl")
    tombstone = get(documents, "/doc/initiative/renamed")
    assert tombstone.status_code == 410
    assert links(tombstone)["successor-version"] == [f"{ID}initiative/atelier"]
    # A commune that has merged is still described, and names the one that has it now.
    former = get(documents, "/doc/territory/commune-0", BROWSER["accept"])
    assert former.status_code == 200
    assert "/doc/territory/commune-1?lang=fr" in Page(former.text).links


def test_names_of_any_letters(documents: str) -> None:
    assert "Nom à point" in get(documents, "/doc/initiative/a.ttl").text
    assert get(documents, "/doc/initiative/a.ttl.nt").headers["content-type"].startswith("application/n-triples")
    assert "Échappé" in get(documents, "/doc/initiative/caf%C3%A9").text
    accented = get(documents, "/doc/initiative/%C3%A9t%C3%A9")
    assert "Accentué" in accented.text
    assert links(accented)["cite-as"] == [f"{ID}initiative/%C3%A9t%C3%A9"]
    assert get(documents, "/id/initiative/%C3%A9t%C3%A9").headers["location"] == "/doc/initiative/%C3%A9t%C3%A9"


@pytest.mark.parametrize("start", ["/id/", "/doc/", "/graph/", "/doc/graph/", "/doc/concept/"])
@pytest.mark.parametrize(
    "key",
    [
        "",
        "nothing/here",
        "initiative/none.ttl",
        "../current/manifest.json",
        "..%2f..%2fmanifest.json",
        "%2e%2e/%2e%2e/etc/passwd",
        "initiative/a%20b",
        "initiative/%3Cscript%3E",
        "initiative/%00",
        "initiative/%FF%FE",
        "initiative/%",
        "initiative/" + "x" * 5000,
        "initiative/%C3%A9" * 200,
        "//example.org/",
        "initiative/atelier%0d%0aset-cookie:%20a",
    ],
)
def test_what_no_statement_names_is_not_found(documents: str, start: str, key: str) -> None:
    status, body = raw(documents, start + key)
    assert status == 404, body[:300]
    assert b"problem#" in body
    assert b"root:" not in body
    assert len(body) < 2000


def test_what_is_not_found_offers_the_way_on(documents: str) -> None:
    page = get(documents, "/id/initiative/none", BROWSER["accept"])
    assert page.status_code == 404
    assert f"{ID}initiative/none" in page.text
    assert "/catalog" in page.text
    assert "/?lang=fr" in Page(page.text).links


def test_what_links_here_is_told_in_pages(documents: str) -> None:
    path = "/doc/territory/commune-1"
    seen: list[str] = []
    address = f"{path}.nt?link=clir:seatedIn"
    for _ in range(20):
        response = get(documents, address)
        triples = [one.triple for one in parse(response.content, format=RdfFormat.N_TRIPLES)]
        seated = [one.subject.value for one in triples if one.predicate.value.endswith("#seatedIn")]  # type: ignore[union-attr]
        assert len(seated) <= 100
        seen += seated
        following = links(response).get("next")
        if not following:
            break
        query = following[0].partition("?")[2]
        address = f"{path}.nt?{query}"
    assert len(seen) == len(set(seen)) == ORGANIZATIONS + 1
    listed = get(documents, f"{path}?link=clir:seatedIn&page=2", BROWSER["accept"])
    assert {link for link in Page(listed.text).links if "page=" in link} >= {
        f"{path}?link=clir%3AseatedIn&page=1&lang=fr",
        f"{path}?link=clir%3AseatedIn&page=3&lang=fr",
    }


@pytest.mark.parametrize("page", ["0", "-1", "21", "x", "²", "9" * 400, "1e3", ""])
def test_pages_out_of_bounds_are_refused(documents: str, page: str) -> None:
    response = requests.get(f"{documents}{ATELIER}", {"page": page}, timeout=60)
    assert response.status_code == 400
    assert "20" in response.json()["detail"]


@pytest.mark.parametrize("link", ["not an iri", "clir:", "x" * 3000, "<>", "clir:seatedIn"])
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_any_property_may_be_asked_for(documents: str, link: str, accept: str) -> None:
    response = requests.get(f"{documents}{ATELIER}", {"link": link}, headers={"accept": accept}, timeout=60)
    assert response.status_code in (200, 404)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "path",
    [
        ATELIER,
        "/doc/territory/commune-1",
        "/doc/organization/ville",
        "/doc/participation/p1",
        "/doc/process/essayer",
        "/doc/record/lieux-1",
        "/doc/graph/lieux",
        "/doc/graph/concepts",
        "/doc/concept/public-actor-role/facilitator",
        "/doc/initiative/gone",
    ],
)
def test_pages_are_well_made(documents: str, path: str, language: str) -> None:
    response = get(documents, f"{path}?lang={language}", BROWSER["accept"])
    page = Page(response.text)
    assert page.language == response.headers["content-language"] == language
    assert len(page.ids) == len(set(page.ids))
    assert response.text.count("<h1") == 1
    assert "<script" not in response.text
    assert not re.search(r"\{\{|\}\}|Undefined|None|https://w3id.org/clirld/ontology#", response.text)
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        elif link.startswith("/"):
            assert get(documents, link, BROWSER["accept"]).status_code in (200, 303, 410), link


def test_sources_that_disagree_stand_side_by_side(documents: str) -> None:
    text = get(documents, f"{ATELIER}?lang=en", BROWSER["accept"]).text
    versus = re.search(r'<ul class="versus">(.*?)</ul>', text, re.DOTALL)
    assert versus
    told = re.sub(r"<[^>]+>|\s+", " ", versus[1])
    assert re.search(r"2014 +according to +Source lieux", told)
    assert re.search(r"2016 +according to +Source autres", told)


def test_the_way_up_and_down(documents: str) -> None:
    way = Page(get(documents, ATELIER, BROWSER["accept"]).text).links
    up = [f"/doc/territory/{key}?lang=fr" for key in ("region-9", "departement-8", "commune-1")]
    assert [link for link in way if link in up][:3] == up
    assert up[1] in Page(get(documents, "/doc/territory/region-9", BROWSER["accept"]).text).links


def test_public_actors_stand_apart(documents: str) -> None:
    text = get(documents, ATELIER, BROWSER["accept"]).text
    public = re.search(r'<div class="public">(.*?)</div>', text, re.DOTALL)
    assert public
    assert "Ville du Val" in public[1]
    assert "facilitateur" in public[1]


def test_steps_stand_in_their_order(documents: str) -> None:
    text = get(documents, "/doc/process/essayer", BROWSER["accept"]).text
    assert re.findall("Regarder|Tenter|Bâtir", text) == ["Regarder", "Tenter", "Bâtir"]


def test_a_concept_says_who_holds_it(documents: str) -> None:
    text = get(documents, "/doc/concept/public-actor-role/facilitator", BROWSER["accept"]).text
    assert "Ville du Val" in text
    assert "non précisé" not in text


def test_iris_in_results_lead_to_this_server(documents: str) -> None:
    iris = [
        f"{ID}initiative/atelier",
        "https://w3id.org/clirld/graph/lieux",
        "https://w3id.org/clirld/concept/phase/observation",
        "https://w3id.org/clirld/ontology#Phase",
        "http://example.org/x",
    ]
    query = f"SELECT ?iri {{ VALUES ?iri {{ {' '.join(f'<{iri}>' for iri in iris)} }} }}"
    response = requests.get(f"{documents}/sparql", {"query": query, "lang": "en"}, headers=BROWSER, timeout=60)
    page = Page(response.text)
    assert {
        "/doc/initiative/atelier?lang=en",
        "/doc/graph/lieux?lang=en",
        "/doc/concept/phase/observation?lang=en",
        "/ontology/en/index.html#Phase",
        "http://example.org/x",
    } <= set(page.links)
    assert not any(link.startswith("https://w3id.org") for link in page.links)


@given(st.sampled_from(["/id/", "/doc/", "/graph/", "/doc/concept/"]), st.binary(max_size=40), st.binary(max_size=20))
def test_whatever_is_asked_there_is_an_answer(documents: str, start: str, key: bytes, query: bytes) -> None:
    target = f"{start}{quote(key)}?{quote(query, safe='=&')}"
    connection = http.client.HTTPConnection(urlsplit(documents).netloc, timeout=60)
    for accept in ("text/html", "*/*"):
        connection.request("GET", target, headers={"accept": accept})
        response = connection.getresponse()
        response.read()
        assert response.status in (200, 303, 308, 400, 404, 406, 410), target
    connection.close()


def test_a_release_that_is_deleted_while_it_is_read(tmp_path: Path) -> None:
    make_documents(tmp_path)
    with serving(tmp_path, serve_settings()) as site:
        assert get(site, ATELIER).status_code == 200
        shutil.rmtree(tmp_path / "releases")
        for path in (ATELIER, "/id/initiative/atelier", "/doc/graph/lieux", "/catalog", "/release/", "/sitemap.xml"):
            answer = get(site, path)
            assert answer.status_code == 503, path
            assert answer.json()["do"]


def test_a_store_that_is_damaged(tmp_path: Path) -> None:
    make_documents(tmp_path)
    (next((tmp_path / "releases").iterdir()) / "store" / "CURRENT").write_bytes(b"no such manifest")
    with serving(tmp_path, serve_settings()) as site:
        for path in (ATELIER, "/id/initiative/atelier"):
            answer = get(site, path)
            assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (503, "store")


def test_the_page_of_one_that_another_stands_for_says_so_and_leads_there(documents: str) -> None:
    one, other = "/doc/organization/o0000", "/doc/organization/o0001"
    answer = get(documents, f"{one}?lang=en", BROWSER["accept"])
    assert answer.status_code == 200
    assert links(answer)["canonical"] == [f"{ID}organization/o0001"]
    page = answer.text
    assert "one thing; the other stands for both" in page
    assert re.search(rf'<link rel="canonical" href="{other}[^"]*">', page)
    canonical = get(documents, f"{other}?lang=en", BROWSER["accept"])
    assert "canonical" not in links(canonical)
    assert "The same thing elsewhere" in canonical.text
    assert "It is the same thing" in canonical.text
    assert f'href="{one}?lang=en"' in canonical.text
    assert "stands for both" not in canonical.text
