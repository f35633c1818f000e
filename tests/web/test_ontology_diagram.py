"""The diagram of the ontology: it says what the mapping links, and nothing in it lies on anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

import pytest

from clirld.project import Project
from clirld.settings import Settings
from clirld.web import vocabulary_pages
from docs import ontology_diagram

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = vocabulary_pages.LANGUAGES
Box = tuple[str, float, float, float, float]


@pytest.fixture(scope="module")
def said() -> dict[str, vocabulary_pages.Links]:
    project = Project.load(Settings.from_environment({}))
    return vocabulary_pages.links(project.settings.ontology, project.mapping)


def drawing(language: str) -> ElementTree.Element:
    return ElementTree.fromstring(ontology_diagram.path(language).read_text(encoding="utf-8"))


def boxes(root: ElementTree.Element) -> Iterator[Box]:
    """What takes room: name, left, top, right, bottom. A text is as wide as its letters are estimated to be."""
    for rect in root.iter(f"{SVG}rect"):
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        yield "box", x, y, x + width, y + height
    for text in root.iter(f"{SVG}text"):
        if text.attrib["class"] == "label":
            x, y, words = float(text.attrib["x"]), float(text.attrib["y"]), text.text or ""
            half = len(words) * ontology_diagram.WIDTH["label"] / 2
            yield words, x - half, y - ontology_diagram.SIZE * 0.8, x + half, y + ontology_diagram.SIZE * 0.2


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_lie_on_each_other_and_all_are_inside(language: str) -> None:
    root = drawing(language)
    found = list(boxes(root))
    assert len(found) > 60
    overlapping = [
        (one, other)
        for one, other in combinations(found, 2)
        if one[1] < other[3] and other[1] < one[3] and one[2] < other[4] and other[2] < one[4]
    ]
    assert overlapping == []
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    right, bottom = left + width, top + height
    assert [one for one in found if one[1] < left or one[2] < top or one[3] > right or one[4] > bottom] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_every_class_and_every_link(said: dict[str, vocabulary_pages.Links], language: str) -> None:
    """Where this fails, the mapping or a label has changed: run `make diagram`.

    A term of others needs its words in `foreign` of `vocabulary_pages.yaml` first.
    """
    root = drawing(language)
    texts = {"name": [], "label": []}  # type: dict[str, list[str]]
    for text in root.iter(f"{SVG}text"):
        texts[text.attrib["class"]].append(text.text or "")
    assert sorted(texts["name"]) == sorted(said[language].names.values())
    assert sorted(texts["label"]) == sorted(link.label for link in said[language].links)
    assert not [label for label in texts["label"] + texts["name"] if re.match(r"[a-z]+:[A-Za-z]", label)]
    fit = [text for text in texts["name"] if len(text) * ontology_diagram.WIDTH["name"] > 330]
    assert fit == []


@pytest.mark.skipif(not ontology_diagram.version(), reason="no graphviz")
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_what_dot_makes(language: str) -> None:
    root = drawing(language)
    if root.attrib["data-made-by"] != ontology_diagram.version():
        pytest.skip("made by another version of dot")
    assert ontology_diagram.made()[language] == ontology_diagram.path(language).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_the_same_in_words(said: dict[str, vocabulary_pages.Links], language: str) -> None:
    project = Project.load(Settings.from_environment({}))
    page = vocabulary_pages.render(project.settings.ontology, project.mapping)[language]
    assert "<svg" in page
    listed = [(one["label"], label, end) for one in said[language].by_class() for label, _name, end, _own in one["to"]]
    assert len(listed) == len(said[language].links)
    for link in said[language].links:
        assert (said[language].names[link.start], link.label, said[language].names[link.end]) in listed
