"""The identifier of a record as it may be published: where it names or leads to a person, its hash stands for it.

Cards make identifiers of names and addresses where a registry has none: what is taken out of these would stand there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from clirld.values.persons import names, streets

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_WORD = re.compile(r"[^\W\d_]{2}")
_BETWEEN_WORDS = re.compile(r"[._-]+")


def local_key(identifier: str) -> str:
    """An identifier as the last part of an IRI: itself where it is safe, else its hash."""
    return identifier if _SAFE.fullmatch(identifier) else hashed(identifier)


def hashed(identifier: str) -> str:
    """16 hex digits of the SHA-256 of an identifier."""
    # 64 bits: among a million identifiers, two share a key once in 37 million times.
    return hashlib.sha256(identifier.encode()).hexdigest()[:16]


def public(identifier: str, parts: Sequence[str] = ()) -> str:
    """An identifier, or its hash where it holds personal data; `parts` are those that it is joined of.

    One that is safe in an IRI is mostly a code. Made of words, it is read as the name that it may be made of: a hash
    does no harm where « rosa-parks » is a place.
    """
    if not _WORD.search(identifier):  # numbers and codes: a register has millions
        return identifier
    texts = [" ".join(parts)] if len(parts) > 1 else []
    if _SAFE.fullmatch(identifier):
        spelled = " ".join(word.capitalize() for word in _BETWEEN_WORDS.split(identifier))
        is_name = names.is_person_name(spelled)
        texts.append(spelled)
    else:
        is_name = any(map(names.may_be_somebody, (identifier, *parts)))
        texts += [identifier, *parts]
    return hashed(identifier) if is_name or any(map(streets.find, texts)) else identifier
