"""The pages that a page cites, numbered as they come up in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from clirld.reuse.facts import Source


@dataclass(slots=True)
class Citations:
    """Pages by number, from 1. Two citations of one page, such as of its sheets 12 and 13, are two."""

    sources: list[Source] = field(default_factory=list)

    def number(self, source: Source | None) -> int:
        """The number of a source; 0 where there is none."""
        if source is None:
            return 0
        if source not in self.sources:
            self.sources.append(source)
        return self.sources.index(source) + 1

    def numbers(self, *sources: Source | None) -> list[int]:
        """The numbers of several, each once, in order."""
        return sorted({number for one in sources if (number := self.number(one))})
