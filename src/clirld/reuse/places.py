"""The grouping of communes (EPCI) that a code leads to: of today, through mergers and from commune to grouping."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clirld.query.failure import Failure
from clirld.reuse.facts import TERRITORY, Facts, Named
from clirld.reuse.names import Names
from clirld.reuse.wording import say
from clirld.search.words import key as folded
from clirld.territory.codes import padded, read_code

_SIREN = re.compile(r"[0-9]{9}")
_FIVE = re.compile(r"[0-9]{5}")
_SIGNS = re.compile(r"[0-9][0-9A-Z]{4}")
_KEY = re.compile(
    r"(commune|epci|arrondissement-municipal|departement|region|arrondissement|canton)-[0-9A-Z]{1,9}", re.IGNORECASE
)
_KINDS = ("commune", "epci", "arrondissement-municipal")


class Refused(Exception):  # noqa: N818
    """A question that cannot be answered, and why, in words; `about` is what of it: territory, need or practice.

    `choices` are territories that may be meant, with where they are.
    """

    def __init__(self, failure: Failure, about: str = "territory", choices: Sequence[tuple[Named, str]] = ()) -> None:
        super().__init__(failure.kind)
        self.failure = failure
        self.about = about
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Place:
    """A territory that was asked for, what it is today, and its grouping: the first where there are several."""

    asked: Named
    today: list[Named]
    epci: Named
    others: list[Named]
    """Groupings that the other parts of it are in today."""
    is_guessed: bool = False
    """Whether it was asked for in words that are not its name."""
    with_postcode: tuple[Named, ...] = ()
    """Where it was asked for by its Insee code: the other communes that have the same digits as their postcode."""


def find_place(facts: Facts, given: str, names: Names | None = None) -> Place:
    """What a code, the end of an IRI, an IRI or words for a commune or grouping lead to.

    Raises Refused where it is neither, where words may name several, or for a commune in no grouping.
    """
    key = _key(facts, given, names)
    today = _today(facts, key)
    epcis = list(dict.fromkeys(epci for one in today for epci in groupings(facts, one)))
    asked = facts.named(TERRITORY + key)
    if not epcis:
        code = key.rpartition("-")[2]
        raise Refused(Failure("reuse-no-grouping", detail={"given": f"{asked.label} ({code})"}))
    first, *others = [facts.named(TERRITORY + one) for one in epcis]
    is_guessed = not key.endswith(_code(given)) and folded(given) != folded(asked.label)
    with_postcode = _with_postcode(given, names) if key.endswith(_code(given)) else []
    return Place(
        asked,
        [facts.named(TERRITORY + one) for one in today],
        first,
        others,
        is_guessed,
        tuple(facts.named(TERRITORY + one) for one in with_postcode if one != key),
    )


def check_digits(facts: Facts, given: str, names: Names | None) -> None:
    """Raises Refused, with each commune that may be meant, where five digits are the code of one and others' postcode.

    For whoever can choose: a program that gives a code gets its commune, and a note.
    """
    others = _with_postcode(given, names)
    own = next((f"{kind}-{_code(given)}" for kind in _KINDS if _is_known(facts, f"{kind}-{_code(given)}")), None)
    others = [key for key in others if key != own]
    if own and others:
        label, digits = facts.label(TERRITORY + own), _code(given)
        choices = [
            (facts.named(TERRITORY + key), ", ".join(filter(None, (_where(facts, key, has_code=False), how))))
            for how, keys in (
                (say("by-insee", facts.language, digits=digits), [own]),
                (say("by-postcode", facts.language, digits=digits), others),
            )
            for key in keys
        ]
        raise Refused(Failure("reuse-postcode", detail={"given": digits, "label": label}), choices=choices)


def _with_postcode(given: str, names: Names | None) -> list[str]:
    """The communes whose postcode is given: none where it is no five digits."""
    text = given.strip()
    return names(text) if names and _FIVE.fullmatch(text) else []


def groupings(facts: Facts, key: str) -> list[str]:
    """The groupings that a territory is or is in, by key; none of a département or a region."""
    if key.startswith("epci-"):
        return [key]
    within = [one.removeprefix(TERRITORY) for one in facts.iris(TERRITORY + key, "dct:isPartOf")]
    found = [one for one in within if one.startswith("epci-")]
    # An arrondissement of Paris, Lyon or Marseille is in the grouping of its commune.
    return found or [epci for one in within if one.startswith("commune-") for epci in groupings(facts, one)]


def _key(facts: Facts, given: str, names: Names | None) -> str:
    text = given.strip().removeprefix(TERRITORY)
    if not text:
        raise Refused(Failure("reuse-no-territory"))
    bare = re.sub(r"\s", "", text).upper()
    code = read_code(text).code or (bare if _SIREN.fullmatch(bare) or _SIGNS.fullmatch(bare) else "")
    if code:
        keys = [f"{kind}-{code}" for kind in _KINDS]
    elif _KEY.fullmatch(text):
        kind, _, code = text.rpartition("-")
        keys = [f"{kind.lower()}-{code.upper()}"]
    else:
        keys = meant(facts, text, names)
        if len(keys) > 1:
            raise _several(facts, text, keys)
    if keys and keys[0].rpartition("-")[0] not in _KINDS:
        inside = apart(facts, _groupings_inside(facts, keys[0]))
        raise Refused(Failure("reuse-wide-territory", detail={"given": text[:80]}), choices=inside)
    known = [key for key in keys if _is_known(facts, key)]
    if not known and len(known := _with_postcode(text, names)) > 1:
        raise _several(facts, text, known)
    if not known:
        label = facts.label(f"{TERRITORY}commune-{near}") if (near := padded(text)) else ""
        detail = {"given": text[:80], "near_fr": "", "near_en": ""}
        if near and not label.startswith("commune-"):
            detail |= {"near_fr": f" ; vouliez-vous dire {near} {label} ?"}
            detail |= {"near_en": f"; did you mean {near} {label}?"}
        raise Refused(Failure("reuse-territory", detail=detail))
    return known[0]


def _several(facts: Facts, words: str, keys: Sequence[str]) -> Refused:
    return Refused(Failure("reuse-several-territories", detail=told(facts, words, keys)), choices=apart(facts, keys))


def _is_known(facts: Facts, key: str) -> bool:
    return bool(facts.objects(TERRITORY + key, "rdfs:label"))


def meant(facts: Facts, words: str, names: Names | None) -> list[str]:
    """The keys of the territories that words may name.

    Those that are no more are left out where another is there today, but for one that alone has that very name.
    """
    found = names(words) if names else []
    today = [key for key in found if not facts.iris(TERRITORY + key, "dct:isReplacedBy")]
    name = folded(words)
    if not any(folded(facts.label(TERRITORY + key)) == name for key in today):
        today = [key for key in found if key in today or folded(facts.label(TERRITORY + key)) == name]
    return today or found


def told(facts: Facts, words: str, keys: Sequence[str]) -> dict[str, str]:
    """The details of a failure: what was asked for, and what it may mean."""
    found = ", ".join(f"{one.label} ({where})" for one, where in apart(facts, keys))
    return {"given": words[:80], "found": found}


def apart(facts: Facts, keys: Sequence[str]) -> list[tuple[Named, str]]:
    """Territories, each with what tells it from its namesakes, and what it is today."""
    return [(facts.named(TERRITORY + key), _where(facts, key)) for key in keys]


def _code(given: str) -> str:
    """The digits and capitals of a code, as it stands at the end of a key."""
    return re.sub(r"\s", "", given.rpartition("-")[2]).upper()


def _groupings_inside(facts: Facts, key: str) -> list[str]:
    """The groupings of the communes of a département, by name; none of a region, which has too many."""
    if not key.startswith("departement-"):
        return []
    inside = [one.removeprefix(TERRITORY) for one in facts.subjects("dct:isPartOf", TERRITORY + key)]
    found = {epci for one in inside if one.startswith("commune-") for epci in groupings(facts, one)}
    return sorted(found, key=lambda one: folded(facts.label(TERRITORY + one)))


def _where(facts: Facts, key: str, *, has_code: bool = True) -> str:
    """What tells namesakes apart: the département where it is known, the code, and what took its place."""
    today = [one for one in _today(facts, key) if one != key]
    within = next(filter(None, (_within(facts, one) for one in (key, *today))), "")
    after = [say("former-choice", facts.language, today=", ".join(facts.label(TERRITORY + one) for one in today))]
    return ", ".join(filter(None, (within, key.rpartition("-")[2] if has_code else "", *(after if today else ()))))


def _within(facts: Facts, key: str) -> str:
    """The département of a territory, or its collectivity; empty where neither is known."""
    ahead, seen = [key], {key}
    while ahead:
        within = [one.removeprefix(TERRITORY) for one in facts.iris(TERRITORY + ahead.pop(0), "dct:isPartOf")]
        for one in within:
            if one.startswith(("departement-", "overseas-collectivity-")):
                return facts.label(TERRITORY + one)
        ahead += [one for one in within if one not in seen]
        seen.update(within)
    return ""


def _today(facts: Facts, key: str) -> list[str]:
    """What took the place of a territory, and of that, until those that are there today."""
    today: list[str] = []
    seen, ahead = {key}, [key]
    while ahead:
        one = ahead.pop(0)
        after = [iri.removeprefix(TERRITORY) for iri in facts.iris(TERRITORY + one, "dct:isReplacedBy")]
        if not after:
            today.append(one)
        ahead += [new for new in after if new not in seen]
        seen.update(after)
    return today
