"""The release that a request is about: by name, by address, by time; and exactly why not."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from clirld.release import history
from clirld.web.local_links import is_of_a_release, within
from tests.web.citable.releases import (
    CREATED,
    ERASED,
    GONE,
    HTTP_DATE,
    LABEL,
    MIDDLE,
    NEW,
    OLD,
    WITHDRAWN,
    make_releases,
)
from tests.web.served import serve_settings, serving, switch
from tests.web.test_pages import BROWSER, Page

DOCUMENT = "/doc/initiative/atelier.nt"
QUERY = urlencode({"query": LABEL, "format": "csv"})
RESOURCES = (f"/sparql?{QUERY}", DOCUMENT, "/catalog.ttl", "/release/dump/lieux.nq", "/release/", "/issues")
"""One address of each kind that is of a release."""


def get(site: str, path: str, **headers: str) -> requests.Response:
    return requests.get(site + path, headers=headers, timeout=20, allow_redirects=False)


def links(response: requests.Response) -> dict[str, str]:
    """Relation → address; of a relation that has several names, each."""
    found = re.findall(r'<([^>]*)>; rel="([^"]+)"', response.headers.get("link", ""))
    return {name: address for address, names in found for name in names.split()}


def asked(path: str, release: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}release={release}"


@pytest.mark.parametrize("release", [OLD, MIDDLE, NEW])
@pytest.mark.parametrize("path", RESOURCES)
def test_a_release_answers_by_name_by_address_and_by_time(site: str, path: str, release: str) -> None:
    by_name = get(site, asked(path, release))
    by_address = get(site, within(f"/release/{release}", path))
    by_time = get(site, path, **{"Accept-Datetime": HTTP_DATE[release]})
    for answer in (by_name, by_address, by_time):
        assert answer.status_code == 200
        assert answer.content == by_address.content
        assert answer.headers["clirld-release"] == release
        assert answer.headers["memento-datetime"] == HTTP_DATE[release]
        assert links(answer)["original"] == links(answer)["timegate"] == site + path
        assert links(answer)["memento"] == site + within(f"/release/{release}", path)
    assert "Accept-Datetime" in by_time.headers["vary"]
    assert "Accept-Datetime" not in by_name.headers.get("vary", "")
    if path.startswith(("/doc", "/sparql")):
        assert release in by_name.text


@pytest.mark.parametrize("path", RESOURCES)
def test_who_names_none_gets_the_current_one(site: str, path: str) -> None:
    answer = get(site, path)
    assert answer.headers["clirld-release"] == NEW
    assert "memento-datetime" not in answer.headers
    assert "Accept-Datetime" in answer.headers["vary"]
    assert links(answer)["timegate"] == site + path
    assert get(site, links(answer)["timemap"].removeprefix(site)).status_code == 200


@pytest.mark.parametrize("start", ["/id/initiative/atelier", "/graph/lieux"])
def test_the_way_from_a_thing_to_its_document_stays_in_the_release(site: str, start: str) -> None:
    for address, headers in (
        (f"{start}?release={OLD}&lang=en", {}),
        (f"/release/{OLD}{start}?lang=en", {}),
        (f"{start}?lang=en", {"Accept-Datetime": HTTP_DATE[OLD]}),
    ):
        led = get(site, address, **headers)
        assert led.status_code == 303
        assert led.headers["location"] == f"/release/{OLD}/doc/{start.removeprefix('/id/').removeprefix('/')}?lang=en"
        assert get(site, led.headers["location"]).headers["clirld-release"] == OLD


def test_a_time_between_two_releases_is_that_of_the_one_before(site: str) -> None:
    answer = get(site, DOCUMENT, **{"Accept-Datetime": "Wed, 31 Dec 2099 00:00:00 GMT"})
    assert answer.headers["clirld-release"] == NEW
    answer = get(site, DOCUMENT, **{"Accept-Datetime": "Sun, 01 Mar 2026 11:59:59 GMT"})
    assert answer.headers["clirld-release"] == MIDDLE
    assert answer.headers["content-location"] == f"/release/{MIDDLE}{DOCUMENT}"


def test_the_release_of_an_address_is_not_negotiated(site: str) -> None:
    answer = get(site, f"/release/{OLD}{DOCUMENT}", **{"Accept-Datetime": HTTP_DATE[MIDDLE]})
    assert answer.headers["clirld-release"] == OLD


@pytest.mark.parametrize("path", [*RESOURCES, "/"])
def test_who_prefers_a_release_goes_on_with_it_while_it_is_kept(site: str, path: str) -> None:
    kept = get(site, path, **{"Clirld-Release": OLD})
    assert (kept.status_code, kept.headers["clirld-release"]) == (200, OLD)
    if path != "/":
        assert kept.content == get(site, within(f"/release/{OLD}", path)).content
        assert "Clirld-Release" in kept.headers["vary"]
    for refused in (GONE, ERASED, WITHDRAWN, "20250101T000000Z-00000000", "no release at all"):
        answer = get(site, path, **{"Clirld-Release": refused})
        assert (answer.status_code, answer.headers["clirld-release"]) == (200, NEW)
    current = get(site, path, **{"Clirld-Release": NEW})
    assert current.content == get(site, path).content
    assert "memento-datetime" not in current.headers


@pytest.mark.parametrize("path", [*RESOURCES, "/", "/quality"])
def test_a_release_that_others_have_already_is_to_come(site: str, path: str) -> None:
    answer = get(site, path, **{"Clirld-Release": "20990101T000000Z-00000000"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "20990101T000000Z-00000000" in answer.text


def test_an_address_and_a_time_go_before_a_preference(site: str) -> None:
    prefers_old = {"Clirld-Release": OLD}
    assert get(site, f"/release/{MIDDLE}{DOCUMENT}", **prefers_old).headers["clirld-release"] == MIDDLE
    by_time = get(site, DOCUMENT, **prefers_old, **{"Accept-Datetime": HTTP_DATE[MIDDLE]})
    assert by_time.headers["clirld-release"] == MIDDLE


def test_an_answer_that_was_preferred_is_not_kept_for_others(site: str) -> None:
    for wanted in (OLD, NEW, OLD, NEW):
        for _again in range(2):
            assert get(site, RESOURCES[0], **{"Clirld-Release": wanted}).text.split() == ["label", wanted]


WRONG: list[tuple[str, dict[str, str], int, str]] = [
    (asked(DOCUMENT, GONE), {}, 410, "gone-release"),
    (asked(DOCUMENT, ERASED), {}, 410, "erased-release"),
    (asked(DOCUMENT, WITHDRAWN), {}, 410, "withdrawn-release"),
    (asked(DOCUMENT, "20250101T000000Z-00000000"), {}, 404, "unknown-release"),
    (f"/release/{GONE}/dump/lieux.nq", {}, 410, "gone-release"),
    (f"/release/{ERASED}/sparql?query=ASK%7B%7D", {}, 410, "erased-release"),
    (f"/release/{ERASED}", {}, 410, "erased-release"),
    ("/release/20250101T000000Z-00000000/", {}, 404, "unknown-release"),
    (DOCUMENT, {"Accept-Datetime": HTTP_DATE[GONE]}, 410, "gone-release"),
    (DOCUMENT, {"Accept-Datetime": HTTP_DATE[ERASED]}, 410, "erased-release"),
    (DOCUMENT, {"Accept-Datetime": HTTP_DATE[WITHDRAWN]}, 410, "withdrawn-release"),
    (DOCUMENT, {"Accept-Datetime": "Wed, 31 Dec 2025 23:59:59 GMT"}, 404, "before-first-release"),
    (DOCUMENT, {"Accept-Datetime": "Mon, 01 Jan 0001 00:00:00 GMT"}, 404, "before-first-release"),
    (DOCUMENT, {"Accept-Datetime": "yesterday"}, 400, "accept-datetime"),
    (DOCUMENT, {"Accept-Datetime": ""}, 400, "accept-datetime"),
    (DOCUMENT, {"Accept-Datetime": "Tue, 99 Foo 2026 10:15:30 GMT"}, 400, "accept-datetime"),
    (f"{asked(DOCUMENT, OLD)}&release={NEW}", {}, 400, "several-releases"),
    *(
        (f"{path}?release={OLD}", {}, 400, "not-of-a-release")
        for path in ("/", "/ontology", "/context.jsonld", "/sitemap.xml")
    ),
    (f"/release/{OLD}{asked(DOCUMENT, NEW)}", {}, 400, "several-releases"),
    (asked(DOCUMENT, ""), {}, 404, "unknown-release"),
    (asked(DOCUMENT, "current"), {}, 404, "unknown-release"),
    (asked(DOCUMENT, "..%2f..%2fetc%2fpasswd"), {}, 404, "unknown-release"),
    (asked(DOCUMENT, f"{OLD}%2f..%2f{NEW}"), {}, 404, "unknown-release"),
    (asked(DOCUMENT, f"{OLD}%00"), {}, 404, "unknown-release"),
    (asked(DOCUMENT, "2" * 5000), {}, 404, "unknown-release"),
    (f"/release/{OLD}%2f..%2f{NEW}/manifest.json", {}, 404, "unknown-release"),
    (f"/release/..%2f{OLD}/manifest.json", {}, 404, "not-found"),
    (f"/release/{OLD}/..%2f..%2f..%2fcurrent/manifest.json", {}, 404, "not-found"),
    (f"/release/{OLD}/secret.txt", {}, 404, "not-found"),
    (f"/release/{OLD}/dump/out.txt", {}, 404, "not-found"),
    (f"/release/{OLD}/store/CURRENT", {}, 404, "not-found"),
    (f"/release/{OLD}/ontology", {}, 404, "not-found"),
    (f"/release/{OLD}/healthz", {}, 404, "not-found"),
    (f"/release/{OLD}/doc/initiative/none", {}, 404, "unknown-iri"),
]


@pytest.mark.parametrize(("path", "headers", "status", "kind"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_why_not_is_said(site: str, path: str, headers: dict[str, str], status: int, kind: str) -> None:
    answer = get(site, path, **headers)
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"].endswith(f"#{kind}")
    assert problem["do"]
    for language in ("fr", "en"):
        page = Page(get(site, path, **{**BROWSER, **headers, "accept-language": language}).text)
        assert page.language == language


def test_a_release_that_the_body_names(site: str) -> None:
    def post(address: str, **fields: str) -> requests.Response:
        return requests.post(site + address, data={"query": LABEL, "format": "csv", **fields}, timeout=20)

    assert OLD in post("/sparql", release=OLD).text
    assert post("/sparql", release=OLD).headers["memento-datetime"] == HTTP_DATE[OLD]
    assert OLD in post(f"/release/{OLD}/sparql").text
    assert post("/sparql", release=GONE).status_code == 410
    assert post(f"/sparql?release={NEW}", release=OLD).status_code == 400
    by_time = requests.post(
        f"{site}/sparql",
        data={"query": LABEL, "format": "csv"},
        headers={"Accept-Datetime": HTTP_DATE[OLD]},
        timeout=20,
    )
    assert OLD in by_time.text


def test_every_link_of_a_page_stays_in_the_release(site: str) -> None:
    for path in ("/doc/initiative/atelier", "/catalog", "/release/", "/issues", f"/sparql?{QUERY}&format=html"):
        for address in (within(f"/release/{OLD}", path), asked(path, OLD)):
            if "sparql" in address:
                address = address.replace("&format=csv", "")
            text = get(site, address, **BROWSER).text
            assert f"<code>{OLD}</code>" in text
            own = {one for one in Page(text).links if one.startswith("/") and is_of_a_release(one.split("?")[0])}
            others = {f"/release/{one}/?lang={lang}" for one in (MIDDLE, NEW) for lang in ("fr", "en")}
            assert own - others
            assert [one for one in own - others if not one.startswith(f"/release/{OLD}/")] == []
    other = next(
        one for one in Page(get(site, asked("/doc/initiative/atelier", OLD), **BROWSER).text).links if "lang=en" in one
    )
    assert get(site, other, **BROWSER).headers["clirld-release"] == OLD


def test_all_files_of_a_release(site: str, releases: Path) -> None:
    files = get(site, f"/release/{OLD}/", accept="application/json").json()
    assert files["id"] == OLD
    for name in ("dump/lieux.nq", "catalog.ttl", "manifest.json"):
        assert get(site, f"/release/{OLD}/{name}").content == (releases / "releases" / OLD / name).read_bytes()


def test_the_page_of_the_files_lists_the_releases(site: str) -> None:
    for path, release in (("/release/", NEW), (f"/release/{OLD}/", OLD)):
        text = get(site, f"{path}?lang=en", **BROWSER).text.partition("Releases that are kept")[2]
        listed = re.findall(r'href="/release/([^/]+)/\?lang=en"', text)
        assert listed == [NEW, MIDDLE, OLD]
        assert re.findall(r'/release/([^/]+)/\?lang=en" aria-current="true"', text) == [release]


def test_preflight_is_answered_whatever_is_named(site: str) -> None:
    for path in (f"/release/{GONE}/sparql", asked("/sparql", "none")):
        answer = requests.options(site + path, timeout=20)
        assert answer.status_code == 204
        assert "Accept-Datetime" in answer.headers["access-control-allow-headers"]


def test_the_list_of_all_states(site: str) -> None:
    answer = get(site, f"/timemap{DOCUMENT}")
    assert answer.headers["content-type"] == "application/link-format"
    states = re.findall(r'<([^>]+)>; rel="((?:\w+ )?memento)"; datetime="([^"]+)"', answer.text)
    kept = (OLD, MIDDLE, NEW)
    assert [state[0] for state in states] == [f"{site}/release/{one}{DOCUMENT}" for one in kept]
    assert [state[1] for state in states] == ["first memento", "memento", "last memento"]
    assert [state[2] for state in states] == [HTTP_DATE[one] for one in kept]
    assert f'<{site}{DOCUMENT}>; rel="original timegate"' in answer.text
    for address, _, _ in states:
        assert requests.get(address, timeout=20).status_code == 200
    for path in ("/timemap/ontology", "/timemap/", "/timemap/release/..%2f", "/timemap/timemap/sparql"):
        assert get(site, path).status_code in (200, 404)
    assert get(site, "/timemap/ontology").status_code == 404


def test_a_release_that_is_deleted_while_it_is_read(tmp_path: Path) -> None:
    make_releases(tmp_path)
    with serving(tmp_path, serve_settings()) as site:
        assert OLD in get(site, asked(f"/sparql?{QUERY}", OLD)).text
        assert OLD in get(site, asked(DOCUMENT, OLD)).text
        history.remember(tmp_path)
        shutil.rmtree(tmp_path / "releases" / OLD)
        for path in RESOURCES:
            for _ in range(2):
                assert get(site, asked(path, OLD)).status_code == 410, path
        assert get(site, DOCUMENT).headers["clirld-release"] == NEW


def test_what_was_kept_of_a_release_is_not_given_once_it_is_refused(tmp_path: Path) -> None:
    make_releases(tmp_path)
    with serving(tmp_path, serve_settings()) as site:
        switch(tmp_path, OLD)
        plain, named = f"/sparql?{QUERY}", asked(f"/sparql?{QUERY}", OLD)
        for path in (plain, plain, named, named):
            assert OLD in get(site, path).text
        switch(tmp_path, NEW)
        assert OLD in get(site, named).text
        assert NEW in get(site, plain).text
        shutil.rmtree(tmp_path / "releases" / OLD)
        assert get(site, named).status_code == 410
        assert NEW in get(site, plain).text


def test_a_list_of_releases_that_is_damaged(tmp_path: Path) -> None:
    make_releases(tmp_path)
    for text in ("{", "[1]", '{"20260201T000000Z-bbbbbbbb": "never"}', "\xff"):
        (tmp_path / "releases" / history.FILE).write_bytes(text.encode("latin-1"))
        assert [past.id for past in history.releases(tmp_path)] == [OLD, MIDDLE, ERASED, NEW]
    history.remember(tmp_path)
    shutil.rmtree(tmp_path / "releases" / MIDDLE)
    assert [past.id for past in history.releases(tmp_path)] == [OLD, MIDDLE, ERASED, NEW]
    assert CREATED[MIDDLE] in (tmp_path / "releases" / history.FILE).read_text()


@given(st.text(max_size=80))
def test_any_text_as_a_release(site: str, text: str) -> None:
    answer = get(site, asked("/catalog.ttl", quote(text.encode("utf-8", "surrogatepass"))))
    assert answer.status_code == (
        200 if text in (OLD, MIDDLE, NEW) else 410 if text in (GONE, ERASED, WITHDRAWN) else 404
    )


@given(
    st.lists(
        st.sampled_from(["/", "..", "%2f", "%2e%2e", OLD, "dump", "sparql", "doc", "é", "?", "#", "%"]), max_size=6
    )
)
def test_any_path_in_a_release(site: str, parts: list[str]) -> None:
    path = quote("".join(parts), safe="/%?#.")
    assert get(site, f"/release/{OLD}/{path}").status_code < 500
