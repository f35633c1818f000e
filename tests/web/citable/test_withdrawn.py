"""A release that was withdrawn is 410 with its reason on every route; so is what repeats it in one that is kept."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from clirld import stages
from clirld.release import history, tidy
from clirld.release.changes import ldes
from clirld.release.changes.difference import differences
from clirld.release.unavailable import mark, repeated
from clirld.web.local_links import within
from tests.web.citable.releases import LABEL, with_thing
from tests.web.served import make_release, serve_settings, serving
from tests.web.test_pages import BROWSER

CLEAN, WRONG = "20260101T000000Z-aaaaaaaa", "20260201T000000Z-bbbbbbbb"
TIDIED, SERVED = "20260301T000000Z-cccccccc", "20260401T000000Z-dddddddd"
ALL = (CLEAN, WRONG, TIDIED, SERVED)
WITHDRAWN = (WRONG, TIDIED)
HTTP_DATE = {WRONG: "Sun, 01 Feb 2026 00:00:00 GMT", TIDIED: "Sun, 01 Mar 2026 00:00:00 GMT"}
WHY = "une colonne <b>en trop</b> & {rien}"
WHEN = {"fr": "1er mai 2026", "en": "1 May 2026"}
QUERY = urlencode({"query": LABEL, "format": "csv"})
ROUTES = (
    f"/sparql?{QUERY}",
    "/id/initiative/atelier",
    "/doc/initiative/atelier",
    "/doc/initiative/atelier.nt",
    "/graph/lieux",
    "/catalog",
    "/catalog.ttl",
    "/issues",
    "/issues/lieux",
    "/changes",
    "/changes.json",
    "/changes.atom",
    "/release/",
    "/release/manifest.json",
    "/release/dump/lieux.nq",
    "/release/changes/open.rdfp.gz",
    "/release/changes/summary.json",
)
"""One address of each kind that is of a release."""


def _line(name: str) -> bytes:
    return (
        f'<https://w3id.org/clirld/id/initiative/{name}> <a:b> "{name}" <https://w3id.org/clirld/graph/x> .\n'.encode()
    )


def _with_changes(folder: Path, before: str | None) -> None:
    (folder / "changes").mkdir()
    (folder / "changes" / "open.rdfp.gz").write_bytes(b"packed")
    (folder / "changes" / "open.csv").write_bytes(b"graph\n")
    told = {
        "from": {"id": before, "version": "0", "created": "2026-01-01T00:00:00+00:00"} if before else None,
        "withheld": False,
        "classes": [{"graph": "lieux", "class": "a:a", "added": 1, "removed": 4321, "changed": 0}],
        "quads": {"lieux": {"added": 1, "removed": 4321}},
        "releases": [
            {"id": name, "version": "0", "created": f"2026-0{n}-01T00:00:00+00:00", "added": n, "removed": 0}
            for n, name in enumerate(ALL, 1)
        ],
    }
    stages.write_json(folder / "changes" / "summary.json", told)


def _with_feed(folder: Path) -> None:
    """A stream with a page of each release, and one that only the first and the last have pages of."""
    for name, releases in (("lieux", ALL), ("autres", (CLEAN, SERVED))):
        stream = folder / "feed" / name
        stream.mkdir(parents=True)
        for one in releases:
            ldes.write_pages(differences((), [_line(one)]), stream, name, CLEAN, one)
        ldes.write_index(stream, name, f"https://w3id.org/clirld/graph/{name}", CLEAN)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("withdrawn")
    for n, name in enumerate(ALL, 1):
        folder = make_release(data, name, rows=3, label=name, created=f"2026-0{n}-01T00:00:00+00:00")
        with_thing(folder, name)
        _with_changes(folder, ALL[n - 2] if n > 1 else None)
    _with_feed(folder)
    history.remember(data)
    shutil.rmtree(data / "releases" / TIDIED)
    for n, name in enumerate(WITHDRAWN):
        said = {"when": "2026-05-01T10:00:00+00:00", "because": WHY, "by": "quelqu'un", "sequence": n}
        stages.write_json(data / mark.WITHDRAWN / f"{name}.json", said)
    return data


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[str]:
    with serving(data, serve_settings()) as address:
        yield address.rstrip("/")


def get(address: str, **headers: str) -> requests.Response:
    return requests.get(address, headers=headers, timeout=20, allow_redirects=False)


def asked(path: str, release: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}release={release}"


def is_refused(answer: requests.Response, release: str, kind: str = "withdrawn-release") -> None:
    assert answer.status_code == 410
    problem = answer.json()
    assert problem["type"].endswith(f"#{kind}")
    language = answer.headers["content-language"]
    assert f"{WHEN[language]}{' :' if language == 'fr' else ':'} {WHY}" in problem["detail"]
    assert release in problem["detail"]
    assert answer.headers["cache-control"] == "no-store"
    assert "quelqu'un" not in answer.text
    assert "effacé" not in answer.text
    assert "erased" not in answer.text


@pytest.mark.parametrize("release", WITHDRAWN)
@pytest.mark.parametrize("path", ROUTES)
def test_no_route_gives_it(site: str, path: str, release: str) -> None:
    headers = {"accept": "application/json"}
    for language in ("fr", "en"):
        headers["accept-language"] = language
        is_refused(get(site + asked(path, release), **headers), release)
        is_refused(get(site + within(f"/release/{release}", path), **headers), release)
        is_refused(get(site + path, **headers, **{"Accept-Datetime": HTTP_DATE[release]}), release)
    for address in (asked(path, CLEAN), within(f"/release/{CLEAN}", path), path):
        assert get(site + address, accept="*/*").status_code != 410 or "open.rdfp" in address


@pytest.mark.parametrize("release", WITHDRAWN)
def test_nor_a_query_in_a_body(site: str, release: str) -> None:
    fields = {"query": LABEL, "format": "csv"}
    is_refused(requests.post(f"{site}/sparql", data={**fields, "release": release}, timeout=20), release)
    is_refused(requests.post(f"{site}/release/{release}/sparql", data=fields, timeout=20), release)


def test_a_person_reads_it_in_both_languages(site: str) -> None:
    for language, word in (("fr", "a été retirée le"), ("en", "was withdrawn on")):
        answer = get(f"{site}/release/{WRONG}/catalog?lang={language}", **BROWSER)
        assert answer.status_code == 410
        assert f"{word} {WHEN[language]}" in answer.text
        assert "&lt;b&gt;en trop&lt;/b&gt; &amp; {rien}" in answer.text


def test_it_is_in_no_list(site: str) -> None:
    for path in (f"/timemap/sparql?{QUERY}", "/timemap/changes", "/release/?lang=en"):
        text = get(site + path, **BROWSER).text
        assert CLEAN in text
        assert not any(release in text for release in WITHDRAWN), path


PATCHES = (
    "/release/changes/open.rdfp.gz",
    "/release/changes/open.csv",
    "/release/dump/%2e%2e/changes/open.csv",
    f"/release/{SERVED}/changes/open.rdfp.gz",
    f"/release/changes/open.csv?release={SERVED}",
    "/feed/lieux/index.trig",
    *(f"/feed/lieux/{release}-00001.trig" for release in ALL),
)


@pytest.mark.parametrize("path", PATCHES)
def test_what_repeats_it_in_a_release_that_is_kept_is_not_given_either(site: str, path: str) -> None:
    with requests.Session() as session:  # with its dots, which requests would take out
        prepared = session.prepare_request(requests.Request("GET", site + path.partition("?")[0]))
        prepared.url = site + path
        answer = session.send(prepared, timeout=20)
    is_refused(answer, TIDIED, "withdrawn-changes")


def test_the_rest_of_it_is_given(site: str) -> None:
    assert SERVED in get(f"{site}/sparql?{QUERY}").text
    assert get(f"{site}/feed/autres/index.trig").status_code == 200
    assert get(f"{site}/feed/autres/{CLEAN}-00001.trig").status_code == 200
    for path in ("/release/dump/lieux.nq", f"/release/{CLEAN}/changes/open.csv", "/release/changes/summary.json"):
        assert get(site + path).status_code == 200
    listed = get(f"{site}/release/?lang=en", **BROWSER).text
    assert "/release/dump/lieux.nq" in listed
    assert "open.csv" not in listed
    assert "open.csv" in get(f"{site}/release/{CLEAN}/?lang=en", **BROWSER).text


def test_the_page_of_the_changes_says_so(site: str) -> None:
    for language, word in (("fr", "a été retirée le"), ("en", "was withdrawn on")):
        answer = get(f"{site}/changes?lang={language}", **BROWSER)
        assert answer.status_code == 200
        assert f"{word} {WHEN[language]}" in answer.text
        assert "321" not in answer.text
        assert "/feed/autres/" in answer.text
        assert "/feed/lieux/" not in answer.text
    said = get(f"{site}/changes.json").json()
    assert (said["from"]["id"], said["withheld"], said["classes"], said["quads"]) == (TIDIED, True, [], {})
    withdrawn = {"on": "2026-05-01", "because": WHY}
    assert {one["id"]: one.get("withdrawn") for one in said["releases"]} == {
        **dict.fromkeys(ALL),
        **dict.fromkeys(WITHDRAWN, withdrawn),
    }
    assert "321" in get(f"{site}/release/{CLEAN}/changes.json").text


def test_who_reads_the_atom_feed_reads_it_too(site: str) -> None:
    for language, word in (("fr", "Retirée le"), ("en", "Withdrawn on")):
        root = ElementTree.fromstring(get(f"{site}/changes.atom?lang={language}").text)
        told = [entry.findtext("{*}summary") or "" for entry in root.findall("{*}entry")]
        assert [text.startswith(f"{word} {WHEN[language]}") for text in told] == [False, True, True, False]
        assert told[1].endswith(WHY)


def test_it_stays_so_once_the_files_are_deleted(data: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "data", symlinks=True)
    folder = tmp_path / "data" / "releases" / SERVED
    withdrawn = mark.withdrawals(tmp_path / "data")
    deleted = repeated.files(folder, withdrawn)
    assert [path.relative_to(folder).as_posix() for path in deleted] == [
        "changes/open.csv",
        "changes/open.rdfp.gz",
        *(f"feed/lieux/{release}-00001.trig.gz" for release in WITHDRAWN),
    ]
    tidy.delete([*deleted, folder.parent / WRONG])
    with serving(tmp_path / "data", serve_settings()) as address:
        site = address.rstrip("/")
        for path in (*PATCHES[:2], *PATCHES[3:]):
            is_refused(get(site + path), TIDIED, "withdrawn-changes")
        for path in ROUTES:
            is_refused(get(site + asked(path, WRONG), accept="application/json"), WRONG)
        assert not re.search("open.csv", get(f"{site}/release/", **BROWSER).text)
