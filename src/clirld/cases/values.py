"""The text of one field of a case → a clean value of a canonical column, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from clirld.cases.model import Is
from clirld.values.cleaners import CLEANERS
from clirld.values.text import fold
from clirld.vocabulary.terms import Vocabulary

_LEVELS = {
    "commune": "commune",
    "epci": "epci",
    "departement": "departement",
    "region": "region",
    "arrondissement municipal": "arrondissement-municipal",
}
_CODES = {
    "commune": "insee_commune",
    "epci": "siren",
    "departement": "insee_departement",
    "region": "slug",
    "arrondissement-municipal": "insee_commune",
}
_MOMENT = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")

_PERSON = re.compile(
    r"\b(?:M\.|MM\.|Mme|Mmes|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÀ-Þ][\w'’-]+"
    r"|[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
    r"|(?<![0-9/=_-])(?:\+33|0033|0)[\s.]?[1-9](?:[\s.-]?[0-9]{2}){4}(?![0-9])"
)


_SHOWN = 30
"""Allowed values that a message shows."""


class Clean(NamedTuple):
    """A value, or the code of a problem and the details that its message needs."""

    value: str | None
    code: str | None = None
    detail: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Values:
    """Reads values against the schemes of the ontology."""

    vocabulary: Vocabulary
    _known: dict[str, dict[str, str]] = field(default_factory=dict, init=False)

    def clean(self, text: str, kind: Is) -> Clean:
        """A value of a field; references are left as they are."""
        if kind.type == "concept":
            return self._concept(text, kind.of)
        if kind.type == "territory":
            return territory(text)
        if kind.type == "moment":
            return moment(text)
        if kind.type == "yes":
            answer = {"oui": "oui", "yes": "oui", "true": "oui", "vrai": "oui", "non": "", "no": "", "false": ""}.get(
                fold(text)
            )
            return (
                Clean(answer)
                if answer is not None
                else Clean(None, "unknown-value", near(text, {"oui": "", "non": ""}))
            )
        if kind.type == "reference":
            return Clean(text)
        return _by_cleaner(text, kind.type)

    def labels(self, scheme: str, *, own: bool = False) -> list[str]:
        """French labels of a scheme, those of broader concepts before the ones under them.

        `own`: without those that have a code of their own at the Insee, where there are many.
        """
        concepts = self.vocabulary.concepts.get(scheme, {})
        if own:
            concepts = {slug: one for slug, one in concepts.items() if not (one.notation or "").isdigit()}
        under: dict[str, list[str]] = {}
        for slug, concept in concepts.items():
            for above in concept.broader or ("",):
                under.setdefault(above if above in concepts else "", []).append(slug)
        order: dict[str, None] = {}

        def add(slug: str) -> None:
            for one in under.get(slug, ()):
                if one not in order:
                    order[one] = None
                    add(one)

        add("")
        return [concepts[slug].labels.get("fr", slug) for slug in order]

    def slugs(self, scheme: str) -> list[str]:
        """Slugs of a scheme."""
        return list(self.vocabulary.concepts.get(scheme, {}))

    def _concept(self, text: str, scheme: str) -> Clean:
        concepts = self.vocabulary.concepts.get(scheme, {})
        if text in concepts:
            return Clean(text)
        if slug := self.vocabulary.slug_by_notation(scheme, text):
            return Clean(slug)
        if scheme not in self._known:
            self._known[scheme] = {
                fold(words): slug
                for slug, concept in concepts.items()
                for words in (slug, *concept.labels.values())
            }  # fmt: skip
        known = self._known[scheme]
        if fold(text) in known:
            return Clean(known[fold(text)])
        labels = {concept.labels.get("fr", slug): slug for slug, concept in concepts.items()}
        meant = get_close_matches(fold(text), known, n=1, cutoff=0.6)
        proposed = concepts[known[meant[0]]].labels.get("fr", known[meant[0]]) if meant else ""
        return Clean(None, "unknown-value", _near(proposed, labels))


def territory(text: str) -> Clean:
    """The key of a territory, from its level and code: « commune 39300 » → commune-39300."""
    words = text.replace("-", " ").replace(":", " ").split()
    level = _LEVELS.get(fold(" ".join(words[:-1]))) if words else None
    if level is None:
        return Clean(None, "unknown-territory")
    code = CLEANERS[_CODES[level]](words[-1]).value
    if code is None or (level == "region" and not re.fullmatch(r"[0-9]{2}", code)):
        return Clean(None, "unknown-territory")
    return Clean(f"{level}-{code}")


def moment(text: str) -> Clean:
    """A year, a month (AAAA-MM) or a day (AAAA-MM-JJ, JJ/MM/AAAA), in the form of ISO 8601."""
    word = text.strip()
    if not _MOMENT.fullmatch(word):
        day = CLEANERS["date"](word)
        if day.value:
            return Clean(day.value)
        why = {"why": "ni AAAA, ni AAAA-MM, ni AAAA-MM-JJ", "why_en": "neither YYYY, nor YYYY-MM, nor YYYY-MM-DD"}
        return Clean(None, "unclean", why)
    year = CLEANERS["year"](word[:4])
    return Clean(word) if year.value else Clean(None, "unclean", {"why": year.why_fr, "why_en": year.why_en})


def _by_cleaner(text: str, type_: str) -> Clean:
    cleaned = CLEANERS[type_](text)
    if cleaned.value is not None:
        return Clean(cleaned.value)
    why = {"why": cleaned.why_fr or "aucune valeur", "why_en": cleaned.why_en or "no value"}
    return Clean(None, "unclean", why)


def near(text: str, allowed: Iterable[str]) -> dict[str, str]:
    """Details of a message about a value that is not allowed: the nearest one that is, and some or all of them."""
    every = {fold(one): one for one in allowed}
    meant = get_close_matches(fold(text), every, n=1, cutoff=0.6)
    return _near(every[meant[0]] if meant else "", every.values())


def _near(proposed: str, allowed: Iterable[str]) -> dict[str, str]:
    every = list(allowed)
    more = f" … ({len(every)})" if len(every) > _SHOWN else ""
    return {
        "near": f"« {proposed} » ?" if proposed else "",
        "near_en": f"“{proposed}”?" if proposed else "",
        "allowed": (" · ".join(every[:_SHOWN]) or "–") + more,
    }


def person(text: str) -> str | None:
    """What in a text names a person, or is an e-mail address or a phone number."""
    found = _PERSON.search(text)
    return found[0] if found else None
