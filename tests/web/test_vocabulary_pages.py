"""The documentation of the vocabulary: every term, concept and question, in both languages, and no dead link."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from clirld.map import yarrrml
from clirld.settings import Settings
from clirld.vocabulary import tables
from clirld.vocabulary.terms import Vocabulary
from clirld.web import vocabulary_pages

SETTINGS = Settings.from_environment({})
VOID = {"meta", "br", "rect", "line", "link", "img", "hr"}


class Page(HTMLParser):
    """Ids, links and text of a page; fails where a tag is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [value for value in [given.get("id")] if value]
        self.links += [value for value in [given.get("href")] if value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("pages")
    vocabulary = Vocabulary.load(SETTINGS.ontology)
    hub = tables.load(SETTINGS.ontology / "tables.yaml")
    known = yarrrml.load(SETTINGS.ontology / "mapping.yarrrml", hub, vocabulary.terms)
    written = vocabulary_pages.write(SETTINGS.ontology, known, out)
    assert [path.parent.name for path in written] == ["fr", "en"]
    return {path.parent.name: path.read_text(encoding="utf-8") for path in written}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_has_its_place_and_no_link_is_dead(pages: dict[str, str], language: str) -> None:
    page = Page(pages[language])
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []
    vocabulary = Vocabulary.load(SETTINGS.ontology)
    assert {iri.rpartition("#")[2] for iri in vocabulary.own} <= set(page.ids)
    concepts = {f"{scheme}/{slug}" for scheme, members in vocabulary.concepts.items() for slug in members}
    assert concepts <= set(page.ids)
    questions = {path.stem for path in (SETTINGS.ontology / "competency").glob("*.rq")}
    assert len(questions) >= 32
    assert questions <= set(page.ids)


def test_each_language_has_its_own_words(pages: dict[str, str]) -> None:
    for language, words in (("fr", "Initiative de coopération"), ("en", "Cooperation initiative")):
        other = "en" if language == "fr" else "fr"
        assert f'<html lang="{language}">' in pages[language]
        assert words.lower() in pages[language].lower()
        assert words.lower() not in pages[other].lower()


def test_nothing_comes_from_elsewhere(pages: dict[str, str]) -> None:
    for text in pages.values():
        assert "<script" not in text
        assert 'src="http' not in text
        assert "@import" not in text


def test_two_runs_write_the_same(pages: dict[str, str], tmp_path: Path) -> None:
    vocabulary = Vocabulary.load(SETTINGS.ontology)
    hub = tables.load(SETTINGS.ontology / "tables.yaml")
    known = yarrrml.load(SETTINGS.ontology / "mapping.yarrrml", hub, vocabulary.terms)
    for path in vocabulary_pages.write(SETTINGS.ontology, known, tmp_path):
        assert path.read_text(encoding="utf-8") == pages[path.parent.name]
