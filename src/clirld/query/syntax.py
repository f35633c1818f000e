"""What can be read off a SPARQL query without parsing it: its form, its SERVICE calls, its dataset.

pyoxigraph says nothing about a query before it runs it, and it runs SERVICE over the network. Its parser also
takes keywords without the spaces that the grammar asks for (`SERVICEex:a {}`, `1SERVICE<…> {}` and
`FILTER(1<'>')SERVICE…` are calls), so the reading here errs on the side of refusing: whatever may be a call
is one. The worker's kernel filter (`clirld.query.worker`) is the lock; this gives the reason in words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

QueryForm = Literal["select", "ask", "construct", "describe", "update"]

# PERCENT and PN_LOCAL_ESC of the SPARQL 1.1 grammar (https://www.w3.org/TR/sparql11-query/#sparqlGrammar).
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<comment>\#[^\r\n]*)
    | (?P<string>  "{{3}}(?:"{{0,2}}(?:[^"\\]|\\.))*"{{3}}  |  '{{3}}(?:'{{0,2}}(?:[^'\\]|\\.))*'{{3}}
                 | "(?:[^"\\\r\n]|\\[^\r\n])*"  |  '(?:[^'\\\r\n]|\\[^\r\n])*' )
    | (?P<iri><[^<>"{{}}|^`\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<blank>_:\w[\w.\-]*)
    | (?P<name>(?P<prefix>(?:\w[\w.\-]*)?):(?:(?:[\w:]|{_ESCAPE})(?:[\w:.\-]|{_ESCAPE})*)?)
    | (?P<word>\w+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# IRIs in which nothing could be read in two ways; any other is looked at as it is.
_PLAIN_IRI = re.compile(r"<[\w:/.#~%&=+,;@!*-]+>")
_MAX_SHAPE = 4000  # characters of a query whose shape is kept
_WHITESPACE = r"(?:\s|\#[^\r\n]*(?=[\r\n]|$))*"
_OPENS_GROUP = re.compile(_WHITESPACE + r"\{")
_SERVICE_IRI = re.compile(_WHITESPACE + r"(?:SILENT\b" + _WHITESPACE + r")?<([^<>]*)>", re.IGNORECASE)
_ABSOLUTE_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_QUERY_FORMS: tuple[QueryForm, ...] = ("select", "ask", "construct", "describe")
_UPDATE_KEYWORDS = ("insert", "delete", "load", "clear", "create", "drop", "copy", "move", "add", "with")
# Functions whose value changes from one evaluation to the next: their answers get no ETag.
_VOLATILE_FUNCTIONS = {"now", "rand", "uuid", "struuid"}


class Token(NamedTuple):
    """A piece of a query: what it is, its text, where it starts."""

    type: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be read off a query.

    `service` is the offset of the first SERVICE call that is not allowed; `own_dataset` says that it has a
    FROM; `volatile` that its answer changes by itself (NOW, RAND, UUID); `undeclared` are prefixes without
    a PREFIX; `depth` is how deep its brackets nest.
    """

    form: QueryForm | None
    service: int | None
    own_dataset: bool
    volatile: bool
    undeclared: tuple[tuple[str, int], ...]
    depth: int


def tokens(query: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a query, without spaces and comments. Any text can be read."""
    for match in _TOKEN.finditer(query, start):
        if match.lastgroup is not None and match.lastgroup not in ("space", "comment"):
            yield Token(match.lastgroup, match.group(), match.start())


def shape(query: str) -> str:
    """A query with its plain IRIs numbered: programs ask the same of one thing after another."""
    numbers: dict[str, str] = {}
    return _PLAIN_IRI.sub(lambda match: numbers.setdefault(match[0], f"<{len(numbers)}>"), query)


def outline(query: str, allow: Collection[str] = ()) -> Outline:
    """Read a query. SERVICE may be called on the IRIs of `allow`, written in full between < and >."""
    if len(query) <= _MAX_SHAPE and "service" not in query.lower():
        known = _outline_of_shape(shape(query))
        if not known.undeclared:  # whose places are those of the shape
            return known
    return _read(query, allow)


@lru_cache(maxsize=256)
def _outline_of_shape(text: str) -> Outline:
    return _read(text, ())


def _read(query: str, allow: Collection[str]) -> Outline:
    form: QueryForm | None = None
    declared: set[str] = set()
    used: dict[str, int] = {}
    keywords: set[str] = set()
    previous = ""
    open_brackets = depth = 0
    for token in tokens(query):
        text = token.text.lower()
        if token.type == "name":
            prefix = token.text.partition(":")[0]
            if previous == "prefix":
                declared.add(prefix)
            else:
                used.setdefault(prefix, token.start)
        elif token.type == "word":
            keywords.add(text)
            form = form or _query_form(text)
        elif text in _BRACKETS:
            open_brackets += _BRACKETS[text]
            depth = max(depth, open_brackets)
        previous = text
    undeclared = tuple((prefix, at) for prefix, at in used.items() if prefix not in declared)
    volatile = bool(keywords & _VOLATILE_FUNCTIONS)
    return Outline(form, _first_service_call(query, allow), "from" in keywords, volatile, undeclared, depth)


def line_and_column(query: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1."""
    line = query.count("\n", 0, offset) + 1
    return line, offset - query.rfind("\n", 0, offset)


def _query_form(word: str) -> QueryForm | None:
    # A prefix is enough: pyoxigraph takes a keyword without a space after it (see the head of this module).
    for form in _QUERY_FORMS:
        if word.startswith(form):
            return form
    return "update" if word in _UPDATE_KEYWORDS else None


def _first_service_call(query: str, allow: Collection[str]) -> int | None:
    """Offset of the first call, in any reading of the query.

    `<` opens an IRI or compares. The two readings go apart only where what follows has a quote or a # in
    it: then what one reads as code is a string or a comment to the other. Both are followed, each place
    once.
    """
    if "service" not in query.lower():
        return None
    visited: set[int] = set()
    starts = [0]
    calls: list[int] = []
    while starts:
        at = starts.pop()
        while at < len(query) and at not in visited:
            visited.add(at)
            match = _TOKEN.match(query, at)
            if match is None:
                break
            if match["iri"] and re.search("['#]", match["iri"]) and not _ABSOLUTE_IRI.match(match["iri"]):
                starts.append(at + 1)
            if _is_service_call(query, match, allow):
                calls.append(at)
                break
            at = match.end()
    return min(calls, default=None)


def _is_service_call(query: str, match: re.Match[str], allow: Collection[str]) -> bool:
    if match["word"]:
        if "service" not in match["word"].lower():
            return False
        called = _SERVICE_IRI.match(query, match.end())
        return not (match["word"].lower() == "service" and called and called[1] in allow)
    # A call is followed by a group: service:x is a name unless { follows it.
    prefix = match["prefix"] or ""
    return "service" in prefix.lower() and _OPENS_GROUP.match(query, match.end()) is not None
