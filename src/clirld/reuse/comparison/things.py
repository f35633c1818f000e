"""The things that are asked for: found, brought to today, and of one kind, or the reason why they are not compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from clirld.query.failure import Failure
from clirld.reuse.comparison.model import Kind, Thing
from clirld.reuse.comparison.wording import say
from clirld.reuse.facts import TERRITORY, Facts
from clirld.reuse.names import Names
from clirld.reuse.places import Refused, apart, meant, told
from clirld.reuse.told import initiative_of
from clirld.settings import BASE
from clirld.territory.codes import read_code

LEAST, MOST = 2, 4
_LONGEST = 400
_FORMER = f"{BASE}ontology#FormerEntity"
_INITIATIVE = f"{BASE}ontology#Initiative"
_KEY = re.compile(r"[a-z]+(?:-[a-z]+)*-[0-9A-Z]+")
_SIREN = re.compile(r"[0-9]{9}")


def one_thing(facts: Facts, given: str, names: Names | None = None) -> tuple[Kind, Thing]:
    """The thing that an IRI, its end (`territory/commune-39300`), or the code or name of a territory names, today.

    Raises Refused for what is not there, is gone without successor, was divided, or is none that is compared.
    """
    iri = _iri(facts, given.strip(), names)
    asked = facts.named(iri)
    now = facts.stands_for(_today(facts, iri))
    before = asked if now != iri else None
    kind = now.removeprefix(f"{BASE}id/").partition("/")[0]
    if kind == "territory":
        return "territory", Thing(now, facts.label(now), _within(facts, now), before)
    initiative = initiative_of(facts, now)
    if initiative:
        return "case", Thing(initiative, facts.label(initiative), _seat(facts, initiative), before)
    if kind == "initiative" and _INITIATIVE in facts.iris(now, "rdf:type"):
        return "initiative", Thing(now, facts.label(now), _seat(facts, now), before)
    raise _refused("compare-kind", given=asked.label)


def things(facts: Facts, given: Sequence[str], names: Names | None = None) -> tuple[Kind, list[Thing], list[str]]:
    """The things that are asked for, their kind, and what to know of them, in sentences.

    A case is an initiative too: with one of which no process is told, all are compared as initiatives.

    Raises Refused as `one_thing`, for fewer than two and more than four, and for kinds that are not compared.
    """
    if len(given) > MOST:
        raise _refused("compare-many", count=str(len(given)))
    found = [one_thing(facts, one, names) for one in given]
    distinct = {thing.iri: (kind, thing) for kind, thing in reversed(found)}
    ordered = [distinct.pop(thing.iri) for _kind, thing in found if thing.iri in distinct]
    notes = [
        say("now", facts.language, asked=thing.asked.label, today=thing.label)
        for _kind, thing in ordered
        if thing.asked and thing.asked.iri.partition("/id/")[2].startswith(("territory/", "initiative/"))
    ]
    if len(ordered) < len(found):
        notes.append(say("same-twice", facts.language))
    if len(ordered) < LEAST:
        raise _refused("compare-one" if len(found) < LEAST else "compare-same", given=_list(ordered))
    kinds = {kind for kind, _thing in ordered}
    if len(kinds) > 1 and "territory" in kinds:
        raise Refused(Failure("compare-mixed", detail=_mixed(facts, ordered)), "compare")
    if len(kinds) > 1:
        notes.append(say("as-initiatives", facts.language))
    kind: Kind = kinds.pop() if len(kinds) == 1 else "initiative"
    return kind, [thing for _kind, thing in ordered], notes


def _mixed(facts: Facts, found: list[tuple[Kind, Thing]]) -> dict[str, str]:
    return {
        f"given_{language}": ", ".join(f"{thing.label} ({say(kind, language)})" for kind, thing in found)
        for language in ("fr", "en")
    }


def _list(found: list[tuple[Kind, Thing]]) -> str:
    return ", ".join(thing.label for _kind, thing in found)


def _refused(kind: str, **detail: str) -> Refused:
    return Refused(Failure(kind, detail={name: text[:200] for name, text in detail.items()}), "compare")


def _iri(facts: Facts, text: str, names: Names | None) -> str:
    """The IRI that is meant. Raises Refused where no statement is about it, or where words may name several."""
    if not text or len(text) > _LONGEST:
        raise _refused("compare-unknown", given=text[:80])
    code = read_code(text).code
    bare = re.sub(r"\s", "", text)
    if code:
        candidates = [f"{TERRITORY}{kind}-{code}" for kind in ("commune", "arrondissement-municipal")]
    elif _SIREN.fullmatch(bare):
        candidates = [f"{TERRITORY}epci-{bare}"]
    elif text.startswith(BASE):
        candidates = [text]
    elif _KEY.fullmatch(text):
        candidates = [TERRITORY + text]
    else:
        candidates = [f"{BASE}id/{text}"] if "/" in text else []
    for one in candidates:
        if re.search(r'[<>"{}|\\^`\s]', one):  # no IRI
            continue
        if facts.iris(one, "rdf:type") or facts.texts(one, "rdfs:label"):
            return one
    keys = meant(facts, text, names) if not candidates else []
    if len(keys) > 1:
        raise Refused(Failure("compare-several", detail=told(facts, text, keys)), "compare", apart(facts, keys))
    if keys:
        return TERRITORY + keys[0]
    raise _refused("compare-unknown", given=text[:80])


def _today(facts: Facts, iri: str) -> str:
    """What a thing is today. Raises Refused where it is gone, or where several took its place."""
    today: list[str] = []
    seen, ahead = {iri}, [iri]
    while ahead:
        one = ahead.pop(0)
        after = facts.iris(one, "dct:isReplacedBy")
        if not after:
            today.append(one)
        ahead += [new for new in after if new not in seen]
        seen.update(after)
    if len(today) > 1:
        names = ", ".join(f"{facts.label(one)} ({one.rpartition('-')[2]})" for one in today)
        raise _refused("compare-divided", given=facts.label(iri), today=names)
    if not today or _FORMER in facts.iris(today[0], "rdf:type"):
        raise _refused("compare-gone", given=facts.label(iri))
    return today[0]


def _seat(facts: Facts, initiative: str) -> str:
    found = facts.all_named(initiative, "clir:seatedIn") or facts.all_named(initiative, "clir:actsIn")
    return ", ".join(one.label for one in found[:2])


def _within(facts: Facts, territory: str) -> str:
    """What a territory lies in: its département, else its region; of an EPCI, that of most of its communes."""
    if "/epci-" in territory:
        codes = [one.rpartition("-")[2] for one in facts.subjects("dct:isPartOf", territory) if "/commune-" in one]
        counts = Counter(code[: 3 if code.startswith("97") else 2] for code in codes)
        most = counts.most_common(1)
        return facts.label(f"{TERRITORY}departement-{most[0][0]}") if most else ""
    found = facts.all_named(territory, "dct:isPartOf")
    for kind in ("departement", "region"):
        for one in found:
            if f"/{kind}-" in one.iri:
                return one.label
    return ""
