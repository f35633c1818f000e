"""Search by words in SPARQL: `?thing text:query "words"`, evaluated before the query and put into it as VALUES.

    ?thing text:query "fablab bois"              at most 1,000 things
    (?thing ?score) text:query ("fablab bois" 20)

The prefix is Jena's (https://jena.apache.org/documentation/query/text-query.html), the words are those of
`clirld.search`. The query is read by its tokens, never by its letters; where two readers could disagree (`<'>` is an
IRI or two comparisons), or the pattern stands where VALUES could not, it is refused and not guessed at. What comes in
is a query that pyoxigraph's parser takes, so that the tokens around a pattern can only be what the grammar has there.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clirld.query.failure import Failure
from clirld.query.syntax import Token, line_and_column, tokens
from clirld.search.find import MOST, Hits, SearchTimeout, find
from clirld.search.index import FILE

NAMESPACE = "http://jena.apache.org/text#"
QUERY = f"{NAMESPACE}query"
MAX_HITS = 10_000
_MAX_SEARCHES = 8
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_TWO_READINGS = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.\-]*://).*['#]")
_OPENS_TRIPLE = ("{", "}", ".")


class _Unreadable(Exception):  # noqa: N818
    """It stands where, or is written as, none can be evaluated."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A search in a query: from where to where it stands, and what it says."""

    start: int
    end: int
    variables: list[str]
    words: str
    most: int


@dataclass(frozen=True, slots=True)
class Searched:
    """A query whose searches have been made. `hits` tells of each how many things it found, as a header does."""

    query: str
    hits: str


def is_used(query: str) -> bool:
    """Whether a query may have a search in it; False is sure."""
    return NAMESPACE.removesuffix("#") in query


def is_cut(hits: str) -> bool:
    """Whether a search found more than it takes, where the query does not say how many that are."""
    return f"{MOST};cut" in hits


def searched(query: str, release: Path) -> Searched | Failure:
    """Make the searches of a query, which is one that can be parsed, in the index of a release."""
    try:
        patterns = _patterns(query)
    except _Unreadable as problem:
        return Failure("text-query", *line_and_column(query, problem.at))
    if not patterns:
        return Searched(query, "")
    if not (release / FILE).is_file():
        return Failure("no-search")
    parts, told, at = [], [], 0
    try:
        for pattern in patterns:
            found = find(release / FILE, pattern.words, most=pattern.most)
            parts += [query[at : pattern.start], _values(pattern, found)]
            told.append(f"{found.found};cut" if found.is_cut else str(found.found))
            at = pattern.end
    except SearchTimeout:
        return Failure("slow-search")
    except sqlite3.DatabaseError:
        return Failure("damaged", detail={"path": FILE})
    return Searched("".join(parts) + query[at:], ", ".join(told))


def _values(pattern: _Pattern, found: Hits) -> str:
    rows = (f"(<{hit.iri}> {hit.score})" if len(pattern.variables) == 2 else f"(<{hit.iri}>)" for hit in found.hits)
    return f"VALUES ({' '.join(pattern.variables)}) {{ {' '.join(rows)} }}"


def _patterns(query: str) -> list[_Pattern]:
    """The searches of a query, in their order. Raises _Unreadable."""
    read = list(tokens(query))
    named = _names(read)
    places = [n for n, token in enumerate(read) if _is_query(token, named) and not _declares(read, n)]
    if not places:
        return []
    for token in read:
        if token.type == "iri" and _TWO_READINGS.match(token.text):
            raise _Unreadable(token.start)
    template = _template(read)
    found: list[_Pattern] = []
    for n in places:
        if n in template or len(found) == _MAX_SEARCHES:
            raise _Unreadable(read[n].start)
        try:
            found.append(_pattern(read, n))
        except IndexError:
            raise _Unreadable(read[n].start) from None
    return found


def _pattern(read: Sequence[Token], at: int) -> _Pattern:
    """The triple whose predicate is at a place. Raises _Unreadable, IndexError."""
    first, variables = _subject(read, at)
    last, words, most = _object(read, at)
    before, after = read[first - 1], read[last + 1]
    ends = after.text in (".", "{", "}") or after.type == "word"
    if first == 0 or before.text not in _OPENS_TRIPLE or not ends or len(set(variables)) < len(variables):
        raise _Unreadable(read[at].start)
    return _Pattern(read[first].start, read[last].start + len(read[last].text), variables, words, most)


def _subject(read: Sequence[Token], at: int) -> tuple[int, list[str]]:
    """Where the subject begins, and its variables: ?thing, (?thing) or (?thing ?score)."""
    types = [token.type if token.type == "variable" else token.text for token in read[max(at - 4, 0) : at]]
    for form in (["variable"], ["(", "variable", ")"], ["(", "variable", "variable", ")"]):
        if types[-len(form) :] == form:
            start = at - len(form)
            return start, [f"?{token.text[1:]}" for token in read[start:at] if token.type == "variable"]
    raise _Unreadable(read[at].start)


def _object(read: Sequence[Token], at: int) -> tuple[int, str, int]:
    """Where the object ends, its words, and how many hits it wants: "words", ("words") or ("words" 20)."""
    listed = read[at + 1].text == "("
    place = at + 2 if listed else at + 1
    text, most = read[place], MOST
    if text.type != "string":
        raise _Unreadable(text.start)
    if read[place + 1].type == "language":
        place += 1
    if listed:
        place += 1
        if read[place].type == "word":
            number = read[place].text
            if not (number.isascii() and number.isdigit() and len(number) <= 6 and 0 < int(number) <= MAX_HITS):
                raise _Unreadable(read[place].start)
            most = int(number)
            place += 1
        if read[place].text != ")":
            raise _Unreadable(read[place].start)
    return place, _string(text.text), most


def _string(literal: str) -> str:
    quotes = 3 if literal[:3] in ('"""', "'''") else 1
    return re.sub(
        r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))",
        lambda match: chr(int(match[1] or match[2], 16)) if match[3] is None else _ESCAPES.get(match[3], match[3]),
        literal[quotes:-quotes],
    )


def _names(read: Sequence[Token]) -> dict[str, str]:
    """Prefix → namespace, as the query declares them. Raises _Unreadable where one is declared as two."""
    declared: dict[str, str] = {}
    for n in range(len(read) - 1):
        if _declares(read, n):
            prefix, namespace = read[n].text[:-1], read[n + 1].text[1:-1]
            if declared.setdefault(prefix, namespace) != namespace:
                raise _Unreadable(read[n].start)
    return declared


def _declares(read: Sequence[Token], at: int) -> bool:
    is_name = read[at].type == "name" and at > 0 and read[at - 1].text.lower() == "prefix"
    return is_name and at + 1 < len(read) and read[at + 1].type == "iri"


def _is_query(token: Token, named: dict[str, str]) -> bool:
    if token.type == "iri":
        return token.text[1:-1] == QUERY
    prefix, colon, local = token.text.partition(":")
    if token.type != "name" or not colon or prefix not in named:
        return False
    return named[prefix] + re.sub(r"\\(.)", r"\1", local) == QUERY


def _template(read: Sequence[Token]) -> range:
    """The tokens of the template of a CONSTRUCT; all tokens where it has none of its own, as in CONSTRUCT WHERE."""
    words = ((n, token.text.lower()) for n, token in enumerate(read) if token.type == "word")
    start = next((n for n, word in words if word.startswith("construct")), None)
    if start is None:
        return range(0)
    if read[start + 1].text != "{":
        return range(len(read))
    end = next(n for n in range(start, len(read)) if read[n].text == "}")
    return range(start, end)
