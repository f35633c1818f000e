"""What a grouping of communes is like: its situations by rule, with figures and thresholds; what is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from clirld.settings import BASE
from clirld.web import number_formats
from clirld.web.documents.naming import whole
from clirld.web.documents.things import Thing, naming_it, read, readable
from clirld.web.documents.told import Value
from clirld.web.documents.view import Page
from clirld.web.documents.wording import Words

_RULES = f"{BASE}id/rule/situation-"
_SITUATIONS = f"{BASE}concept/territory-situation/"
_HOLDS, _UNKNOWN = (f"{BASE}concept/finding-answer/{name}" for name in ("holds", "cannot-be-said"))

MEASURES = {
    "clir:inhabitants": "",
    "clir:area": "km²",
    "clir:jobs": "",
    "clir:manufacturingJobs": "",
    "clir:retailJobs": "",
    "clir:active": "",
    "clir:unemployed": "",
    "clir:medianIncome": "€",
    "clir:incomeGrowth": "%",
    "clir:vacantShare": "%",
    "clir:ruralShare": "%",
}
"""What is counted of a territory, in the order shown, with its unit."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule says of a territory: `holds`, `near`, `cannot-be-said` or `does-not-hold`, and why."""

    label: str
    answer: str
    why: list[Value]
    rule: Value
    rule_text: list[Value]
    version: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its year, and the year of the boundaries that it is counted in."""

    text: str
    year: str
    boundaries: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted, and its values by year."""

    label: str
    figures: list[Figure]


def situations(page: Page, findings: Iterable[Thing], comparison: Thing | None) -> list[Situation]:
    """What each rule says of a territory that the rules were applied to; nothing of any other.

    A rule that has no finding does not hold (docs/comparable-territories.md).
    """
    by_rule = {rule.value: one for one in findings for rule in one.nodes("clir:byRule")}
    if not by_rule and comparison is None:
        return []
    store = page.naming.store
    rules = [read(store, node) for node in naming_it(store, NamedNode(whole("prov:Plan")), "rdf:type")]
    found = []
    for rule in rules:
        if rule.iri.startswith(_RULES):
            finding = by_rule.get(rule.iri)
            found.append(_situation(page, rule, finding, (finding or comparison or rule).quads))
    order = ("holds", "near", "cannot-be-said", "does-not-hold")
    return sorted(found, key=lambda one: (order.index(one.answer), one.label))


def _situation(page: Page, rule: Thing, finding: Thing | None, said: list[Quad]) -> Situation:
    # Called as everywhere else: a rule has a name of its own, and its IRI the end of that of the situation.
    key = rule.iri.removeprefix(_RULES).rpartition("-")[0]
    concept = next((node.value for node in finding.nodes("clir:situation")), "") if finding else f"{_SITUATIONS}{key}"
    return Situation(
        page.naming.label(concept or rule.iri),
        _answer(finding),
        texts(page, finding) if finding else [],
        page.value(rule.node),
        texts(page, rule),
        rule.text("dcat:version"),
        page.numbers(said),
    )


def _answer(finding: Thing | None) -> str:
    answers = [node.value for node in finding.nodes("clir:answer")] if finding else []
    if _HOLDS in answers:
        return "holds"
    if _UNKNOWN in answers:
        return "cannot-be-said"
    return "near" if finding and finding.text("clir:nearThreshold") == "true" else "does-not-hold"


def texts(page: Page, thing: Thing) -> list[Value]:
    """What a thing says of itself, in the reader's language where it does."""
    return [page.value(quad.object) for quad in readable(thing.of("dct:description"), page.naming.language)]


def measures(page: Page, words: Words, observations: Iterable[Thing]) -> list[Measure]:
    """What is counted of a territory, by measure, the latest year first."""
    told = sorted(observations, key=lambda one: (one.text("clir:year"), one.iri), reverse=True)
    found = []
    for name, unit in MEASURES.items():
        figures = [figure for one in told for figure in _figures(page, words, one, name, unit)]
        if figures:
            label = page.naming.property(whole(name))
            found.append(Measure(f"{label[:1].upper()}{label[1:]}", figures))
    return found


def _figures(page: Page, words: Words, told: Thing, name: str, unit: str) -> Iterator[Figure]:
    for text in told.texts(name):
        value = number_formats.figure(text, page.naming.language)
        rate = ""
        if name == "clir:unemployed" and (active := _number(told.text("clir:active"))):
            share = number_formats.percent(_number(text) / active, page.naming.language)
            rate = f" {words('rate-of-active', share=share)}"
        shown = f"{value}\N{NO-BREAK SPACE}{unit}" if unit else value
        yield Figure(shown + rate, told.text("clir:year"), told.text("clir:boundariesYear"), page.numbers(told.quads))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
