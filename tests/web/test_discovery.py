"""What leads to all the rest: the files, the catalogue, VoID, sitemaps and robots.txt."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
import requests
from pyoxigraph import RdfFormat, parse

from clirld.web import discovery
from tests.web.served import make_release, serve_settings, serving
from tests.web.test_pages import Page, get

MEDIA = {"ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD, "nt": RdfFormat.N_TRIPLES}
LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def test_the_page_of_the_files(site: str) -> None:
    page = get(site, "/release/")
    assert page.status_code == 200
    files = [link for link in Page(page.text).links if link.startswith("/release/") and not link.endswith("?lang=fr")]
    assert "/release/dump/lieux.nq" in files
    for link in files:
        assert requests.get(site + link, timeout=60).status_code == 200
    assert requests.get(f"{site}/release", timeout=60).status_code == 200
    manifest = requests.get(f"{site}/release/", timeout=60)
    assert json.loads(manifest.content)["quads"] == 1234567


@pytest.mark.parametrize("name", MEDIA)
def test_the_catalogue_in_each_format(site: str, name: str) -> None:
    media = discovery.CATALOG_TYPES[name]
    named = requests.get(f"{site}/catalog.{name}", timeout=60)
    liked = requests.get(f"{site}/catalog", headers={"accept": media}, timeout=60)
    assert named.content == liked.content
    assert named.headers["content-type"].split(";")[0] == media
    assert [str(quad.triple) for quad in parse(named.content, format=MEDIA[name])] == ["<a:a> <a:b> <a:c>"]
    assert f'<{site}/doc/graph/lieux>; rel="item"' in named.headers["link"]
    assert '<https://w3id.org/clirld/id/dataset/clirld>; rel="cite-as"' in named.headers["link"]


def test_the_catalogue_as_a_page(site: str) -> None:
    page = Page(get(site, "/catalog", **{"accept-language": "en"}).text)
    assert page.language == "en"
    assert "/doc/graph/lieux?lang=en" in page.links


@pytest.mark.parametrize("path", ["/catalog.pdf", "/catalog.ttl.gz", "/sitemap/graph-0.xml", "/sitemap/secret-1.xml"])
def test_what_is_not_there(site: str, path: str) -> None:
    assert requests.get(site + path, timeout=60).status_code == 404


@pytest.mark.parametrize("path", ["/catalog", "/release/"])
def test_what_cannot_be_given(site: str, path: str) -> None:
    assert requests.get(site + path, headers={"accept": "image/png"}, timeout=60).status_code == 406


def test_void_is_where_it_is_looked_for(site: str) -> None:
    found = requests.get(f"{site}/.well-known/void", headers={"accept": "text/turtle"}, timeout=60)
    assert found.url == f"{site}/catalog"
    assert found.headers["content-type"].startswith("text/turtle")


def addresses(site: str, path: str) -> list[str]:
    response = requests.get(site + path, timeout=60)
    assert response.headers["content-type"].startswith("application/xml")
    return [str(one.text) for one in ElementTree.fromstring(response.content).iter(LOCATION)]


def test_the_sitemaps_name_every_document_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "ON_A_SITEMAP", 3)
    folder = make_release(tmp_path)
    (folder / "tables" / "open").mkdir(parents=True)
    keys = [f"o&{n}" for n in range(7)]
    pl.DataFrame({"key": keys}).write_parquet(folder / "tables" / "open" / "organization.parquet")
    with serving(tmp_path, serve_settings()) as site:
        robots = requests.get(f"{site}/robots.txt", timeout=60).text
        assert f"Sitemap: {site}/sitemap.xml" in robots.splitlines()
        maps = addresses(site, "/sitemap.xml")
        pages = [addresses(site, one.removeprefix(site)) for one in maps]
        assert [len(one) for one in pages] == [1, 3, 3, 1]
        assert [one for page in pages for one in page] == [
            f"{site}/doc/graph/lieux",
            *(f"{site}/doc/organization/{key}" for key in keys),
        ]
        assert requests.get(f"{site}/sitemap/organization-4.xml", timeout=60).status_code == 404
    assert discovery.ON_A_SITEMAP < 50_000


@pytest.mark.parametrize(("language", "rows"), [("fr", "3 lignes"), ("en", "3 rows")])
def test_the_files_begin_with_what_a_spreadsheet_opens(tmp_path: Path, language: str, rows: str) -> None:
    folder = make_release(tmp_path)
    (folder / "tables" / "open").mkdir(parents=True)
    table = pl.DataFrame({"key": ["a", "b", "c"]})
    table.write_parquet(folder / "tables" / "open" / "initiative.parquet")
    table.write_csv(folder / "tables" / "open" / "initiative.csv")
    with serving(tmp_path) as site:
        text = requests.get(f"{site}/release/?lang={language}", headers={"accept": "text/html"}, timeout=20).text
    start, rest = text.split("<h2>", 2)[1:]
    assert "/release/tables/open/initiative.csv" in start
    assert rows in start.replace("\u00a0", " ")
    assert "<summary>" in rest
    assert "/release/tables/open/initiative.parquet" in rest
