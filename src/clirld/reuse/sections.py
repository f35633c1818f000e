"""A case as sections of lines to read, each with what says so: for a terminal and for a page alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from clirld.french import day_in_words, grouped
from clirld.query.failure import Language
from clirld.reuse.answer import Case, Listed
from clirld.reuse.cases import Obstacle, Outcome, Process, Role, Statement
from clirld.reuse.facts import Named, Source
from clirld.reuse.matching import Match
from clirld.reuse.wording import say, wording

_OPTIONAL = {"apart", "lessons", "read"}
"""Sections that nobody misses."""
_DAY = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, what it is about, who says so; `level` 1 belongs to the line of level 0 before it."""

    text: str
    iri: str = ""
    source: Source | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, by its name in `wording.yaml` and in words, and its lines."""

    name: str
    title: str
    lines: list[Line]


def sections(case: Case, language: Language) -> list[Section]:
    """All that is said of a case, in order; at the end, in one line, what no source says and a reader would ask for."""
    tell = _Teller(language)
    said, processes = case.experience, case.experience.processes
    found: list[tuple[str, Iterable[Line]]] = [
        ("why", tell.why(case.match)),
        ("apart", (Line(_joined([_sentence(one)])) for one in case.match.differs)),
        ("needs", map(tell.statement, _distinct(said.needs))),
        ("done", [*(line for one in processes for line in tell.process(one)), *map(tell.activity, said.activities)]),
        ("roles", map(tell.role, said.roles)),
        ("obstacles", (line for one in said.obstacles for line in tell.obstacle(one))),
        ("outcomes", map(tell.outcome, said.outcomes)),
        (
            "adapt",
            [
                *(line for one in processes for line in tell.conditions(one)),
                *map(tell.adaptation, said.adaptations),
                *tell.apart(case.match),
            ],
        ),
        ("lessons", (Line(one.text, one.iri, one.source) for one in said.lessons)),
        ("sources", (Line(one.citation, one.iri) for one in said.sources)),
        ("read", (Line(page, page) for page in said.pages)),
    ]
    told, unsaid = [], []
    for name, lines in found:
        if every := list(lines):
            told.append(Section(name, say(name, language), every))
        elif name not in _OPTIONAL:
            unsaid.append(say(name, language))
    if unsaid:
        text = say("list", language).join(_first_lower(one) for one in unsaid)
        told.append(Section("unsaid", say("unsaid", language), [Line(f"{_sentence(text)}.")]))
    return told


def named_groups(named: Sequence[Listed], language: Language) -> list[tuple[str, list[Listed]]]:
    """What is only named, by its kind: the kinds with most first, in each the nearest first."""
    groups: dict[str, list[Listed]] = {}
    for one in named:
        kind = one.kinds[0].label if one.kinds else say("named-other", language)
        groups.setdefault(kind, []).append(one)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def named_place(one: Listed, language: Language) -> str:
    """Where something that is only named is, and how near that is by likeness."""
    near = {0: say("named-own", language), None: ""}.get(one.rank)
    rank = say("named-rank", language, rank=grouped(one.rank or 0, language)) if near is None else near
    return ", ".join(filter(None, (one.territory.label if one.territory else "", rank)))


class _Teller:
    def __init__(self, language: Language) -> None:
        self.language, self.words = language, wording(language)

    def why(self, match: Match) -> Iterator[Line]:
        say_ = self.words
        if match.territory and match.grouping and match.is_own:
            yield Line(say_["own"].format(territory=match.territory.label), match.territory.iri)
        elif match.territory and match.grouping and match.rank:
            where = {"territory": match.territory.label, "grouping": match.grouping.label}
            rank, compared = (grouped(count, self.language) for count in (match.rank, match.compared))
            yield Line(say_["rank"].format(**where, rank=rank, of=compared), match.territory.iri)
        elif match.territory:
            yield Line(say_["only-place"].format(territory=match.territory.label), match.territory.iri)
        if match.likeness:
            yield Line(match.likeness)
        shared = {
            "shared-situations": match.situations,
            "shared-needs": match.needs,
            "narrower-needs": match.narrower_needs,
            "related-needs": match.related_needs,
            "shared-practices": match.practices,
            "narrower-practices": match.narrower_practices,
            "related-practices": match.related_practices,
        }
        for name, found in shared.items():
            if found:
                yield Line(say_[name].format(names=_names(found)))

    def apart(self, match: Match) -> Iterator[Line]:
        if match.differs_most:
            yield Line(self.words["territories-differ"].format(group=match.differs_most))

    def statement(self, one: Statement) -> Line:
        return Line(self._pair(_sentence(_names(one.kinds)), one.text), one.iri, one.source)

    def process(self, one: Process) -> Iterator[Line]:
        yield Line(self._pair(self.words["process"].format(name=one.text), one.description), one.iri, one.source)
        for step in one.steps:
            parts = [f"{step.order}. {step.text}" if step.order else step.text, step.description]
            parts += self._labelled({"inputs": step.inputs, "outputs": step.outputs})
            parts += self._labelled({"condition-of-step": [step.condition] if step.condition else []})
            yield Line(_joined(parts), step.iri, step.source, 1)

    def activity(self, one: Statement) -> Line:
        start, end = getattr(one, "start", ""), getattr(one, "end", "")
        start, end = self._day(start), self._day(end)
        when = _span(start, end)
        text = self.words["activity"].format(name=one.text)
        steps = self._labelled({"follows": [step.label for step in getattr(one, "steps", [])]})
        return Line(_joined([f"{text} ({when})" if when else text, *steps]), one.iri, one.source)

    def role(self, one: Role) -> Line:
        when = self._period(one.start, one.end)
        head = self._pair(one.actor.label, f"{_names(one.kinds)} ({when})" if when else _names(one.kinds))
        parts = [head, one.text]
        parts += self._labelled(
            {"instruments": [i.label for i in one.instruments], "reason": [one.reason] if one.reason else []}
        )
        return Line(_joined(parts), one.iri, one.source)

    def obstacle(self, one: Obstacle) -> Iterator[Line]:
        at = self._labelled({"at-step": [step.label for step in one.steps]})
        yield Line(_joined([self._pair(_sentence(_names(one.kinds)), one.text), *at]), one.iri, one.source)
        lifted = self._labelled(
            {"lifted": [one.lifted] if one.lifted else [], "lifted-by": [a.label for a in one.lifted_by]}
        )
        yield Line(_joined(lifted) or _sentence(self.words["not-lifted"]) + ".", level=1)

    def outcome(self, one: Outcome) -> Line:
        figures = {
            "baseline": _dated(self._number(one.baseline), one.baseline_year),
            "value": _dated(self._number(one.value), one.year),
            "target": self._number(one.target),
        }
        parts = [self._pair(_sentence(_names(one.kinds)), one.text) if one.kinds else one.text]
        told = [f"{self.words.get(name, '')} {text}".strip() for name, text in figures.items() if text]
        if told:
            parts.append(self._pair(_sentence(_names(one.indicators)), ", ".join(told)))
        parts += self._labelled(
            {"evidence": [e.label for e in one.evidence], "said-by": [e.label for e in one.said_by]}
        )
        return Line(_joined(parts), one.iri, one.source)

    def conditions(self, one: Process) -> Iterator[Line]:
        for name, text in (("resources", one.resources), ("transfer", one.transfer)):
            if text:
                yield Line(self._pair(self.words[name], text), one.iri, one.source)
        for condition in one.conditions:
            told = self._pair(self.words["condition"], _names(condition.kinds))
            yield Line(_joined([told, condition.text]), condition.iri, condition.source)

    def adaptation(self, one: Statement) -> Line:
        takeover, steps = getattr(one, "takeover", None), getattr(one, "steps", [])
        parts = [self._pair(_sentence(_names(one.kinds)), one.text)]
        reason = getattr(one, "reason", "")
        parts += self._labelled({"at-step": [step.label for step in steps], "reason": [reason] if reason else []})
        text = _joined(parts)
        return Line(f"{text} ({takeover.label})" if takeover else text, one.iri, one.source)

    def _period(self, start: str, end: str) -> str:
        one, two = self._day(start), self._day(end)
        if one and two:
            return _span(one, two)
        if one:
            return self.words["since" if one == start else "since-day"].format(start=one)
        return self.words["until" if two == end else "until-day"].format(end=two) if two else ""

    def _day(self, text: str) -> str:
        """A day in words, in French; a year, or what is none, as it is."""
        day = _DAY.fullmatch(text) if self.language == "fr" else None
        return day_in_words(*map(int, day.groups())) if day else text

    def _pair(self, name: str, text: str) -> str:
        return self.words["colon"].join(filter(None, (name, text)))

    def _labelled(self, texts: dict[str, Sequence[str]]) -> list[str]:
        """Parts such as “reason: …”, of those that are there."""
        return [self._pair(_sentence(self.words[name]), ", ".join(found)) for name, found in texts.items() if found]

    def _number(self, text: str) -> str:
        whole, _point, decimals = text.partition(".")
        decimals = decimals.rstrip("0")
        if whole.isdecimal():
            whole = grouped(int(whole), self.language)
        return f"{whole}{',' if self.language == 'fr' else '.'}{decimals}" if decimals else whole


def _distinct(needs: Sequence[Statement]) -> list[Statement]:
    """Needs without those that another says with more words: the same kinds and no text, or the same text."""
    texts = {one.iri for need in needs if need.text for one in need.kinds}
    kept: dict[tuple[tuple[str, ...], str], Statement] = {}
    for need in needs:
        kinds = tuple(one.iri for one in need.kinds)
        if need.text or not kinds or not texts.issuperset(kinds):
            kept.setdefault((kinds, need.text), need)
    return list(kept.values())


def _span(start: str, end: str) -> str:
    """« 2013–2014 », « 3 mars 2013 – 2014 »."""
    if not start or not end or start == end:
        return start or end
    return f"{start} – {end}" if " " in start + end else f"{start}–{end}"


def _names(found: Iterable[Named]) -> str:
    return ", ".join(one.label for one in found)


def _joined(parts: Iterable[str]) -> str:
    """Sentences one after another, each with its full stop."""
    return " ".join(part if part[-1] in ".!?…" else f"{part}." for part in (text.strip() for text in parts) if part)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _first_lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _dated(number: str, year: str) -> str:
    return f"{number} ({year})" if number and year else number
