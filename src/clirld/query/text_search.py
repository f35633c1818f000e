"""Search by words in SPARQL: `?thing text:query "words"`, evaluated before the query and put into it as VALUES.

    ?thing text:query "fablab bois"              at most 1,000 things
    (?thing ?score) text:query ("fablab bois" 20)
    ?thing a clir:Initiative ; text:query "fablab" ; rdfs:label ?label

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
_NUMBER = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_LITERAL_WORD = re.compile(r"[0-9]+|true|false", re.IGNORECASE)


class _Unreadable(Exception):  # noqa: N818
    """It stands where, or is written as, none can be evaluated. `why` is a kind of failure."""

    def __init__(self, at: int, why: str = "text-query") -> None:
        super().__init__()
        self.at = at
        self.why = why


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A search in a query: from where to where it stands, and what it says.

    `before` ends what is said of its thing before it, and `after` begins anew what is said after it: both are empty
    where it is a triple of its own. `next` is the token after it.
    """

    start: int
    end: int
    variables: list[str]
    words: str
    most: int
    before: str
    after: str
    next: int


@dataclass(frozen=True, slots=True)
class Searched:
    """A query whose searches have been made. `hits` tells of each how many things it found, as a header does."""

    query: str
    hits: str


def is_used(query: str) -> bool:
    """Whether a query may have a search in it; False is sure."""
    return NAMESPACE.removesuffix("#") in query


def is_cut(hits: str) -> bool:
    """Whether a search found more things than it takes."""
    return ";cut" in hits


def searched(query: str, release: Path) -> Searched | Failure:
    """Make the searches of a query, which is one that can be parsed, in the index of a release."""
    try:
        patterns = _patterns(query)
    except _Unreadable as problem:
        return Failure(problem.why, *line_and_column(query, problem.at))
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
    values = f"VALUES ({' '.join(pattern.variables)}) {{ {' '.join(rows)} }}"
    return f"{pattern.before}{values}{pattern.after}"


def _patterns(query: str) -> list[_Pattern]:
    """The searches of a query, in their order. Raises _Unreadable."""
    read = list(tokens(query))
    named = _names(read)
    places = [n for n, token in enumerate(read) if _is_query(token, named) and not _declares(read, n)]
    if not places:
        return []
    for token in read:
        if token.type == "iri" and _TWO_READINGS.match(token.text):
            raise _Unreadable(token.start, "text-query-iri")
    template = _template(read)
    found: list[_Pattern] = []
    for n in places:
        if n in template:
            raise _Unreadable(read[n].start)
        if len(found) == _MAX_SEARCHES:
            raise _Unreadable(read[n].start, "text-query-count")
        try:
            found.append(_pattern(read, n, places, found[-1] if found else None))
        except IndexError:
            raise _Unreadable(read[n].start) from None
    return found


def _pattern(read: Sequence[Token], at: int, places: Sequence[int], previous: _Pattern | None) -> _Pattern:
    """The search whose predicate is at one of the places, after another one. Raises _Unreadable, IndexError."""
    follows = previous is not None and previous.next == at
    before = ""
    if follows or read[at - 1].text == ";":
        start, variables = at, [f"?{read[_listing_subject(read, at)].text[1:]}"]
        before = "" if follows else ". "
    else:
        start, variables = _subject(read, at)
        if start == 0 or read[start - 1].text not in _OPENS_TRIPLE:
            raise _Unreadable(read[at].start)
    last, words, most = _object(read, at)
    end = last + 1
    while read[end].text == ";":
        end += 1
    is_listed, is_last = end > last + 1, _ends_triple(read[end])
    if read[end].text == "," or (is_listed and read[at - 1].text == ")"):
        raise _Unreadable(read[last + 1].start, "text-query-list")
    if not is_listed and not is_last:
        raise _Unreadable(read[at].start)
    # Another search comes next: it says for itself what begins after it.
    after = "" if is_last or end in places else f" {variables[0]} "
    end_at = read[end].start if is_listed else read[last].start + len(read[last].text)
    return _Pattern(read[start].start, end_at, variables, words, most, before, after, end)


