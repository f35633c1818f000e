"""`/compare` on the release of the samples: two to four things side by side, and what cannot be compared."""

from __future__ import annotations

import csv
import io
from html import unescape
from urllib.parse import urlencode

import pytest
import requests

from clirld.web.compare.table import COLUMNS
from tests.web.test_pages import BROWSER, Page

IDS = "https://w3id.org/clirld/id/"
CASE = f"{IDS}process/capitalisation-pole-fictif-du-val-process-ecouter-essayer"
OTHER = "initiative/capitalisation-atelier-fictif"
GROUPING = "epci-200071116"


def ask(site: str, headers: dict[str, str] | None = None, **given: str) -> requests.Response:
    return requests.get(f"{site}/compare?{urlencode({'lang': 'en', **given})}", headers=headers or {}, timeout=60)


def others(site: str) -> list[str]:
    """Groupings that the samples have figures of, other than the first."""
    page = Page(ask(site, BROWSER, a=GROUPING).text)
    found = [link.rpartition("territory%2F")[2].partition("&")[0] for link in page.links if "&b=" in link]
    assert len(found) > 2
    return found


def test_territories_have_figures_with_unit_year_and_position(sampled: str) -> None:
    second, third, *_more = others(sampled)
    found = ask(sampled, a=GROUPING, b=IDS + "territory/" + second, c=third).json()
    assert (found["kind"], len(found["things"])) == ("territory", 3)
    rows = {row["name"]: row for group in found["groups"] for row in group["rows"]}
    cell = rows["unemployment"]["cells"][0]
    assert (rows["unemployment"]["unit"], rows["unemployment"]["year"]) == ("%", "2021")
    assert 0 <= cell["position"]["below"] <= 100
    assert cell["position"]["low"] <= cell["position"]["median"] <= cell["position"]["high"]
    assert cell["items"][0]["sources"][0]["citation"].startswith("Statistics")
    assert [(pair["one"], pair["two"]) for pair in found["pairs"]] == [(0, 1), (0, 2), (1, 2)]
    assert all(99 < sum(pair["shares"].values()) < 101 for pair in found["pairs"])
    assert found["rule"]["iri"].startswith(f"{IDS}rule/comparison-")


def test_the_table_is_the_same_as_csv_with_what_is_not_said(sampled: str) -> None:
    answer = ask(sampled, a=CASE, b=OTHER, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(lines[0]) == COLUMNS
    as_json = ask(sampled, a=CASE, b=OTHER).json()
    values = [
        (thing["label"], row["name"], item["text"])
        for group in as_json["groups"]
        for row in group["rows"]
        for thing, cell in zip(as_json["things"], row["cells"], strict=True)
        for item in cell["items"]
    ]
    assert [(one["thing"], one["feature"], one["value"]) for one in lines if one["state"] != "not-said"] == values
    assert {one["value"] for one in lines if one["state"] == "not-said"} == {""}
    assert all(one["sources"] for one in lines if one["feature"] == "obstacle" and one["value"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_cases_as_a_page(sampled: str, language: str) -> None:
    answer = ask(sampled, BROWSER, a=CASE, b=OTHER, lang=language)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.language == language
    assert len(page.ids) == len(set(page.ids))
    cited = {link[1:] for link in page.links if link.startswith("#s")}
    assert cited <= set(page.ids)
    text = unescape(answer.text)
    told = ["Ce qu'un seul a", "non renseigné"] if language == "fr" else ["What only one has", "not said"]
    assert [one for one in told if one not in text] == []


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({}, 400, "two to four"),
        ({"a": GROUPING}, 400, "there is only"),
        ({"a": GROUPING, "b": GROUPING}, 400, "all that is asked for is"),
        ({"a": GROUPING, "b": CASE}, 400, "(case)"),
        ({"a": "x", "b": GROUPING}, 404, "“x”"),
        ({"a": "<script>", "b": GROUPING}, 404, "script"),
        ({"a": "\u202egroup", "b": GROUPING}, 404, "nothing in this release"),
        ({"a": "1" * 5000, "b": GROUPING}, 404, "nothing in this release"),
        ({"a": "concept/phase/observation", "b": GROUPING}, 404, "nothing in this release"),
        ({"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"}, 400, "5 are asked for"),
        ({"a": "programme/appel-fictif-2016", "b": GROUPING}, 400, "neither a territory"),
    ],
)
def test_what_cannot_be_compared(sampled: str, given: dict[str, str], status: int, said: str) -> None:
    answer = ask(sampled, **given)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert said in answer.json()["detail"]
    if len(given) > 1:
        page = ask(sampled, BROWSER, **given)
        assert page.status_code == status
        assert "<script>" not in page.text
        Page(page.text)


def test_words_name_territories_or_lead_to_those_to_choose_from(sampled: str) -> None:
    named = ask(sampled, a="mairie de Lons-le-Saunier", b="26281")
    assert named.json()["things"][0]["label"] == "Lons-le-Saunier"
    page = ask(sampled, BROWSER, a="Nulle-Part-les-Bains", b=GROUPING, lang="en")
    assert page.status_code == 404
    assert "Found for “Nulle-Part-les-Bains”" in unescape(page.text)


def test_one_thing_leads_to_what_it_can_be_compared_with(sampled: str) -> None:
    page = Page(ask(sampled, BROWSER, a=GROUPING, add="Lons").text)
    assert set(page.fields) <= set(page.labelled)
    way = next(link for link in page.links if "commune-39300" in link and "&b=" in link)
    assert requests.get(sampled + way, headers=BROWSER, timeout=60).status_code == 200
    four = dict(zip("abcd", [GROUPING, *others(sampled)], strict=False))
    assert "<table" in ask(sampled, BROWSER, **four, add="Lons").text  # nothing can be added to four


def test_what_is_gone_or_replaced(documents: str) -> None:
    gone = ask(documents, a="initiative/gone", b="initiative/atelier")
    assert (gone.status_code, "no longer" in gone.json()["detail"]) == (410, True)
    renamed = ask(documents, a="initiative/renamed", b="initiative/a.ttl").json()
    assert renamed["things"][0]["iri"] == f"{IDS}initiative/atelier"
    assert any("today" in note for note in renamed["notes"])
    commune = ask(documents, a="territory/commune-0", b="territory/region-9").json()
    assert commune["things"][0]["iri"] == f"{IDS}territory/commune-1"


def test_within_a_release_links_stay_there(sampled: str) -> None:
    release = ask(sampled, a=CASE, b=OTHER).headers["clirld-release"]
    page = requests.get(f"{sampled}/release/{release}/compare?a={CASE}&b={OTHER}", headers=BROWSER, timeout=60)
    assert page.status_code == 200
    assert f'action="/release/{release}/compare"' in page.text
