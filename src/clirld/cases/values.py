"""The text of one field of a case → a clean value of a canonical column, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from clirld.cases.field_types import Type
from clirld.values.cleaners import CLEANERS
from clirld.values.text import fold
from clirld.vocabulary.terms import Concept, Vocabulary

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
# A no is kept as an empty cell is: what is not public, say, has no column that says so.
_YES_OR_NO = {"oui": "oui", "yes": "oui", "true": "oui", "vrai": "oui", "non": "", "no": "", "false": ""}
_MOMENT = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")


_MAX_SUGGESTED = 30
"""Allowed values that a message shows."""


class CleanValue(NamedTuple):
    """A value, or the code of a problem and the details that its message needs."""

    value: str | None
    code: str | None = None
    detail: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Values:
    """Reads values against the schemes of the ontology."""

    vocabulary: Vocabulary
    _slugs_by_label: dict[str, dict[str, str]] = field(default_factory=dict, init=False)

    def clean(self, text: str, kind: Type) -> CleanValue:
        """A value of a field; references are left as they are."""
        if kind.type == "concept":
            return self._concept(text, kind.of)
        if kind.type == "territory":
            return territory(text)
        if kind.type == "moment":
            return moment(text)
        if kind.type == "yes":
            yes_or_no = _YES_OR_NO.get(fold(text))
            return (
                CleanValue(yes_or_no)
                if yes_or_no is not None
                else CleanValue(None, "unknown-value", suggestions(text, {"oui": "", "non": ""}))
            )
        if kind.type == "reference":
            return CleanValue(text)
        return _by_cleaner(text, kind.type)

    def labels(self, scheme: str, *, own: bool = False) -> list[str]:
        """French labels of a scheme, those of broader concepts before the ones under them.

        `own`: without those that have a code of their own at the Insee, where there are many.
        """
        concepts = self._current(scheme)
        if own:
            concepts = {slug: concept for slug, concept in concepts.items() if not (concept.notation or "").isdigit()}
        narrower: dict[str, list[str]] = {}
        for slug, concept in concepts.items():
            for broader in concept.broader or ("",):
                narrower.setdefault(broader if broader in concepts else "", []).append(slug)
        order: dict[str, None] = {}

        def add(slug: str) -> None:
            for narrower_slug in narrower.get(slug, ()):
                if narrower_slug not in order:
                    order[narrower_slug] = None
                    add(narrower_slug)

        add("")
        return [concepts[slug].labels.get("fr", slug) for slug in order]

    def slugs(self, scheme: str) -> list[str]:
        """Slugs of a scheme."""
        return list(self._current(scheme))

    def _current(self, scheme: str) -> dict[str, Concept]:
        """The concepts to choose from: those that another one replaces are none."""
        concepts = self.vocabulary.concepts.get(scheme, {})
        return {slug: concept for slug, concept in concepts.items() if concept.replaced_by is None}

    def _concept(self, text: str, scheme: str) -> CleanValue:
        concepts = self.vocabulary.concepts.get(scheme, {})
        if text in concepts:
            return CleanValue(concepts[text].replaced_by or text)
        if slug := self.vocabulary.slug_by_notation(scheme, text):
            return CleanValue(slug)
        if scheme not in self._slugs_by_label:
            self._slugs_by_label[scheme] = {
                fold(label): concept.replaced_by or slug
                for slug, concept in concepts.items()
                for label in (slug, *concept.labels.values())
            }  # fmt: skip
        slugs = self._slugs_by_label[scheme]
        if fold(text) in slugs:
            return CleanValue(slugs[fold(text)])
        labels = {concept.labels.get("fr", slug): slug for slug, concept in self._current(scheme).items()}
        similar = get_close_matches(fold(text), slugs, n=1, cutoff=0.6)
        proposed = concepts[slugs[similar[0]]].labels.get("fr", slugs[similar[0]]) if similar else ""
        return CleanValue(None, "unknown-value", _suggestions(proposed, labels))


def territory(text: str) -> CleanValue:
    """The key of a territory, from its level and code: « commune 39300 » → commune-39300."""
    tokens = text.replace("-", " ").replace(":", " ").split()
    level = _LEVELS.get(fold(" ".join(tokens[:-1]))) if tokens else None
    if level is None:
        return CleanValue(None, "unknown-territory")
    code = CLEANERS[_CODES[level]](tokens[-1]).value
    if code is None or (level == "region" and not re.fullmatch(r"[0-9]{2}", code)):
        return CleanValue(None, "unknown-territory")
    return CleanValue(f"{level}-{code}")


def moment(text: str) -> CleanValue:
    """A year, a month (AAAA-MM) or a day (AAAA-MM-JJ, JJ/MM/AAAA), in the form of ISO 8601."""
    word = text.strip()
    if not _MOMENT.fullmatch(word):
        day = CLEANERS["date"](word)
        if day.value:
            return CleanValue(day.value)
        why = {"why": "ni AAAA, ni AAAA-MM, ni AAAA-MM-JJ", "why_en": "neither YYYY, nor YYYY-MM, nor YYYY-MM-DD"}
        return CleanValue(None, "unclean", why)
    year = CLEANERS["year"](word[:4])
    return CleanValue(word) if year.value else CleanValue(None, "unclean", {"why": year.why_fr, "why_en": year.why_en})


def _by_cleaner(text: str, type_: str) -> CleanValue:
    cleaned = CLEANERS[type_](text)
    if cleaned.value is not None:
        return CleanValue(cleaned.value)
    why = {"why": cleaned.why_fr or "aucune valeur", "why_en": cleaned.why_en or "no value"}
    return CleanValue(None, "unclean", why)


def suggestions(text: str, allowed: Iterable[str]) -> dict[str, str]:
    """Details of a message about a value that is not allowed: the nearest one that is, and some or all of them."""
    by_folded = {fold(one): one for one in allowed}
    # Compared as folded, shown as written.
    similar = get_close_matches(fold(text), by_folded, n=1, cutoff=0.6)
    return _suggestions(by_folded[similar[0]] if similar else "", by_folded.values())


def _suggestions(proposed: str, allowed: Iterable[str]) -> dict[str, str]:
    values = list(allowed)
    more = f" … ({len(values)})" if len(values) > _MAX_SUGGESTED else ""
    return {
        "near": f"« {proposed} » ?" if proposed else "",
        "near_en": f"“{proposed}”?" if proposed else "",
        "allowed": (" · ".join(values[:_MAX_SUGGESTED]) or "–") + more,
    }
