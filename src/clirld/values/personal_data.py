"""What names a person or leads to one in a text: the detector that everything that is published is held to.

Contacts (`clirld.values.contacts`) count everywhere. Names (`clirld.values.persons`) do not count in the legal
name of an organization that has an official number, which may be its owner's. In a street they are told otherwise,
since streets are named after persons (`clirld.values.persons.streets`;
docs/personal-data.md, shapes/checks/personal-data.rq).
"""

from __future__ import annotations

import re
from functools import lru_cache

from clirld.values import contacts
from clirld.values.characters import Span
from clirld.values.contacts import masked, merged
from clirld.values.persons import names as person_names
from clirld.values.persons.first_names import CAPITAL, PARTICLES, is_no_surname, is_particle

_REST_OF_NAME = re.compile(rf"(?:[ \u00a0](?:{PARTICLES}[ \u00a0]?){{0,2}}{CAPITAL}[\w'’-]*)+")


def find(text: str) -> list[Span]:
    """Where contacts and names of persons stand in a text, in their order. Never raises."""
    if person_names.is_listed_name(text):
        return [(0, len(text))]
    names = [_whole(text, span) for span in person_names.find(text)]
    return merged([*contacts.find(text), *names]) if names else contacts.find(text)


def _whole(text: str, name: Span) -> Span:
    """A name with the words in capitals that follow: a surname that nothing else tells must not stand alone."""
    start, end = name
    rest = _REST_OF_NAME.match(text, end)
    words = list(re.finditer(rf"{CAPITAL}[\w'’-]*", rest[0])) if rest else []
    for word in words:
        if is_no_surname(word[0]) and not is_particle(word[0]):
            break
        end = name[1] + word.end()
    return start, end


def names_person(text: str) -> bool:
    """Whether a person is named in a text, or the whole text is a name as lists of persons write it."""
    return person_names.is_listed_name(text) or any(True for _ in person_names.find(text))


# What is told of rows are labels, codes and names of places, the same again and again.
@lru_cache(maxsize=10_000)
def without_personal_data(text: str) -> str:
    """A text with […] for what names or leads to a person; doing it again changes nothing."""
    while spans := find(text):
        text = masked(text, spans)
    return text


def first_found(text: str) -> str | None:
    """The first of what names or leads to a person, None where nothing does."""
    spans = find(text)
    return text[slice(*spans[0])] if spans else None
