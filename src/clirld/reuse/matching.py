"""How each case is like what is asked: by the need and the practice that it shares, and by its territory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal as OneOf

from clirld.compare import words as figures_in_words
from clirld.french import grouped
from clirld.reuse.candidates import Candidate
from clirld.reuse.facts import TERRITORY, Facts, Named
from clirld.reuse.likeness import NEAR, Likeness
from clirld.reuse.places import Place
from clirld.reuse.wording import say

Sharing = OneOf["same", "narrower", "related"]
"""How a concept of a case is shared: it is the one asked for, a narrower one, or one of the same family."""
_POINTS: Mapping[Sharing, int] = {"same": 2, "narrower": 2, "related": 1}


@dataclass(frozen=True, slots=True)
class Match:
    """How a case is like the question: shared and related needs and practices, and how like its territory is."""

    territory: Named | None
    grouping: Named | None
    """The nearest of the groupings where the case is; None where that is not known so exactly."""
    is_own: bool
    """Whether it is in the grouping that was asked for."""
    rank: int | None
    compared: int
    distance: float | None
    shares: dict[str, float]
    """Share of each group of figures in the squared distance."""
    differs_most: str
    """The group of figures that sets them apart most, in words."""
    likeness: str
    situations: list[Named]
    """Situations that both territories are in."""
    needs: list[Named]
    narrower_needs: list[Named]
    related_needs: list[Named]
    practices: list[Named]
    narrower_practices: list[Named]
    related_practices: list[Named]
    is_close: bool
    unlike: list[str]
    """In what the need and the practice field do not fit, in sentences."""
    differs: list[str]
    """In what it does not fit, its territory too; empty where it is close."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A case, what it is ranked by (the smaller, the better), and how it matches, in words when asked for."""

    case: Candidate
    score: tuple[int, ...]
    place: Callable[[], Named | None]
    match: Callable[[], Match]
    rank: int | None
    is_close: bool
    is_answer: bool
    """Whether it shares something of each that is asked for, need and practice field: others are no answer."""


