"""Ways to reach somebody in a text, e-mail addresses and phone numbers, however they are spelled.

The one detector of them: texts, names, web addresses, issues, reports, accounts and samples are held to it.
What it finds and what it leaves alone is measured in tests/values/test_contacts.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clirld.values import characters, mail_addresses, phone_numbers
from clirld.values.characters import Span

MASK = "[…]"
"""What stands in a text for what was taken out of it."""


def may_hold(text: str) -> bool:
    """Whether a text has what an address or a number needs; false for nearly all, and fast."""
    return phone_numbers.may_hold(text) or mail_addresses.may_hold(text)


def find(text: str) -> list[Span]:
    """Where e-mail addresses and phone numbers stand in a text, in their order. Never raises."""
    return merged(_find(text)) if may_hold(text) else []


def without_contacts(text: str) -> str:
    """A text with […] for e-mail addresses and phone numbers; doing it again changes nothing."""
    while spans := find(text):
        text = masked(text, spans)
    return text


def is_contact(value: str) -> bool:
    """Whether a value is nothing but an e-mail address or a phone number."""
    return without_contacts(value.strip()) == MASK


def masked(text: str, spans: Iterable[Span]) -> str:
    """A text with […] for parts of it, which are in their order."""
    pieces, end = [], 0
    for start, stop in spans:
        pieces += [text[end:start], MASK]
        end = stop
    return "".join([*pieces, text[end:]])


def merged(spans: Iterable[Span]) -> list[Span]:
    """Parts of a text in their order, those that overlap made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return out


def _find(text: str) -> Iterator[Span]:
    meant = characters.read(text)
    for kind in (mail_addresses, phone_numbers):
        if kind.may_hold(text):
            yield from map(meant.given, kind.find(meant.text))
