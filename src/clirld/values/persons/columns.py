"""Whether a column of a registry holds persons, by what it is called and by what is in it.

One judgement for a new source's card and sample (`clirld.draft`) and for what a card maps (`clirld.records`). The words
are data, `column_words.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from clirld import yamlfile
from clirld.values.contacts import is_contact
from clirld.values.persons import names
from clirld.values.text import unaccented

_MIN_CONTACTS = 0.3
_MIN_ENDING = 8
"""Letters of a word of persons that is found at the end of another: « nomresponsable », « codirecteur »."""

_PREFIXES = ("nom", "prenom", "mail", "email", "courriel", "tel")
"""What a word of persons is glued to: « NOMREFERENT », « telcontact »."""

_MIN_SOME = 3
_SOME = 0.05


class Reason(NamedTuple):
    """Why a column is taken to hold persons, in French and English."""

    fr: str
    en: str


BY_NAME = Reason("d'après son nom", "by its name")
SURNAMES = Reason("nom à côté d'un prénom", "surname beside a first name")
CONTACTS = Reason("courriels ou téléphones", "e-mails or phone numbers")
PERSONS = Reason("noms de personnes", "names of persons")


def normalized_name(name: str) -> str:
    """A column's name as lower-case words: `codePostalEtablissement` → `code postal etablissement`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z@]+|[0-9]+", unaccented(apart)))


def why_personal(name: str, counts: Mapping[str, int], others: Collection[str] = ()) -> Reason | None:
    """Why a column holds e-mails, phone numbers, contacts or names of persons; None where it does not seem to.

    `counts` says how often each value is there, `others` are the names of the columns beside it. Of nested JSON, what
    holds something personal by its name is personal as a whole.
    """
    if by_name(name, counts) or any(map(by_name, (other for other in others if other.startswith(f"{name}.")))):
        return BY_NAME
    if _is_surname(name, others):
        return SURNAMES
    contacts = sum(n for value, n in counts.items() if is_contact(value))
    if contacts > _MIN_CONTACTS * sum(counts.values()):
        return CONTACTS
    if not is_place(name) and names.is_column_of_names(counts):
        return PERSONS
    return None


def by_name(name: str, counts: Mapping[str, int] | None = None) -> bool:
    """Whether a column holds persons by what it is called; not where its values only count them, or say yes or no."""
    words = _words(name)
    whole = " ".join(words)
    if not _listed("site_words").isdisjoint(words):
        words = [word for word in words if word not in ("contact", "contacts")]
    own = _without_small(_words(name.rpartition(".")[2]))
    is_called_so = (
        any(map(_is_of_persons, words))
        or any(f" {phrase} " in f" {whole} " for phrase in _listed("personal_phrases"))
        or not _whole_names().isdisjoint([" ".join(_without_small(words)), " ".join(own)])
    )
    return is_called_so and not _only_counts(words, counts or {})


def some_persons(name: str, counts: Mapping[str, int]) -> bool:
    """Whether some cells of a column that is not one of persons name one: « porteur », a person or an association."""
    if is_place(name):
        return False
    total, named = sum(counts.values()), [n for value, n in counts.items() if names.may_be_somebody(value)]
    return len(named) >= _MIN_SOME and sum(named) >= _SOME * total


def is_place(name: str) -> bool:
    """Whether a column is about streets or towns, which are named after persons."""
    whole = " ".join(_words(name))
    return any(word in whole for word in _listed("place_words"))


def speaks_of_carrier(name: str) -> bool:
    """Whether a column is about who carries an initiative: a person or an organization."""
    return not _listed("carrier_words").isdisjoint(_words(name))


def may_hold_surnames(name: str) -> bool:
    """Whether a word alone in a column may be somebody's surname: « porteur », but not « structure porteuse »."""
    return speaks_of_carrier(name) and _listed("organization_words").isdisjoint(_words(name))


def _is_of_persons(word: str) -> bool:
    words = _listed("personal_words")
    if word in words:
        return True
    return any(word.endswith(one) for one in words if len(one) >= _MIN_ENDING) or any(
        word.startswith(prefix) and word.removeprefix(prefix) in words for prefix in _PREFIXES
    )


def _only_counts(words: Sequence[str], counts: Mapping[str, int]) -> bool:
    values = [value.strip() for value in counts if value.strip()]
    are_numbers = all(re.fullmatch(r"[0-9]{1,6}(?:[.,][0-9]+)?\s?%?", value) for value in values)
    return bool(values) and (
        (are_numbers and any(word in _listed("count_words") or _is_several(word) for word in words))
        or {unaccented(value) for value in values} <= _listed("yes_and_no")
    )


def _is_several(word: str) -> bool:
    """Whether a number beside a word of persons is how many: « bénévoles », but not « sexe »."""
    return word.endswith("s") and _is_of_persons(word)


def _is_surname(name: str, others: Iterable[str]) -> bool:
    """« nom_porteur » beside « prenom_porteur »; « Nom du porteur » beside a first name of which nothing is said."""
    words = set(_without_small(_words(name)))
    if words.isdisjoint(_listed("surname_words")):
        return False
    about = words - _listed("surname_words")
    for other in others:
        beside = set(_without_small(_words(other)))
        if beside.isdisjoint(_listed("first_name_words")):
            continue
        about_other = beside - _listed("first_name_words")
        if about_other == about or (not about_other and about and about <= _listed("carrier_words")):
            return True
    return False


def _words(name: str) -> list[str]:
    return [word for part in normalized_name(name).split() if (word := part.rstrip("0123456789"))]


def _without_small(words: Iterable[str]) -> list[str]:
    return [word for word in words if word not in _listed("small_words")]


@cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(yamlfile.shipped(__package__, "column_words.yaml")[kind])


@cache
def _whole_names() -> frozenset[str]:
    return frozenset(" ".join(_without_small(name.split())) for name in _listed("personal_names"))
