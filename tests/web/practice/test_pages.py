"""Pages of processes, practice fields and needs, on the release of the samples: all is there, and each source is."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from tests.web.test_pages import BROWSER, Page

PROCESS = "/doc/process/capitalisation-pole-fictif-du-val-process-ecouter-essayer"
KILOBYTES = 50
LINK = re.compile(r'href="([^"]*)"')


def shown(site: str, path: str) -> str:
    answer = requests.get(site + path, headers=BROWSER, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
    assert len(answer.content) <= KILOBYTES * 1024
    page = Page(answer.text)
    assert len(page.ids) == len(set(page.ids))
    # What is cited stands below, and what stands below is cited.
    cited = {link[1:] for link in page.links if re.fullmatch(r"#s\d+", link)}
    assert cited == {one for one in page.ids if re.fullmatch(r"s\d+", one)}
    assert "style=" not in answer.text  # the policy of the pages lets no style in an attribute through
    return unescape(answer.text)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ["Écouter puis essayer", "Les étapes", "prévu par une étape", "Ce qui l'a levé", "niveau de preuve"]),
        ("en", ["Listen, then try", "The steps", "expected by a step", "What lifted it", "evidence level"]),
    ],
)
def test_a_process_tells_of_its_case(sampled: str, language: str, told: list[str]) -> None:
    text = shown(sampled, f"{PROCESS}?lang={language}")
    assert [one for one in told if one not in text] == []
    links = LINK.findall(text)
    assert f"{PROCESS}/sheet?lang={language}" in links
    assert any(link.startswith("/compare?a=") for link in links)
    assert any(link.startswith("/reuse?territory=epci-") and "need=premises" in link for link in links)


def test_adaptations_conditions_and_governance_are_said(sampled: str) -> None:
    text = shown(sampled, f"{PROCESS}?lang=fr")
    for said in (
        "une personne, une voix",
        "L'essai a lieu dans un marché couvert",
        "Une ville qui prête un lieu sans en fixer l'usage.",
        "rapport-2019.pdf",
        ", p. ",
    ):
        assert said in text, said


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_sheet_has_blanks_and_its_sources(sampled: str, language: str) -> None:
    text = shown(sampled, f"{PROCESS}/sheet?lang={language}")
    assert text.count('class="blank"') > 10
    assert "https://w3id.org/clirld/id/process/capitalisation-pole-fictif-du-val-process-ecouter-essayer" in text


@pytest.mark.parametrize("path", ["/doc/process/none/sheet", "/doc/process/a%20b/sheet"])
def test_no_sheet_of_what_is_not_there(sampled: str, path: str) -> None:
    answer = requests.get(sampled + path, timeout=60)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        (
            "practice-field/recycling-centre",
            ["Recyclerie", "Pôle fictif du Val", "Ce qui a marché"],
        ),
        ("practice-field/reuse", ["Pôle fictif du Val"]),  # a narrower one has it
        ("need/premises", ["lieu où commencer une activité", "Par quelles pratiques on y répond"]),
        ("need/housing", ["Aucun cas n'est encore raconté ici."]),
        ("phase/observation", ["Étapes"]),
    ],
)
def test_a_practice_field_or_a_need_is_a_page(sampled: str, concept: str, said: list[str]) -> None:
    text = shown(sampled, f"/doc/concept/{concept}?lang=fr")
    assert [one for one in said if one not in text] == []
    assert shown(sampled, f"/doc/concept/{concept}?lang=fr&in=region-0") != ""


def test_a_programme_lists_what_it_recognised(sampled: str) -> None:
    assert "Ce qu'il a reconnu" in shown(sampled, "/doc/programme/appel-fictif-2016?lang=fr")
