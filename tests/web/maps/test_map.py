"""The map: a page without a script, a drawing, GeoJSON with licences; filters that are parameters; bad input."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
import requests

from clirld import yamlfile
from clirld.release.maps.placing import PRECISIONS
from clirld.release.maps.write import FACETS
from clirld.search.index import FILE as INDEX
from clirld.web.figures.svg import FORMS, THEMES
from clirld.web.maps.asked import Asked, Window, window
from clirld.web.maps.drawing import METROPOLE, Projection
from tests.conftest import PROJECT
from tests.web.maps import sample
from tests.web.served import make_release, serving
from tests.web.test_pages import Page, get

SVG = "{http://www.w3.org/2000/svg}"
WEB = PROJECT / "src" / "clirld" / "web"


def features(site: str, query: str = "") -> list[dict[str, object]]:
    found: list[dict[str, object]] = get(site, f"/map/initiatives.geojson?{query}").json()["features"]
    return found


def test_the_page_says_how_sure_places_are_and_leads_on(documents: str) -> None:
    text = get(documents, "/map?lang=en").text
    page = Page(text)
    assert page.language == "en"
    assert "7 initiatives" in text
    assert "1 at a point that their source gives, 5 at the centre" in text
    assert "One has no known place" in text
    assert "place unknown" in text
    assert "Atelier &lt;b&gt;" in text
    assert "/doc/initiative/atelier?lang=en" in page.links
    assert "/map?lang=en&place=none" in page.links or "/map?place=none&lang=en" in page.links
    assert len(text.encode()) < 50_000
    assert 'class="form circle hollow"' in text


def test_every_filter_is_a_link_that_narrows(documents: str) -> None:
    page = Page(get(documents, "/map").text)
    queries = [parse_qs(urlsplit(link).query) for link in page.links if link.startswith("/map?")]
    offered = {name for query in queries for name in query if name in FACETS}
    assert offered == {*FACETS} - {"epci"}  # which are offered once a département, or a window, is chosen
    everywhere = len(features(documents))
    for query in queries:
        narrowed = "&".join(f"{name}={value[0]}" for name, value in query.items() if name != "lang")
        if "place=none" not in narrowed and narrowed:
            assert 0 < len(features(documents, narrowed)) <= everywhere, narrowed


def test_a_view_keeps_its_filters_in_its_links_and_drops_one(documents: str) -> None:
    page = Page(get(documents, "/map?departement=08&kind=third-place&bbox=5,46,6,47&view=map&lang=en").text)
    kept = [parse_qs(urlsplit(link).query) for link in page.links if link.startswith("/map?") and "view=map" in link]
    assert kept
    assert any("kind" not in query and query["departement"] == ["08"] for query in kept)
    narrowed = [query for query in kept if len(query) == 6]
    assert narrowed
    assert all(query["bbox"] == ["5,46,6,47"] for query in narrowed)


def test_points_name_their_source_licence_and_precision(documents: str) -> None:
    answer = get(documents, "/map/initiatives.geojson")
    told = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert (told["numberMatched"], told["numberReturned"]) == (6, 6)
    for one in told["features"]:
        key = one["id"].rpartition("/")[2]
        x, y, precision = sample.PLACES[key]
        assert one["geometry"] == {"type": "Point", "coordinates": [x, y]}
        assert one["properties"]["precision"] == precision
        assert one["properties"]["license"] == (sample.SHARED if key == "atelier" else sample.OPEN)
        assert one["properties"]["source"]
        assert one["properties"]["page"] == f"/doc/initiative/{key}"
    unplaced = get(documents, "/map/initiatives.geojson?place=none").json()["features"]
    assert [(one["id"].rpartition("/")[2], one["geometry"]) for one in unplaced] == [("nulle-part", None)]


@pytest.mark.parametrize("query", ["", "departement=39", "kind=third-place", "place=none"])
def test_a_spreadsheet_has_what_the_map_shows(sampled: str, query: str) -> None:
    text = get(sampled, f"/map?lang=en&{query}").text
    said = re.search(r'id="rows" href="([^"]*)">The same: spreadsheet \(CSV, (\d+) rows?\)', text)
    assert said
    answer = get(sampled, html.unescape(said[1]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == int(said[2]) == int(answer.headers["clirld-hits"]) > 0
    placed = [row for row in rows if row["Latitude"]]
    assert len(placed) == (0 if query == "place=none" else len(features(sampled, query)))
    assert all(row["Precision of the point"] for row in rows)
    if query == "departement=39":
        assert {code for row in rows for code in row["Département code"].split(", ")} >= {"39"}


def test_points_come_page_by_page(documents: str) -> None:
    first = get(documents, "/map/initiatives.geojson?limit=4&departement=08").json()
    links = {one["rel"]: one["href"] for one in first["links"]}
    assert links.keys() == {"self"}
    first = get(documents, "/map/initiatives.geojson?limit=4").json()
    links = {one["rel"]: one["href"] for one in first["links"]}
    rest = requests.get(links["next"], timeout=20).json()
    assert (first["numberMatched"], len(first["features"]), len(rest["features"])) == (6, 4, 2)
    assert {one["rel"] for one in rest["links"]} == {"self", "prev"}


def test_a_window_has_what_lies_in_it(documents: str) -> None:
    keys = [str(one["id"]).rpartition("/")[2] for one in features(documents, "bbox=5,46.15,6,46.25")]
    assert keys == ["contrat", "lieu", "pole"]
    contours = get(documents, "/map/contours/departement.geojson?bbox=5,46,5.5,46.5").json()["features"]
    assert [one["id"].rpartition("/")[2] for one in contours] == ["departement-08"]
    assert contours[0]["geometry"]["coordinates"][0][0] == contours[0]["geometry"]["coordinates"][0][-1]


@pytest.mark.parametrize(
    "query", ["", "lang=en&theme=dark&width=400", "departement=08", "place=none", "bbox=-50,-50,50,50"]
)
def test_the_drawing_stands_alone_and_stays_readable(documents: str, query: str) -> None:
    answer = get(documents, f"/map.svg?{query}")
    assert answer.headers["content-type"] == "image/svg+xml"
    root = ElementTree.fromstring(answer.text)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    sizes = [float(one.get("font-size", "0")) for one in root.iter(f"{SVG}text")]
    assert min(sizes) >= 13
    for outside in ("<script", "<style", "href", "url(http", "<image"):
        assert outside not in answer.text
    assert "clirld" in answer.text
    width = float(root.get("width", "0"))
    assert all(0 <= float(one.get("x", "0")) <= width for one in root.iter(f"{SVG}text"))


def test_a_drawing_tells_forms_apart_and_sure_from_unsure(documents: str) -> None:
    text = get(documents, "/map.svg?lang=en").text
    for words in (
        "third place",
        "PTCE",
        "territory project",
        "other",
        "filled:",
        "hollow:",
        "pale round:",
        "L&#x27;île",
    ):
        assert words in text, words
    assert THEMES["light"].ink in text
    assert THEMES["dark"].paper in get(documents, "/map.svg?theme=dark").text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_drawings_have_the_colours_of_the_pages(theme: str) -> None:
    css = (WEB / "static" / "style.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)", 1)
    colours = THEMES["light" if theme == "light" else "dark"]
    for name in ("paper", "ink", "soft", "line", "rule", "land"):
        assert f"--{name}: {getattr(colours, name)}" in re.sub(r":\s+", ": ", light if theme == "light" else dark), name


def test_every_form_has_its_look_and_every_precision_its_words() -> None:
    css = (WEB / "static" / "map.css").read_text(encoding="utf-8")
    script = (WEB / "static" / "map.js").read_text(encoding="utf-8")
    words = yamlfile.shipped("clirld.web.maps", "words.yaml")
    for form in FORMS:
        assert f".form.{form}" in css
        assert f'"{form}"' in script or f"{form}:" in script
        assert f"legend_{form}" in words
    assert {f"precision_{one}" for one in (*PRECISIONS, "none")} <= words.keys()
    assert {*FACETS} <= words.keys()


@pytest.mark.parametrize(
    "address",
    [
        "/map?departement=xx", "/map?kind=nothing&lang=en", "/map.svg?theme=pink", "/map.svg?width=12",
        "/map.svg?width=99999",
        "/map?bbox=1,2,3", "/map?bbox=9,9,1,1", "/map?bbox=a,b,c,d", "/map?page=0", "/map?page=x",
        "/map/initiatives.geojson?limit=20001", "/map/initiatives.geojson?bbox=1,2",
        "/map/contours/epci.geojson?bbox=x",
        "/map?kind=%3Cscript%3E", "/map?source=lieux'%20OR%201=1",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(documents: str, address: str) -> None:
    answer = requests.get(documents + address, headers={"accept": "text/html"}, timeout=20)
    assert answer.status_code == 400
    assert "<script" not in answer.text
    assert requests.get(documents + address, timeout=20).json()["status"] == 400


def test_what_is_not_there(documents: str, tmp_path: Path) -> None:
    assert requests.get(f"{documents}/map/contours/region.geojson", timeout=20).status_code == 404
    make_release(tmp_path, rows=1)  # as it was made before there were maps
    with serving(tmp_path) as site:
        answer = get(site, "/map?lang=en")
    assert answer.status_code == 404
    assert "nothing for the map" in answer.text


def test_only_the_page_has_a_script_and_it_is_its_own(documents: str) -> None:
    answer = get(documents, "/map?view=map")
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "worker-src 'self'", "connect-src 'self'"):
        assert part in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>[^<]*", answer.text) == ['<script src="/static/map.js" defer>']
    assert not re.search(r"\son\w+=|style=", answer.text)
    assert "script-src" not in get(documents, "/search").headers["content-security-policy"]


def test_the_page_of_a_release_leads_on_within_it(documents: str) -> None:
    release = get(documents, "/map").headers["clirld-release"]
    text = get(documents, f"/release/{release}/map").text
    for name in ("initiatives.geojson", "contours/epci.geojson"):
        assert f'href="/release/{release}/map/{name}' in text
    assert f'src="/release/{release}/map.svg?' in text
    assert f'srcset="/release/{release}/map.svg?' in text
    assert 'src="/static/map.js"' in text


@pytest.mark.parametrize("name", ["map.js", "map.css", "figure.js", "maplibre-gl-csp.js", "style.css"])
def test_files_are_packed_once_for_who_takes_it(documents: str, name: str) -> None:
    plain = requests.get(f"{documents}/static/{name}", headers={"accept-encoding": "identity"}, timeout=20)
    packed = requests.get(f"{documents}/static/{name}", headers={"accept-encoding": "gzip"}, timeout=20)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert {one.headers["vary"] for one in (plain, packed)} == {"Accept-Encoding"}
    known = {"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
    assert requests.get(f"{documents}/static/{name}", headers=known, timeout=20).status_code == 304


def test_a_window_as_an_address_has_it() -> None:
    assert window("5,46.25,6,47") == Window(5, 46.25, 6, 47)
    assert str(window("5,46.25,6,47")) == "5,46.25,6,47"
    assert Asked((("departement", "departement-08"),)).query(page=2) == "departement=08&lang=fr&page=2"


def test_a_projection_keeps_its_window_in_its_frame() -> None:
    projection = Projection.fitting(METROPOLE, 10, 20, 300, 400)
    corners = [projection(x, y) for x in (METROPOLE.west, METROPOLE.east) for y in (METROPOLE.south, METROPOLE.north)]
    assert all(10 <= x <= 310.001 and 20 <= y <= 420.001 for x, y in corners)
    assert projection(METROPOLE.west, METROPOLE.north)[0] < projection(METROPOLE.east, METROPOLE.north)[0]
    assert json.loads(json.dumps(METROPOLE)) == list(METROPOLE)


@pytest.mark.parametrize("words", ["fictif", "pole", "fictfi", "zzzzz"])
def test_words_find_on_the_map_what_the_search_finds(sampled: str, words: str) -> None:
    """Page, points and search agree; a word that is mistyped is read as the search reads it."""
    asked = {"q": words, "lang": "en"}
    understood = {"fictfi": "fictif"}.get(words, words)
    search = get(
        sampled, f"/search?{urlencode({'q': understood, 'type': 'initiative', 'limit': 100})}&format=json"
    ).json()
    wanted = {one["thing"]["value"] for one in search["results"]["bindings"]}
    text = get(sampled, f"/map?{urlencode(asked)}").text
    shown = {link for link in Page(text).links if link.startswith("/doc/initiative/")}
    assert shown == {f"/doc/initiative/{iri.rpartition('/')[2]}?lang=en" for iri in wanted}
    assert ("Here is what answers" in text) == (understood != words)
    points = {
        one["id"] for one in features(sampled, urlencode(asked)) + features(sampled, urlencode(asked) + "&place=none")
    }
    assert points == wanted
    assert f"q={words}" in re.findall(r'src="(/map.svg[^"]*)"', text)[0]


def test_a_search_leads_to_its_map_and_back(sampled: str) -> None:
    found = Page(get(sampled, "/search?q=fictif&kind=ptce&territory=departement-39&lang=en").text).links
    address = "/map?q=fictif&territory=departement-39&kind=ptce&lang=en"
    assert address in found
    page = Page(get(sampled, address).text)
    assert "/search?type=initiative&q=fictif&territory=departement-39&kind=ptce&lang=en" in page.links
    assert {"/map?kind=ptce&territory=departement-39&lang=en", "/map?kind=ptce&q=fictif&lang=en"} <= set(page.links)
    assert get(sampled, "/map?territory=departement-999").status_code == 400
    assert get(sampled, "/map?domain=%C3%A9").status_code == 400
    assert get(sampled, f"/map?q={'a' * 2001}").status_code == 400
    assert get(sampled, "/figure/recognitions-by-year.csv?q=zzzzz&exact=1").status_code == 200


def test_words_of_a_release_without_an_index_are_refused(documents: str, tmp_path: Path) -> None:
    folder = make_release(tmp_path)
    sample.write_map(folder)
    (folder / INDEX).unlink(missing_ok=True)
    with serving(tmp_path) as site:
        assert get(site, "/map?q=atelier&lang=fr").status_code == 404
        assert get(site, "/map?lang=fr").status_code == 200
