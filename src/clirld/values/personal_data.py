"""What names a person or leads to one in a text: the detector that everything that is published is held to.

Contacts (`clirld.values.contacts`) count everywhere. Names (`clirld.values.persons`) do not count in the legal
name of an organization that has an official number, which may be its owner's, nor in the name of a street
(docs/personal-data.md, shapes/checks/personal-data.rq).
"""

from __future__ import annotations

from clirld.values import contacts
from clirld.values.contacts import masked, merged
from clirld.values.persons import names as person_names
from clirld.values.signs import Span


def find(text: str) -> list[Span]:
    """Where contacts and names of persons stand in a text, in their order. Never raises."""
    if person_names.is_listed_name(text):
        return [(0, len(text))]
    names = list(person_names.find(text))
    return merged([*contacts.find(text), *names]) if names else contacts.find(text)


def names_person(text: str) -> bool:
    """Whether a person is named in a text, or the whole text is a name as lists of persons write it."""
    return person_names.is_listed_name(text) or any(True for _ in person_names.find(text))


def without_personal_data(text: str) -> str:
    """A text with […] for what names or leads to a person; doing it again changes nothing."""
    while spans := find(text):
        text = masked(text, spans)
    return text


def first_found(text: str) -> str | None:
    """The first of what names or leads to a person, None where nothing does."""
    spans = find(text)
    return text[slice(*spans[0])] if spans else None
