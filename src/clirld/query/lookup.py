"""Which queries are short by their form alone: lookups, for which a place is kept, or that need no place at all.

A lookup reads a handful of quads by their index: what one subject says, or the first rows of one pattern. Anything
that this module does not know is not one: no path, aggregate, filter, sort, subquery, second subject.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from clirld.query.syntax import Token, shape, tokens

_MAX_LENGTH = 4000
_MAX_PATTERNS = 5
_MAX_ROWS = 1000

LookupKind = Literal["star", "pattern"]
_Term = tuple[str, str]


class _NoLookup(Exception):  # noqa: N818
    """Something that no lookup has."""


def lookup_kind(query: str) -> LookupKind | None:
    """Which kind of lookup a query is; None where it is none.

    star      a DESCRIBE of one IRI, or up to five patterns around one, of constant predicates where there are several
    pattern   SELECT or ASK of one pattern, around an IRI or with a LIMIT: each row that is read is a row of the answer
    """
    return _kind_of_shape(shape(query)) if len(query) <= _MAX_LENGTH else None


@lru_cache(maxsize=256)
def _kind_of_shape(query: str) -> LookupKind | None:
    try:
        return _Reader(list(tokens(query))).kind()
    except _NoLookup:
        return None


class _Reader:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0

    def kind(self) -> LookupKind | None:
        while self._takes("prefix"):
            self._term("name")
            self._term("iri")
        distinct, is_construct = False, False
        if self._takes("describe"):
            self._term("iri", "name")
            return "star" if self._at == len(self._tokens) else None
        if self._takes("select"):
            distinct = self._takes("distinct")
            if not self._takes("*"):
                self._term("variable")
                while self._next("variable"):
                    self._at += 1
        elif self._takes("construct"):
            is_construct = True
            if not self._next_is("where"):
                self._patterns()  # the template: as many triples a row as it is long
        elif not self._takes("ask"):
            return None
        self._takes("where")
        patterns = self._patterns()
        limit, offset = self._number("limit"), self._number("offset")
        if self._at < len(self._tokens):
            return None
        # A variable that stands twice leaves out rows that are read.
        is_plain = len(patterns) == 1 and not distinct and _variables_differ(patterns[0])
        is_short = is_plain and limit is not None and limit + (offset or 0) <= _MAX_ROWS
        if not (is_short or _is_star(patterns)):
            return None
        return "pattern" if is_plain and offset is None and not is_construct else "star"

    def _patterns(self) -> list[tuple[_Term, _Term, _Term]]:
        """{ s p o , o ; p o . s p o }"""
        self._expect("{")
        found = []
        while not self._takes("}"):
            subject = self._term("iri", "name", "variable")
            while True:
                predicate = ("iri", "rdf:type") if self._takes("a") else self._term("iri", "name", "variable")
                found.append((subject, predicate, self._object()))
                while self._takes(","):
                    found.append((subject, predicate, self._object()))
                if not self._takes(";"):
                    break
            if not self._takes("."):
                self._expect("}")
                break
        return found

    def _object(self) -> _Term:
        term = self._term("iri", "name", "variable", "string")
        if term[0] == "string" and self._next("language"):
            return ("string", term[1] + self._term("language")[1])
        return term

    def _number(self, keyword: str) -> int | None:
        if not self._takes(keyword):
            return None
        text = self._term("word")[1]
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise _NoLookup
        return int(text)

    def _term(self, *types: str) -> _Term:
        if self._at >= len(self._tokens) or self._tokens[self._at].type not in types:
            raise _NoLookup
        token = self._tokens[self._at]
        # What two readers may read differently is not read here: escapes, quotes in IRIs, dots at the end of names.
        if "\\" in token.text or (token.type == "iri" and not _is_plain(token.text)) or token.text.endswith("."):
            raise _NoLookup
        self._at += 1
        return token.type, token.text

    def _next(self, type_: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].type == type_

    def _next_is(self, text: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].text.lower() == text

    def _takes(self, text: str) -> bool:
        if self._next_is(text):
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise _NoLookup


def _variables_differ(pattern: tuple[_Term, _Term, _Term]) -> bool:
    variables = [term for term in pattern if term[0] == "variable"]
    return len(set(variables)) == len(variables)


def _is_star(patterns: list[tuple[_Term, _Term, _Term]]) -> bool:
    subjects, predicates, objects = ({pattern[place] for pattern in patterns} for place in range(3))
    count = len(patterns)
    return (
        0 < count <= _MAX_PATTERNS
        and len(subjects) == 1
        and next(iter(subjects))[0] in ("iri", "name")
        and (count == 1 or (len(predicates) == count and all(term[0] != "variable" for term in predicates)))
        and (count == 1 or (len(objects) == count))
    )


def _is_plain(iri: str) -> bool:
    return "'" not in iri and "(" not in iri
