"""First names, and the words and signs that names of persons are made of.

The list is that of Faker (PyPI, licence MIT), of France, Belgium, Switzerland, Luxembourg, Québec, Algeria, Portugal
and Viet Nam, with what it lacks of Breton, Arabic, African and Creole names, and without the names that are as often a
place or a thing (words.yaml).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

from clirld import yamlfile
from clirld.values.text import unaccented

CAPITAL = r"[A-ZÀ-ÖØ-ÞŒ]"
PARTICLES = (
    r"(?:de|du|des|d'|d’|le|la|las|les|van|von|ben|bin|el|al|da|do|das|dos|di|den|der|ter"
    r"|DE|DU|DES|D'|D’|LE|LA|EL|BEN|VAN)"
)
INITIAL = rf"{CAPITAL}\.(?:-?{CAPITAL}\.){{0,3}}"
_WORD = rf"{CAPITAL}[\w'’-]*"
NAME = rf"(?:{INITIAL}|{_WORD})"
NAMES = rf"{NAME}(?:[ \u00a0](?:{PARTICLES}[ \u00a0]?){{0,3}}{NAME}){{0,3}}"
"""One to four names, with particles between them: « Jeanne », « J. d'Exemple », « LE FICTIF Yann »."""

_LOCALES = ("fr_FR", "fr_BE", "fr_CH", "fr_QC", "fr_DZ", "de_LU", "pt_PT", "vi_VN")
_ROMAN_NUMBER = re.compile(r"(?:[IVX]+|I(?:er|ère))")


@cache
def words_of(kind: str) -> frozenset[str]:
    """A list of words.yaml, by its key."""
    return frozenset(yamlfile.shipped("clirld.values.persons", "words.yaml")[kind])


@cache
def first_names() -> frozenset[str]:
    """All first names, without accents and in lower case."""
    found = set(words_of("more_first_names"))
    for locale in _LOCALES:  # only where a text may hold a name: to import them takes a fifth of a second
        provider = import_module(f"faker.providers.person.{locale}").Provider
        for group in ("first_names", "first_names_male", "first_names_female"):
            found.update(unaccented(name) for name in getattr(provider, group, ()))
    return frozenset(found - words_of("not_only_first_names"))


def is_first_name(word: str) -> bool:
    """Whether a word is a first name, or two with a hyphen."""
    folded = unaccented(word)
    return folded in first_names() or (
        "-" in folded and all(part in first_names() for part in folded.replace(" ", "-").split("-"))
    )


def is_no_surname(word: str) -> bool:
    """Whether a word beside a first name tells that no person is meant: « Jeanne d'Arc », « Louis XIV »."""
    return unaccented(word) in words_of("not_surnames") or _ROMAN_NUMBER.fullmatch(word) is not None


def is_particle(word: str) -> bool:
    """Whether a word stands between names, in small letters or in capitals: « de », « Le », « VAN »."""
    return re.fullmatch(PARTICLES, word.lower()) is not None
