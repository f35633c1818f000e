"""Persons in the street of an address: at whose home it is, and to whom letters go.

Streets are named after persons (« avenue du Dr Exemple »), and hamlets after who lived there (« Chez Martin »): a name
counts only with a title that no word for a street leads to, after what letters say (« c/o », « à l'attention de »),
after « chez » with more than one word, and where a street follows it (« Jeanne Exemple, 3 rue … »).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from clirld.values import personal_data
from clirld.values.characters import Span
from clirld.values.contacts import masked, merged
from clirld.values.persons import names
from clirld.values.persons.first_names import NAME, NAMES, is_first_name, is_no_surname, is_particle

_SENT_TO = re.compile(
    r"(?<!\w)(?:c/[o°]|℅|p/a|s/c|aux? bons? soins?|(?:à|a) l['’ ]attention|attn|sous couvert)\s?[.:]?\s?"
    r"(?:d['’]|(?:de|du|des)\s)?",
    re.IGNORECASE,
)
_AT = re.compile(r"(?<!\w)chez\s:?\s?", re.IGNORECASE)
_TITLE = re.compile(
    r"(?i:(?:M|MM|Mr|Mrs|Mmes?|Mlles?|Dr|Pr|Me|monsieur|madame|mademoiselle|docteure?|professeure?|ma[iî]tre)\.?\s)"
)
_STREET = (
    r"(?i:rue|r\.|place|pl\.?|avenue|av\.?|all[ée]es?|boulevard|bd\.?|bld|impasse|imp\.?|square|quai|cours|chemin|che?\.|passage"
    r"|route|rte|lieu[- ]?dit|hameau|r[ée]sidence|lotissement|b[âa]timent|b[âa]t|bp|cs|le bourg|za|zi|zac)\b"
)
_END = re.compile(rf"\s*(?:[,;()\[\]|/\n]|\s[-–—]\s|\s(?={_STREET})|\s(?=\d)|$)")
_COUPLE = re.compile(r"(?<!\w)M(?:r|onsieur)?\.?\s(?:et|ou|&)\s(?=(?:Mme|Mlle|Madame)\b)", re.IGNORECASE)
_SEGMENT = re.compile(r"[^,;()\[\]|\n–—]+")
_TITLED_AFTER_NUMBER = re.compile(rf"(?<=\d)\s{_TITLE.pattern}\s?{NAMES}")
_BEGINNING = re.compile(r"\s*(?P<name>[^,;()\[\]|\n\d]+?)\s*(?:[,;(\n]|\s[-–—]\s)\s*(?=\d|" + _STREET + ")")
_BEFORE_NUMBER = re.compile(
    r"\s*(?P<name>[^,;()\[\]|\n\d]+?)\s+(?=\d{1,4}\s*(?:bis|ter|quater)?[ ,]+[^\W\d_]|" + _STREET + ")"
)
_FAMILY = re.compile(rf"(?:^|(?<=[,;(\n]))\s*(?:(?i:la)\s)?(?i:famille)\s+{NAMES}")
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_MIN_HOMES, _MIN_SHARE = 3, 0.05
_SIGNS = " \t\n,;:/|–—-("


def find(street: str) -> list[Span]:
    """Where contacts and persons stand in the street of an address, in their order. Never raises."""
    return merged([*personal_data.find(street), *_find(street)])


def masked_text(street: str) -> str:
    """A street with […] for what names or leads to a person; doing it again changes nothing."""
    while spans := find(street):
        street = masked(street, spans)
    return street


def without_persons(street: str) -> str:
    """What is left of a street without persons and contacts; "" where nothing is, or a name that stood beside them."""
    spans = find(street)
    is_changed = bool(spans)
    while spans:
        pieces, at = [], 0
        for start, end in spans:
            pieces.append(street[at:start])
            at = end
        street = _tidy(" ".join([*pieces, street[at:]]))
        spans = find(street)
    return "" if is_changed and names.may_be_somebody(street.strip("()[] ")) else street


def some_homes(addresses: Mapping[str, int]) -> bool:
    """Whether a share of the addresses, given with how often each is there, name who lives there."""
    total, homes = sum(addresses.values()), [count for one, count in addresses.items() if find(one)]
    return len(homes) >= _MIN_HOMES and sum(homes) >= _MIN_SHARE * total


def _tidy(street: str) -> str:
    text = _EMPTY.sub(" ", re.sub(r"\(\s*[,;:–-]+\s*", "(", street))
    text = re.sub(r"[ \t]*[,;]+\s*(?=[,;)])|[ \t]+(?=[,;)\n])", "", text)
    text = re.sub(r"[ \t]{2,}", " ", text).strip(_SIGNS).rstrip()
    text = text if text.count("(") == text.count(")") else text.replace("(", "").replace(")", "")
    return text if any(map(str.isalnum, text)) else ""


def _find(street: str) -> Iterator[Span]:
    for match in _SENT_TO.finditer(street):
        end = _end(street, match.end())
        if not _is_organization(street[match.end() : end]):
            yield match.start(), end
    for match in _AT.finditer(street):
        end = _end(street, match.end())
        if _is_somebody(street[match.end() : end]):
            yield match.start(), end
    for match in _TITLED_AFTER_NUMBER.finditer(street):  # at the beginning it is a street: « 12 Mme de … »
        if re.search(r"[^\W\d_]", street[: match.start()]):
            yield match.span()
    for match in _COUPLE.finditer(street):
        yield match.span()
    for match in _SEGMENT.finditer(street):
        if names.is_listed_name(match[0].strip()):
            yield match.span()
    for match in _FAMILY.finditer(street):
        yield match.span()
    for pattern in (_BEGINNING, _BEFORE_NUMBER):
        beginning = pattern.match(street)
        if beginning and names.is_person_name(beginning["name"]) and not names.is_namesake(beginning["name"]):
            yield beginning.span("name")


def _end(street: str, start: int) -> int:
    found = _END.search(street, start)
    return found.start() if found else len(street)


def _is_organization(text: str) -> bool:
    words = _words(text)
    return (
        not _TITLE.match(text)
        and not any(map(is_first_name, words))
        and any(is_no_surname(word) and not is_particle(word) for word in words)
    )


def _is_somebody(text: str) -> bool:
    """Whether « chez » leads to a person: a title, or a first name that another word stands beside."""
    words = _words(text)
    return bool(_TITLE.match(text)) or (
        len(words) > 1 and any(map(is_first_name, words)) and not any(map(is_no_surname, words))
    )


def _words(text: str) -> list[str]:
    return [word for word in re.findall(rf"{NAME}|[^\W\d_]+", text) if not is_particle(word)]
