"""The question of reuse and its answer: cases ranked by the need that is shared, then by likeness of the territory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal as OneOf

from pyoxigraph import Literal

from clirld.french import grouped
from clirld.query.failure import Failure, Language
from clirld.reuse.candidates import Known, candidates
from clirld.reuse.cases import Experience
from clirld.reuse.facts import CONCEPT, TERRITORY, Facts, Named
from clirld.reuse.likeness import NEAR, Likeness
from clirld.reuse.matching import Match, Matching, Ranked
from clirld.reuse.names import Names
from clirld.reuse.places import Place, Refused, find_place
from clirld.reuse.wording import say
from clirld.search.words import key as folded

MOST_SHOWN = 50
DEFAULT_SHOWN = 5
_FEW = 3
"""Cases that are shown where none is close, or few answer the need."""
_SIMILAR = 5
_MOST_NAMED = 8
"""Communes of a postcode that a note names."""


@dataclass(frozen=True, slots=True)
class Question:
    """A territory, by code, IRI or name; needs and practice fields, in the same ways; how many cases to show."""

    territory: str
    needs: Sequence[str] = ()
    practices: Sequence[str] = ()
    limit: int = DEFAULT_SHOWN


@dataclass(frozen=True, slots=True)
class Case:
    """A case: what it is, how it is like the question, and what was done, by whom, with which results."""

    initiative: Named
    kinds: list[Named]
    match: Match
    experience: Experience


@dataclass(frozen=True, slots=True)
class Listed:
    """An initiative that a registry only names: what it is and where; nothing is told of what was done there."""

    initiative: Named
    kinds: list[Named]
    practices: list[Named]
    territory: Named | None
    rank: int | None
    """Of its territory by likeness; 0 where that is the one asked for."""


@dataclass(frozen=True, slots=True)
class CommuneAlike:
    """A commune that is like the one that was asked for, and the cases there."""

    commune: Named
    cases: list[Named]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer: what was asked, in which situations the territory is, notes, and told cases from the best on."""

    asked: Named
    today: list[Named]
    territory: Named
    situations: list[Named]
    needs: list[Named]
    practices: list[Named]
    close: int
    """How many cases are close, with those that are only named."""
    known: int
    """How many cases there are."""
    compared: int
    """How many other groupings of communes are compared with this one."""
    groupings: int
    """How many there are; 0 where the release has no figures."""
    notes: list[str]
    cases: list[Case]
    named: list[Listed]
    """Those that are close and only named, the nearest first."""
    others: list[Case]
    """Where few are told for the need or practice field that is asked for: some of others, the nearest first."""
    own: list[Case]
    """Those of the territory itself that are told and not among `cases` or `others`."""
    communes: list[CommuneAlike]
    """Where a commune was asked for: those of its size that are most like it."""


def concepts(facts: Facts, scheme: str) -> list[Named]:
    """The concepts of a scheme, by name."""
    found = [facts.named(iri) for iri in facts.subjects("skos:inScheme", f"{CONCEPT}{scheme}")]
    return sorted(found, key=lambda one: folded(one.label))


def answer(
    facts: Facts,
    likeness: Likeness | None,
    question: Question,
    names: Names | None = None,
    known: Known | None = None,
) -> Answer:
    """The answer to a question, from the store of a release and its table of figures (None where it has none).

    `names` gives territories by name, where they may be asked for so. `known` has the cases of the store, for whoever
    answers more than one question.

    Cases that are told are shown, those that are close first; where none is close, three. Those that share nothing of
    what is asked for are no answer to it: some are told apart where less than three are. What a registry only names is
    listed apart. Raises Refused where the territory, a need or a practice field is not known.
    """
    place = find_place(facts, question.territory, names)
    needs = _asked(facts, "need", question.needs)
    practices = _asked(facts, "practice-field", question.practices)
    matching = Matching(facts, likeness, place, needs, practices)
    known = known or Known(candidates(facts))
    every = map(matching.ranked, known.candidates)
    ranked = sorted(every, key=lambda one: (one.score, one.case.initiative))
    told = [one for one in ranked if one.case.is_told]
    close = [one for one in told if one.is_close]
    named = [one for one in ranked if one.is_close and not one.case.is_told]
    few = min(question.limit, _FEW)
    fitting = [one for one in told if one.is_answer]
    shown = fitting[: question.limit if close else few]
    others = [one for one in told if not one.is_answer][: max(few - len(shown), 0)]
    counts = _Counts(len(close), len(named), len(ranked), len(shown))
    return Answer(
        place.asked,
        place.today,
        place.epci,
        matching.situations,
        needs,
        practices,
        counts.told + counts.named,
        counts.known,
        len(matching.alike),
        len(likeness.territories) if likeness else 0,
        list(_notes(facts, likeness, place, bool(matching.alike), has_asked=bool(needs or practices), counts=counts)),
        [_case(facts, one, known) for one in shown],
        [_listed(facts, one) for one in named],
        [_case(facts, one, known) for one in others],
        [_case(facts, one, known) for one in told if one.rank == 0 and one not in shown and one not in others],
        _communes(facts, likeness, place, known) if likeness else [],
    )


def _case(facts: Facts, one: Ranked, known: Known) -> Case:
    case = one.case
    kinds = [facts.named(kind) for kind in case.kinds]
    return Case(facts.named(case.initiative), kinds, one.match(), known.experience(facts, case.initiative))


def _listed(facts: Facts, one: Ranked) -> Listed:
    case = one.case
    kinds, practices = ([facts.named(concept) for concept in concepts] for concepts in (case.kinds, case.practices))
    return Listed(facts.named(case.initiative), kinds, practices, one.place(), one.rank)


