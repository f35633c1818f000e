"""The IRIs of the vocabulary answer: pages for people, triples for programs."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

import pytest
import requests
from pyoxigraph import RdfFormat, parse

from tests.conftest import PROJECT

ONTOLOGY = PROJECT / "ontology"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ROLE = "/concept/public-actor-role"


def get(site: str, path: str, accept: str, **headers: str) -> requests.Response:
    return requests.get(site + path, headers={"accept": accept, **headers}, timeout=60, allow_redirects=False)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/ontology", "/ontology/{}/index.html"),
        (ROLE, "/ontology/{}/index.html#scheme-public-actor-role"),
        (f"{ROLE}/enabler", "/ontology/{}/index.html#public-actor-role/enabler"),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_people_are_led_to_a_place_that_is_there(site: str, path: str, place: str, language: str) -> None:
    led = get(site, path, BROWSER, **{"accept-language": language})
    assert (led.status_code, led.headers["location"]) == (303, place.format(language))
    assert led.headers["vary"] == "Accept, Accept-Language"
    page = get(site, led.headers["location"], BROWSER)
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    anchor = led.headers["location"].partition("#")[2]
    assert not anchor or f'id="{anchor}"' in page.text


def test_the_styles_of_the_page_are_allowed_and_no_others(site: str) -> None:
    page = get(site, "/ontology/fr/index.html", BROWSER)
    styles = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    assert len(styles) == 2
    for style in styles:
        assert b64encode(hashlib.sha256(style.encode()).digest()).decode() in page.headers["content-security-policy"]
    assert "unsafe-inline" not in page.headers["content-security-policy"]


@pytest.mark.parametrize(("path", "file"), [("/ontology", "clirld.ttl"), (ROLE, "schemes/public-actor-role.ttl")])
def test_programs_get_the_file(site: str, path: str, file: str) -> None:
    for accept in ("text/turtle", "*/*"):
        assert get(site, path, accept).content == (ONTOLOGY / file).read_bytes()
    wanted = {str(quad.triple) for quad in parse(path=str(ONTOLOGY / file), format=RdfFormat.TURTLE)}
    for media, form in (
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ):
        answer = get(site, path, media)
        assert answer.headers["content-type"] == media
        assert {str(quad.triple) for quad in parse(answer.content, format=form)} == wanted


@pytest.mark.parametrize("file", sorted((ONTOLOGY / "schemes").glob("*.ttl")), ids=lambda file: file.stem)
def test_every_scheme_answers(site: str, file: Path) -> None:
    assert get(site, f"/concept/{file.stem}", "text/turtle").content == file.read_bytes()


def test_a_concept_is_described_alone(site: str) -> None:
    answer = get(site, f"{ROLE}/enabler", "text/turtle")
    triples = list(parse(answer.content, format=RdfFormat.TURTLE))
    assert {quad.subject.value for quad in triples} == {"https://w3id.org/clirld/concept/public-actor-role/enabler"}
    assert {"facilitateur", "facilitator"} <= {quad.object.value for quad in triples}


def test_a_format_can_be_named(site: str) -> None:
    assert get(site, "/ontology?format=nt", BROWSER).headers["content-type"] == "application/n-triples"
    assert get(site, "/ontology?format=html&lang=en", "text/turtle").headers["location"].startswith("/ontology/en/")
    assert get(site, "/ontology?format=docx", BROWSER).status_code == 406
    assert get(site, "/ontology", "image/png").status_code == 406


@pytest.mark.parametrize(
    "path", ["/concept/none", f"{ROLE}/none", f"{ROLE}/A%3E", "/concept/..%2Fclirld", "/ontology/de/index.html"]
)
def test_what_is_not_there_is_not_found(site: str, path: str) -> None:
    assert get(site, path, "text/turtle").status_code == 404


@pytest.mark.parametrize("path", ["/ontology", "/ontology/fr/index.html", f"{ROLE}/enabler"])
def test_what_is_known_is_not_sent_again(site: str, path: str) -> None:
    tag = get(site, path, "text/turtle").headers["etag"]
    again = get(site, path, "text/turtle", **{"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