def _ends_triple(token: Token) -> bool:
    return token.text in (".", "{", "}") or (token.type == "word" and token.text != "a")


def _subject(read: Sequence[Token], at: int) -> tuple[int, list[str]]:
    """Where the subject begins, and its variables: ?thing, (?thing) or (?thing ?score)."""
    types = [token.type if token.type == "variable" else token.text for token in read[max(at - 4, 0) : at]]
    for form in (["variable"], ["(", "variable", ")"], ["(", "variable", "variable", ")"]):
        if types[-len(form) :] == form:
            start = at - len(form)
            variables = [f"?{token.text[1:]}" for token in read[start:at] if token.type == "variable"]
            if len(set(variables)) == len(variables):
                return start, variables
    is_place = read[at - 1].type in ("iri", "name", "blank", "string") or read[at - 1].text in (")", "]")
    raise _Unreadable(read[at].start, "text-query-subject" if is_place else "text-query")


def _listing_subject(read: Sequence[Token], at: int) -> int:
    """Where the variable is that the list of predicates around a place is about. Raises _Unreadable.

    Looked for backwards, then read forwards: nothing but a list of simple predicates may be in between.
    """
    depth, start = 0, at - 1
    while depth or read[start].text not in _OPENS_TRIPLE:
        depth += {")": 1, "]": 1, "(": -1, "[": -1}.get(read[start].text, 0)
        start -= 1
        if depth < 0 or start < 0:
            raise _Unreadable(read[at].start)
    subject = start + 1
    if read[subject].type != "variable":
        raise _Unreadable(read[at].start)
    here = subject + 1
    while here < at:
        here = _after_object(read, _after_path(read, here))
        while read[here].text == ",":
            here = _after_object(read, here + 1)
        if read[here].text != ";":
            raise _Unreadable(read[at].start)
        while read[here].text == ";":
            here += 1
    if here != at:
        raise _Unreadable(read[at].start)
    return subject


def _after_path(read: Sequence[Token], at: int) -> int:
    """What comes after a variable, or a path without parentheses."""
    while True:
        while read[at].text == "^":
            at += 1
        if read[at].type not in ("iri", "name", "variable") and read[at].text != "a":
            raise _Unreadable(read[at].start)
        at += 1
        if read[at].text in ("*", "+", "?"):
            at += 1
        if read[at].text not in ("/", "|"):
            return at
        at += 1


def _after_object(read: Sequence[Token], at: int) -> int:
    """What comes after an object: a term, a list or the description of a blank node."""
    token = read[at]
    if token.text in ("(", "["):
        depth = 0
        while True:
            depth += {")": -1, "]": -1, "(": 1, "[": 1}.get(read[at].text, 0)
            at += 1
            if not depth:
                return at
    if token.type == "string":
        if read[at + 1].type == "language":
            return at + 2
        if read[at + 1].text == read[at + 2].text == "^":
            return at + 4
        return at + 1
    is_word = token.type == "word" and _LITERAL_WORD.fullmatch(token.text)
    if not is_word and token.type not in ("iri", "name", "variable", "blank"):
        raise _Unreadable(token.start)
    return at + 1


def _object(read: Sequence[Token], at: int) -> tuple[int, str, int]:
    """Where the object ends, its words, and how many hits it wants: "words", ("words") or ("words" 20)."""
    listed = read[at + 1].text == "("
    place = at + 2 if listed else at + 1
    text, most = read[place], MOST
    if text.type != "string":
        is_object = listed or text.type in ("variable", "iri", "name", "word", "blank") or text.text == "["
        raise _Unreadable(text.start, "text-query-words" if is_object else "text-query")
    if read[place + 1].type == "language":
        place += 1
    if listed:
        place += 1
        end = next(n for n in range(place, len(read)) if read[n].text == ")")
        if number := "".join(token.text for token in read[place:end]):
            if not _NUMBER.fullmatch(number):
                raise _Unreadable(read[place].start, "text-query-words")
            if not (number.isdigit() and len(number) <= 6 and 0 < int(number) <= MAX_HITS):
                raise _Unreadable(read[place].start, "text-query-limit")
            most = int(number)
        place = end
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
                raise _Unreadable(read[n].start, "text-query-iri")
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
