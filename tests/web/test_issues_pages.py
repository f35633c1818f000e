"""The pages of what was noticed: every source, one source, a failure with what to do, and the files behind them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clirld.harvest import issue_groups
from clirld.issues import Issue, failure_issue
from tests.web.served import MANIFEST, make_release, serving
from tests.web.test_pages import Page, get, raw

FAILURE = {
    "source": "lieux",
    "stage": "fetch",
    "what": "the file is gone (the server answered 404)",
    "where": "https://example.org/<lieux>.csv",
    "do": "write to them",
    "when": "2026-11-24T04:00:00+00:00",
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose only source failed, and has issues of all severities."""
    data = tmp_path_factory.mktemp("data")
    source = {**MANIFEST["sources"][0], "failure": FAILURE}
    folder = make_release(data, sources=[source])
    misses = [
        Issue("lieux", "records", "lookup-miss", "lieux", n, "TYPE", f"<b>{n}", {"lookup": "t"}) for n in range(9)
    ]
    fixed = Issue("lieux", "records", "zero-restored", "lieux", 3, "CP", "1000", {"to": "01000"})
    found = [failure_issue(FAILURE), *misses, fixed]
    account = {"reasons": {"held": {}, "dropped": {"missing-name": 5}}}
    (folder / "reports").mkdir()
    (folder / "reports" / "lieux.issues.json").write_text(json.dumps(issue_groups.issue_summary(found, account, {})))
    (folder / "reports" / "lieux.issues.jsonl").write_text("".join(f"{one.as_json()}\n" for one in found))
    (folder / "reports" / "lieux.publisher.html").write_text("<!doctype html>")
    (folder / "reports" / "lieux.publisher.csv").write_text("row\n")
    (folder / "reports" / "lieux.ttl").write_text("<a:a> <a:b> <a:c> .\n")
    return data


def test_every_source_with_its_numbers_and_what_failed(release: Path) -> None:
    with serving(release) as site:
        page = Page(get(site, "/issues?lang=en").text)
        assert page.language == "en"
        assert "/issues/lieux?lang=en" in page.links
        text = get(site, "/issues?lang=en").text
        assert "the file is gone (the server answered 404)" in text
        assert "→ write to them" in text
        assert "/issues?lang=fr" in Page(get(site, "/?lang=fr").text).links


def test_a_source_with_its_issues_in_groups(release: Path) -> None:
    with serving(release) as site:
        french = get(site, "/issues/lieux").text
        assert Page(french).language == "fr"
        assert "le fichier a disparu (le serveur a répondu 404)" in french
        assert "la ligne ne dit pas name" in french
        assert "« &lt;b&gt;0 » n&#39;est pas dans la table t" in french
        assert "et 4 autres" in french
        assert french.index('id="error"') < french.index('id="warning"') < french.index('id="info"')
        assert "1\N{NARROW NO-BREAK SPACE}512 lignes lues" in french
        links = Page(french).links
        assert "/release/reports/lieux.issues.jsonl" in links
        lines = get(site, "/release/reports/lieux.issues.jsonl")
        assert lines.headers["content-type"] == "application/jsonl"
        assert len(lines.text.splitlines()) == 11
        for kind, media in (("html", "text/html; charset=utf-8"), ("csv", "text/csv; charset=utf-8")):
            assert f"/release/reports/lieux.publisher.{kind}" in links
            assert get(site, f"/release/reports/lieux.publisher.{kind}").headers["content-type"] == media


def test_reports_with_raw_values_and_other_files_are_not_served(release: Path) -> None:
    with serving(release) as site:
        assert get(site, "/release/reports/lieux.ttl").status_code == 404
        assert raw(site, "/release/reports/../secret.issues.json")[0] == 404
        assert get(site, "/issues/nothing").status_code == 404


def test_a_release_that_says_nothing_of_issues(tmp_path: Path) -> None:
    make_release(tmp_path)
    with serving(tmp_path) as site:
        assert "says nothing of the issues" in get(site, "/issues/lieux?lang=en").text
        assert get(site, "/issues").status_code == 200
    with serving(tmp_path / "none") as site:
        assert get(site, "/issues").status_code == 503
        assert get(site, "/issues/lieux").status_code == 503