def _asked(facts: Facts, scheme: OneOf["need", "practice-field"], given: Sequence[str]) -> list[Named]:
    """The concepts that are meant. Raises Refused, with all there are, where one is not known."""
    known = concepts(facts, scheme) if given else []
    names: dict[str, Named] = {}
    labels: dict[str, str] = {}
    for predicate in ("skos:hiddenLabel", "skos:altLabel", "skos:prefLabel"):  # the surest last: it stays
        for one in known:
            texts = [text.value for text in facts.objects(one.iri, predicate) if isinstance(text, Literal)]
            names |= dict.fromkeys(map(folded, texts), one)
            labels |= dict.fromkeys(map(folded, texts), one.label)
    names |= {folded(name): one for one in known for name in (one.iri, one.iri.rpartition("/")[2])}
    found = []
    for name in given:
        concept = names.get(folded(name.strip()))
        if concept is None:
            raise _unknown(scheme, name[:80], [one.label for one in known], labels)
        found.append(concept)
    return list(dict.fromkeys(found))


def other_names(facts: Facts, concepts: Sequence[Named]) -> dict[str, str]:
    """IRI of a concept → its other names in words of every day, where it has some, in the language of the facts."""
    found = {}
    for one in concepts:
        texts = [text for text in facts.objects(one.iri, "skos:altLabel") if isinstance(text, Literal)]
        if own := sorted(text.value for text in texts if text.language == facts.language):
            found[one.iri] = ", ".join(own)
    return found


def _unknown(
    scheme: OneOf["need", "practice-field"], given: str, labels: list[str], by_key: Mapping[str, str]
) -> Refused:
    """Why a concept is none, with those that may be meant, by any of their names, and all there are."""
    words = folded(given)
    near = [key for key in by_key if words and words in key] or get_close_matches(words, by_key, n=_SIMILAR)
    meant = ", ".join(list(dict.fromkeys(by_key[key] for key in near))[:_SIMILAR])
    about = "need" if scheme == "need" else "practice"
    detail = {
        "given": given,
        "near_fr": f" ; vouliez-vous dire : {meant} ?" if meant else "",
        "near_en": f"; did you mean: {meant}?" if meant else "",
        "allowed": ", ".join(labels),
    }
    return Refused(Failure(f"reuse-{about}", detail=detail), about)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Close cases that are told, close ones that are only named, all cases, and those that are shown."""

    told: int
    named: int
    known: int
    shown: int


def _communes(facts: Facts, likeness: Likeness, place: Place, known: Known) -> list[CommuneAlike]:
    """Which communes are most like the one that is asked for, and the cases there."""
    if len(place.today) != 1:
        return []
    initiatives, alike = {one.initiative for one in known.candidates}, []
    for key in likeness.near_commune(place.today[0].iri.removeprefix(TERRITORY)):
        commune = TERRITORY + key
        said = {case for name in ("clir:seatedIn", "clir:actsIn") for case in facts.subjects(name, commune)}
        there = said & initiatives
        named = sorted((facts.named(case) for case in there), key=lambda case: (folded(case.label), case.iri))
        alike.append(CommuneAlike(facts.named(commune), named))
    return alike


def communes_in_words(found: Answer, language: Language) -> str:
    """The communes that are alike, and the cases there, in a line; empty where there are none."""
    if not found.communes:
        return ""
    there = [f"{case.label} ({one.commune.label})" for one in found.communes for case in one.cases]
    return say(
        "communes-alike" if there else "communes-alike-without",
        language,
        territory=found.today[0].label,
        communes=", ".join(one.commune.label for one in found.communes),
        cases=", ".join(there),
    )


def ranks_in_words(found: Answer, language: Language) -> str:
    """Of what a rank is one: how many groupings are compared, and why others are not."""
    if not found.compared:
        return ""
    left = found.groupings - found.compared - 1
    counts = {"compared": found.compared, "all": found.groupings, "left": left}
    return say("ranks" if left else "ranks-all", language, **{n: grouped(one, language) for n, one in counts.items()})


def _notes(
    facts: Facts, likeness: Likeness | None, place: Place, is_comparable: bool, *, has_asked: bool, counts: _Counts
) -> list[str]:
    language, name = facts.language, place.epci.label
    notes = []
    if place.is_guessed:
        notes.append(say("guessed", language, asked=place.asked.label))
    if place.with_postcode:
        others, digits = place.with_postcode, place.asked.iri.rpartition("-")[2]
        named = [one.label for one in others[:_MOST_NAMED]]
        if len(others) > len(named):
            named.append(say("named-more", language, count=len(others) - len(named)))
        notes.append(say("postcode-too", language, digits=digits, asked=place.asked.label, others=", ".join(named)))
    if [one.iri for one in place.today] != [place.asked.iri]:
        today = ", ".join(one.label for one in place.today)
        notes.append(say("former", language, asked=place.asked.label, today=today))
    if place.others:
        notes.append(say("several", language, first=name, others=", ".join(one.label for one in place.others)))
    if likeness is None:
        notes.append(say("no-figures", language))
    elif not is_comparable:
        notes.append(say("not-comparable", language, territory=name))
    if not counts.known:
        notes.append(say("no-cases", language))
    elif not counts.shown:
        notes.append(say("none-fit" if has_asked else "none-shown", language))
    elif is_comparable and not counts.told:
        order = say("order-fit" if has_asked else "order-likeness", language)
        notes.append(say("none-told" if counts.named else "none-close", language, near=NEAR, order=order))
    if counts.known and is_comparable and not has_asked:
        notes.append(say("no-need", language))
    return notes
