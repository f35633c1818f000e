"""What a page shows of a thing, in plain data: values with the numbers of their sources, facts, parts, groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its text, where it leads to, its language, and the numbers of the sources that say it."""

    text: str
    href: str = ""
    language: str = ""
    datatype: str = ""
    iri: str = ""
    note: str = ""
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is said of one property. `by_source` is filled where sources contradict each other."""

    predicate: str
    label: str
    values: list[Value]
    by_source: list[tuple[int, list[Value]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """A thing that is told on the page of another: a role, a recognition, a step."""

    href: str
    lead: list[Value]
    main: list[Value]
    when: list[Value]
    what: list[Value]
    named: list[tuple[str, list[Value]]]
    is_public: bool
    is_dated: bool
    cite: Callable[[], tuple[int, ...]]
    """Numbers the sources: those of a part that is not shown have no number."""

    @property
    def sources(self) -> tuple[int, ...]:
        """Numbers of the sources that say so."""
        return self.cite()


@dataclass(frozen=True, slots=True)
class Group:
    """What links here in one property, things of one kind."""

    name: str
    predicate: str
    kind: str
    label: str
    kind_label: str
    count: int
    more: bool
    items: list[Value]
    parts: list[Part]
