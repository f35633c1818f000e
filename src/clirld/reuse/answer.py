"""The question of reuse and its answer: cases ranked by the need that is shared, then by likeness of the territory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal as OneOf

from pyoxigraph import Literal

from clirld.compare import words as figures_in_words
from clirld.french import grouped
from clirld.query.failure import Failure
from clirld.reuse import cases
from clirld.reuse.cases import Experience
from clirld.reuse.facts import CONCEPT, TERRITORY, Facts, Named
from clirld.reuse.likeness import NEAR, Likeness
from clirld.reuse.names import Names
from clirld.reuse.places import Place, Refused, find_place
from clirld.reuse.wording import say
from clirld.search.words import key as folded

MOST_SHOWN = 50
DEFAULT_SHOWN = 5
_SHOWN_WITHOUT_CLOSE = 3
_SIMILAR = 5
Sharing = OneOf["same", "narrower", "related"]
"""How a concept of a case is shared: it is the one asked for, a narrower one, or one of the same family."""
_POINTS: Mapping[Sharing, int] = {"same": 2, "narrower": 2, "related": 1}


@dataclass(frozen=True, slots=True)
class Question:
    """A territory, by code, IRI or name; needs and practice fields, in the same ways; how many cases to show."""

    territory: str
    needs: Sequence[str] = ()
    practices: Sequence[str] = ()
    limit: int = DEFAULT_SHOWN


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
    differs: list[str]
    """In what it does not fit, in sentences; empty where it is close."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case: what it is, how it is like the question, and what was done, by whom, with which results."""

    initiative: Named
    kinds: list[Named]
    match: Match
    experience: Experience


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: what was asked, in which situations the territory is, notes, and cases from the best on."""

    asked: Named
    today: list[Named]
    territory: Named
    situations: list[Named]
    needs: list[Named]
    practices: list[Named]
    close: int
    """How many cases are close, all told."""
    known: int
    """How many cases there are."""
    notes: list[str]
    cases: list[Case]


@dataclass(frozen=True, slots=True)
class _Ranked:
    initiative: str
    score: tuple[int, ...]
    match: Callable[[], Match]
    is_close: bool
    is_told: bool


def concepts(facts: Facts, scheme: str) -> list[Named]:
    """The concepts of a scheme, by name."""
    found = [facts.named(iri) for iri in facts.subjects("skos:inScheme", f"{CONCEPT}{scheme}")]
    return sorted(found, key=lambda one: folded(one.label))


def answer(facts: Facts, likeness: Likeness | None, question: Question, names: Names | None = None) -> Answer:
    """The answer to a question, from the store of a release and its table of figures (None where it has none).

    `names` gives territories by name, where they may be asked for so.

    Raises Refused where the territory, a need or a practice field is not known.
    """
    place = find_place(facts, question.territory, names)
    needs = _asked(facts, "need", question.needs)
    practices = _asked(facts, "practice-field", question.practices)
    own = place.epci.iri.removeprefix(TERRITORY)
    alike = likeness.of(own) if likeness else {}
    every = _Matching(facts, likeness, place, needs, practices)
    ranked = sorted(map(every.ranked, cases.candidates(facts)), key=lambda one: (one.score, one.initiative))
    close = sum(one.is_close for one in ranked)
    listed = sum(one.is_close and not one.is_told for one in ranked)
    shown = ranked[: question.limit if close else min(question.limit, _SHOWN_WITHOUT_CLOSE)]
    return Answer(
        place.asked,
        place.today,
        place.epci,
        every.situations,
        needs,
        practices,
        close,
        len(ranked),
        list(_notes(facts, likeness, place, bool(alike), needs, practices, close, listed, len(ranked))),
        [
            Case(
                facts.named(one.initiative),
                facts.all_named(one.initiative, "clir:initiativeKind"),
                one.match(),
                cases.experience(facts, one.initiative),
            )
            for one in shown
        ],
    )


def _asked(facts: Facts, scheme: OneOf["need", "practice-field"], given: Sequence[str]) -> list[Named]:
    """The concepts that are meant. Raises Refused, with all there are, where one is not known."""
    known = concepts(facts, scheme) if given else []
    names: dict[str, Named] = {}
    for one in known:
        both = [text.value for text in facts.objects(one.iri, "skos:prefLabel") if isinstance(text, Literal)]
        for name in (one.iri, one.iri.rpartition("/")[2], *both):
            names[folded(name)] = one
    found = []
    for name in given:
        concept = names.get(folded(name.strip()))
        if concept is None:
            raise _unknown(scheme, name[:80], [one.label for one in known])
        found.append(concept)
    return list(dict.fromkeys(found))


def _unknown(scheme: OneOf["need", "practice-field"], given: str, labels: list[str]) -> Refused:
    """Why a concept is none, with those that may be meant and all there are."""
    by_key = {folded(label): label for label in labels}
    words = folded(given)
    near = [key for key in by_key if words and words in key] or get_close_matches(words, by_key, n=_SIMILAR)
    meant = ", ".join(by_key[key] for key in near[:_SIMILAR])
    about = "need" if scheme == "need" else "practice"
    detail = {
        "given": given,
        "near_fr": f" ; vouliez-vous dire : {meant} ?" if meant else "",
        "near_en": f"; did you mean: {meant}?" if meant else "",
        "allowed": ", ".join(labels),
    }
    return Refused(Failure(f"reuse-{about}", detail=detail), about)


def _notes(
    facts: Facts,
    likeness: Likeness | None,
    place: Place,
    is_comparable: bool,
    needs: Sequence[Named],
    practices: Sequence[Named],
    close: int,
    listed: int,
    known: int,
) -> list[str]:
    language, name = facts.language, place.epci.label
    notes = []
    if [one.iri for one in place.today] != [place.asked.iri]:
        today = ", ".join(one.label for one in place.today)
        notes.append(say("former", language, asked=place.asked.label, today=today))
    if place.others:
        notes.append(say("several", language, first=name, others=", ".join(one.label for one in place.others)))
    if likeness is None:
        notes.append(say("no-figures", language))
    elif not is_comparable:
        notes.append(say("not-comparable", language, territory=name))
    if not known:
        notes.append(say("no-cases", language))
    elif not close and is_comparable:
        notes.append(say("none-close", language))
    if listed:
        notes.append(say("listed-only", language, listed=listed, close=close))
    if known and is_comparable and not needs and not practices:
        notes.append(say("no-need", language))
    return notes


class _Matching:
    """How each case is like what is asked."""

    def __init__(
        self, facts: Facts, likeness: Likeness | None, place: Place, needs: list[Named], practices: list[Named]
    ) -> None:
        self.facts, self.likeness, self.needs, self.practices = facts, likeness, needs, practices
        self.own = place.epci.iri.removeprefix(TERRITORY)
        self.alike = likeness.of(self.own) if likeness else {}
        self.situations = _situations(facts, self.own)

    def ranked(self, initiative: str) -> _Ranked:
        """A case with what it is ranked by; how it matches is only put in words where it is shown."""
        facts = self.facts
        needs = self._shared(self.needs, cases.need_kinds(facts, initiative))
        practices = self._shared(self.practices, cases.practice_kinds(facts, initiative))
        where = cases.places(facts, initiative)
        ranks = {
            key: 0 if key == self.own else self.alike[key].rank for key in where if key == self.own or key in self.alike
        }
        nearest = min(ranks, key=lambda key: (ranks[key], key), default=next(iter(where), None))
        rank = ranks.get(nearest) if nearest else None
        fits = all(
            not asked or not {"same", "narrower"}.isdisjoint(shared.values())
            for asked, shared in ((self.needs, needs), (self.practices, practices))
        )
        is_close = fits and rank is not None and rank <= NEAR
        by_need, by_practice = self._degree(self.needs, needs), self._degree(self.practices, practices)
        has_no_process = not facts.subjects("clir:capitalisedFrom", initiative)
        is_told = cases.is_told(facts, initiative)
        # Of those that are close, what is told comes before what is only listed.
        score = (
            -by_need,
            -by_practice,
            not is_close,
            is_close and not is_told,
            rank is None,
            rank or 0,
            has_no_process,
        )

        def match() -> Match:
            territory = facts.named(where[nearest]) if nearest else self._wide(initiative)
            return self._match(territory, nearest, rank, needs, practices, is_close=is_close)

        return _Ranked(initiative, tuple(map(int, score)), match, is_close, is_told)

    def _wide(self, initiative: str) -> Named | None:
        """The smallest territory that is known of a case whose grouping is not."""
        found = self.facts.all_named(initiative, "clir:seatedIn", "clir:actsIn")
        return min(found, key=lambda one: ("/region-" in one.iri, one.iri), default=None)

    def _shared(self, asked: Sequence[Named], has: Sequence[str]) -> dict[str, Sharing]:
        """Concepts of a case → how it shares what is asked; those that share nothing are not there."""
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
        said = self.likeness.words(self.own, nearest, facts.language) if self.likeness and nearest and alike else ""
        theirs = {one.iri for one in _situations(facts, nearest)} if nearest else set()

        def of(shared: dict[str, Sharing], wanted: Sharing) -> list[Named]:
            return [facts.named(iri) for iri, how in shared.items() if how == wanted]

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
            [] if is_close else list(self._differs(nearest, rank, needs, practices)),
        )

    def _differs(
        self, nearest: str | None, rank: int | None, needs: dict[str, Sharing], practices: dict[str, Sharing]
    ) -> list[str]:
        language, told = self.facts.language, []
        for kind, asked, shared in (("need", self.needs, needs), ("practice", self.practices, practices)):
            if asked and {"same", "narrower"}.isdisjoint(shared.values()):
                told.append(say(f"{kind}-{'related' if shared else 'other'}", language))
        if nearest is None:
            told.append(say("place-unknown", language))
        elif rank is None:
            told.append(say("place-not-compared", language))
        elif rank > NEAR:
            group = figures_in_words.group(self.alike[nearest].differs_most, language)
            place = {"rank": grouped(rank, language), "of": grouped(len(self.alike), language)}
            told.append(say("far", language, **place, group=group))
        return told


def _situations(facts: Facts, key: str) -> list[Named]:
    return facts.all_named(TERRITORY + key, "clir:hasSituation")
