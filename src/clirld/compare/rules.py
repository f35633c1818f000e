"""Situations by rule: `situations.yaml`, read and checked, and what it says of a territory.

Three answers (Kleene's strong logic of three values): a missing figure leaves an answer open unless the others settle
it. What would be answered otherwise if one threshold were a tenth higher or lower is near it, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from clirld import yamlfile
from clirld.errors import MappingError

Answer = Literal["holds", "does-not-hold", "cannot-be-said"]

_TENTH = 0.1


@dataclass(frozen=True, slots=True)
class Condition:
    """A figure compared with a threshold; `margin` is what a tenth of it is where the threshold is zero."""

    figure: str
    way: Literal["below", "above", "at-least", "at-most"]
    threshold: float
    margin: float

    def holds(self, figures: Mapping[str, float], shift: float = 0) -> bool | None:
        """Whether it holds, with the threshold moved by `shift` margins; None where the figure is missing."""
        if (value := figures.get(self.figure)) is None:
            return None
        threshold = self.threshold + shift * self.margin
        if self.way in ("below", "at-most"):
            return value < threshold or (self.way == "at-most" and value == threshold)
        return value > threshold or (self.way == "at-least" and value == threshold)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number of parts that must hold."""

    count: int
    parts: tuple[Condition | AtLeast, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its id, version, situation, what must hold, and its words in French and English."""

    id: str
    version: str
    situation: str
    whole: AtLeast
    title: Mapping[str, str]
    text: Mapping[str, str]

    @property
    def key(self) -> str:
        """Last part of its IRI."""
        return f"situation-{self.id}-{self.version}"

    @property
    def conditions(self) -> list[Condition]:
        """All conditions, each once, in their order."""
        return list(dict.fromkeys(_conditions(self.whole)))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a territory: the answer, the conditions that are known and whether each holds, those near."""

    rule: Rule
    answer: Answer
    signs: tuple[tuple[Condition, bool], ...]
    near: tuple[Condition, ...]
    missing: tuple[str, ...]
    """Figures that are missing, of an answer that cannot be given."""


def find(rule: Rule, figures: Mapping[str, float]) -> Finding:
    """What a rule says of a territory with these figures."""
    answer = _answer(_evaluate(rule.whole, lambda one: one.holds(figures)))
    near = []
    for condition in rule.conditions if answer != "cannot-be-said" else ():
        moved = (_evaluate(rule.whole, _moved(figures, condition, shift)) for shift in (-1, 1))
        if any(_answer(one) != answer for one in moved):
            near.append(condition)
    known = [(one, holds) for one in rule.conditions if (holds := one.holds(figures)) is not None]
    missing = [one.figure for one in rule.conditions if one.figure not in figures] if answer == "cannot-be-said" else []
    return Finding(rule, answer, tuple(known), tuple(near), tuple(dict.fromkeys(missing)))


def _moved(figures: Mapping[str, float], condition: Condition, shift: int) -> Callable[[Condition], bool | None]:
    return lambda one: one.holds(figures, shift if one == condition else 0)


def _answer(value: bool | None) -> Answer:
    return "cannot-be-said" if value is None else "holds" if value else "does-not-hold"


def _evaluate(part: Condition | AtLeast, holds: Callable[[Condition], bool | None]) -> bool | None:
    if isinstance(part, Condition):
        return holds(part)
    values = [_evaluate(one, holds) for one in part.parts]
    if values.count(True) >= part.count:
        return True
    return False if values.count(True) + values.count(None) < part.count else None


def _conditions(part: Condition | AtLeast) -> list[Condition]:
    if isinstance(part, Condition):
        return [part]
    return [one for inner in part.parts for one in _conditions(inner)]


FILE = Path(__file__).parent / "situations.yaml"


@cache
def load(path: Path = FILE) -> tuple[Rule, ...]:
    """The rules of a file, in its order. Raises MappingError with the line for what is not of its form."""
    file = yamlfile.load(path, MappingError)
    rules: dict[str, Rule] = {}
    for name, entry in file.data["rules"].items():
        where = ("rules", name)
        whole = _part(file, where, {"all": entry["all"]}, rules)
        assert isinstance(whole, AtLeast)
        rules[name] = Rule(
            name, str(entry["version"]), entry["situation"], whole, dict(entry["title"]), dict(entry["text"])
        )
    return tuple(rules.values())


_WAYS = ("below", "above", "at-least", "at-most")


def _part(
    file: yamlfile.YamlFile, where: tuple[Any, ...], entry: Mapping[str, Any], rules: Mapping[str, Rule]
) -> Condition | AtLeast:
    """A condition, a number of parts, or another rule of the file above it."""
    if "rule" in entry and entry["rule"] in rules:
        return rules[entry["rule"]].whole
    for word, count in (("all", None), ("any", 1), ("at-least-of", entry.get("count"))):
        if word in entry:
            parts = tuple(_part(file, (*where, word, n), one, rules) for n, one in enumerate(entry[word]))
            return AtLeast(len(parts) if count is None else int(count), parts)
    ways = [one for one in _WAYS if one in entry]
    if "figure" not in entry or len(ways) != 1 or set(entry) - {"figure", "margin", *_WAYS}:
        do = f"give a figure and one of {', '.join(_WAYS)}; or all, any, at-least-of with count, or a rule above"
        raise MappingError(f"“{dict(entry)}” is no condition", where=file.where(where), do=do)
    threshold = float(entry[ways[0]])
    margin = float(entry.get("margin", abs(threshold) * _TENTH))
    if not margin:
        raise MappingError(
            "a threshold of zero has no tenth", where=file.where(where), do="add margin: what is near it"
        )
    return Condition(entry["figure"], ways[0], threshold, margin)  # type: ignore[arg-type]