class Matching:
    """How each case is like what is asked."""

    def __init__(
        self, facts: Facts, likeness: Likeness | None, place: Place, needs: list[Named], practices: list[Named]
    ) -> None:
        self.facts, self.likeness, self.needs, self.practices = facts, likeness, needs, practices
        self.own = place.epci.iri.removeprefix(TERRITORY)
        self.alike = likeness.of(self.own) if likeness else {}
        self.situations = _situations(facts, self.own)

    def ranked(self, case: Candidate) -> Ranked:
        """A case with what it is ranked by; how it matches is only put in words where it is shown."""
        facts, where = self.facts, case.places
        needs, practices = self._shared(self.needs, case.needs), self._shared(self.practices, case.practices)
        ranks = {
            key: 0 if key == self.own else self.alike[key].rank for key in where if key == self.own or key in self.alike
        }
        nearest = min(ranks, key=lambda key: (ranks[key], key), default=next(iter(where), None))
        rank = ranks.get(nearest) if nearest else None
        fits = all(
            not asked or not {"same", "narrower"}.isdisjoint(shared.values())
            for asked, shared in ((self.needs, needs), (self.practices, practices))
        )
        is_answer = all(shared or not asked for asked, shared in ((self.needs, needs), (self.practices, practices)))
        is_close = fits and rank is not None and rank <= NEAR
        by_need, by_practice = self._degree(self.needs, needs), self._degree(self.practices, practices)
        # What shares more of the need comes first, whatever its territory. Of those that are close, what has a process
        # written down, then what tells what was done, and those of the territory itself after those of others. Of all
        # others the likeness decides; those whose likeness is not known come after those of equal fit.
        score = (
            -by_need,
            -by_practice,
            not is_close,
            is_close and not case.has_process,
            is_close and not case.says_what_was_done,
            rank is None,
            rank or NEAR,
            not case.has_process,
        )

        def place() -> Named | None:
            return facts.named(where[nearest]) if nearest else self._wide(case.initiative)

        def match() -> Match:
            return self._match(place(), nearest, rank, needs, practices, is_close=is_close)

        return Ranked(case, tuple(map(int, score)), place, match, rank, is_close, is_answer)

    def _wide(self, initiative: str) -> Named | None:
        """The smallest territory that is known of a case whose grouping is not."""
        found = self.facts.all_named(initiative, "clir:seatedIn", "clir:actsIn")
        return min(found, key=lambda one: ("/region-" in one.iri, one.iri), default=None)

    def _shared(self, asked: Sequence[Named], has: Sequence[str]) -> dict[str, Sharing]:
        """Concepts of a case → how it shares what is asked; those that share nothing are not there."""
        if not asked:
            return {}
        wanted = {one.iri: set(self.facts.broader(one.iri)) for one in asked}
        found: dict[str, Sharing] = {}
        for concept in has:
            own = set(self.facts.broader(concept))
            if concept in wanted:
                found[concept] = "same"
            elif not own.isdisjoint(wanted):
                found[concept] = "narrower"
            elif any(up & own for up in wanted.values()):
                found[concept] = "related"
        return found

    def _degree(self, asked: Sequence[Named], shared: Iterable[str]) -> int:
        """How much of what is asked a case shares: of each thing asked the best, however many of its kinds it has."""
        best = (self._shared([one], list(shared)).values() for one in asked)
        return sum(max((_POINTS[how] for how in found), default=0) for found in best)

    def _match(
        self,
        territory: Named | None,
        nearest: str | None,
        rank: int | None,
        needs: dict[str, Sharing],
        practices: dict[str, Sharing],
        *,
        is_close: bool,
    ) -> Match:
        facts, is_own = self.facts, nearest == self.own
        alike = self.alike.get(nearest or "")
        said = ""
        if self.likeness and nearest and alike:
            said = self.likeness.words(self.own, nearest, facts.language, is_yours=True)
        theirs = {one.iri for one in _situations(facts, nearest)} if nearest else set()

        def of(shared: dict[str, Sharing], wanted: Sharing) -> list[Named]:
            return [facts.named(iri) for iri, how in shared.items() if how == wanted]

        unlike = list(self._unlike(needs, practices))
        return Match(
            territory,
            facts.named(TERRITORY + nearest) if nearest else None,
            is_own,
            rank or None,
            len(self.alike),
            round(alike.distance, 2) if alike else None,
            {name: round(share, 2) for name, share in alike.shares.items()} if alike else {},
            figures_in_words.group(alike.differs_most, facts.language) if alike else "",
            said,
            [one for one in self.situations if one.iri in theirs],
            of(needs, "same"),
            of(needs, "narrower"),
            of(needs, "related"),
            of(practices, "same"),
            of(practices, "narrower"),
            of(practices, "related"),
            is_close,
            unlike,
            [] if is_close else [*unlike, *self._far(nearest, rank)],
        )

    def _unlike(self, needs: dict[str, Sharing], practices: dict[str, Sharing]) -> Iterator[str]:
        for kind, asked, shared in (("need", self.needs, needs), ("practice", self.practices, practices)):
            if asked and {"same", "narrower"}.isdisjoint(shared.values()):
                yield say(f"{kind}-{'related' if shared else 'other'}", self.facts.language)

    def _far(self, nearest: str | None, rank: int | None) -> Iterator[str]:
        language = self.facts.language
        if nearest is None:
            yield say("place-unknown", language)
        elif rank is None:
            yield say("place-not-compared", language)
        elif rank > NEAR:
            group = figures_in_words.group(self.alike[nearest].differs_most, language)
            place = {"rank": grouped(rank, language), "of": grouped(len(self.alike), language)}
            yield say("far", language, **place, group=group)


def _situations(facts: Facts, key: str) -> list[Named]:
    return facts.all_named(TERRITORY + key, "clir:hasSituation")
