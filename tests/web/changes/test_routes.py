"""What a release changed, over HTTP: the page, the feed, and that pages that are gone say so."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from clirld.release.changes import ldes
from clirld.release.changes.difference import differences
from tests.release.changes.feed_reader import rebuild
from tests.web.served import make_release, serve_settings, serving

ID = "20261124T101530Z-3f9a1c2b"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
LINES = [f'<https://w3id.org/clirld/id/initiative/a> {LABEL} "A" <https://w3id.org/clirld/graph/lieux> .\n'.encode()]
BEFORE = "20261123T101530Z-00000000"
INITIATIVE = "https://w3id.org/clirld/ontology#Initiative"
SUMMARY = {
    "from": {"id": BEFORE, "version": "0", "created": "2026-11-23T10:15:30+00:00"},
    "withheld": False,
    "classes": [
        {"graph": "lieux", "class": INITIATIVE, "added": 1234, "removed": 2, "changed": 3},
        {"graph": "lieux", "class": "http://purl.org/dc/terms/PeriodOfTime", "added": 1, "removed": 0, "changed": 0},
    ],
    "quads": {"lieux": {"added": 5, "removed": 6}},
    "releases": [
        {
            "id": "20261123T101530Z-00000000",
            "version": "0",
            "created": "2026-11-23T10:15:30+00:00",
            "added": 0,
            "removed": 0,
        },
        {"id": ID, "version": "1", "created": "2026-11-24T10:15:30+00:00", "added": 5, "removed": 6},
    ],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("changes")
    folder = make_release(data, ID)
    (folder / "changes").mkdir()
    (folder / "changes" / "summary.json").write_text(json.dumps(SUMMARY), encoding="utf-8")
    stream = folder / "feed" / "lieux"
    stream.mkdir(parents=True)
    ldes.write_pages(differences((), LINES), stream, "lieux", ID, ID)
    ldes.write_index(stream, "lieux", "https://w3id.org/clirld/graph/lieux", ID)
    return data


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[str]:
    with serving(data, serve_settings()) as address:
        yield address.rstrip("/")


def test_the_page_in_both_languages(site: str) -> None:
    french = requests.get(f"{site}/changes?lang=fr", headers={"accept": "text/html"})
    assert french.status_code == 200
    assert "Ce qui a changé" in french.text
    assert "1\u202f234" in french.text
    assert "PeriodOfTime" not in french.text
    assert "Description technique" in french.text
    assert "Lignes" not in french.text
    english = requests.get(f"{site}/changes?lang=en", headers={"accept": "text/html"})
    assert "What has changed" in english.text
    assert "1,234" in english.text
    assert SUMMARY["from"]["id"] in english.text  # type: ignore[index]
    assert "/feed/lieux/index.trig" in english.text


def test_the_counts_as_json_and_within_the_release(site: str) -> None:
    assert requests.get(f"{site}/changes.json").json() == SUMMARY
    assert requests.get(f"{site}/release/{ID}/changes", headers={"accept": "application/json"}).json() == SUMMARY
    assert requests.get(f"{site}/changes", headers={"accept": "image/png"}).status_code == 406


def test_atom(site: str) -> None:
    answer = requests.get(f"{site}/changes.atom?lang=en")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    space = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring(answer.text)
    entries = root.findall(f"{space}entry")
    assert [entry.findtext(f"{space}title") for entry in entries] == [
        f"Release {ID}",
        f"Release {BEFORE}",
    ]
    assert entries[0].findtext(f"{space}summary") == "5 statements added, 6 removed"
    assert root.findtext(f"{space}updated") == entries[0].findtext(f"{space}updated")
    for entry in entries:
        assert entry.find(f"{space}id") is not None


def test_the_feed_is_read_and_its_pages_never_change(site: str) -> None:
    _stream, quads = rebuild(f"{site}/feed/lieux/index.trig", lambda url: requests.get(url).content)
    assert {f"{quad} .\n".encode() for quad in quads} == set(LINES)
    index = requests.get(f"{site}/feed/lieux/index.trig")
    assert index.headers["cache-control"] == "no-cache"
    page = f"{site}/feed/lieux/{ID}-00001.trig"
    packed, plain = (requests.get(page, headers={"accept-encoding": one}) for one in ("gzip", "identity"))
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["cache-control"] == "public, max-age=86400"  # not for good: erasures reach it
    assert requests.get(page, headers={"if-none-match": packed.headers["etag"]}).status_code == 304


def test_a_page_that_is_gone_says_where_to_start_again(site: str) -> None:
    gone = requests.get(f"{site}/feed/lieux/20250101T000000Z-00000000-00001.trig")
    assert gone.status_code == 410
    assert "/feed/lieux/index.trig" in gone.json()["do"]
    for path in (
        "feed/nothing/index.trig",
        "feed/lieux/x.trig",
        "feed/lieux/..%2F..%2Fsecret.txt",
        "feed/..%2Fx/index.trig",
    ):
        assert requests.get(f"{site}/feed/{path}").status_code == 404


def test_a_release_without_changes_has_no_page_of_them(tmp_path: Path) -> None:
    make_release(tmp_path)
    with serving(tmp_path, serve_settings()) as address:
        assert requests.get(f"{address.rstrip('/')}/changes").status_code == 404
