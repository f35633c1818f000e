"""Which graphs a query can take its answer from, as far as its text says: those of FROM or GRAPH, else any."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clirld.query.syntax import Token, tokens
from clirld.query.text_search import is_used

_TERMS = ("iri", "name", "variable", "string", "blank")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


class _Any(Exception):  # noqa: N818
    """It may be any graph."""


def graphs_read(query: str) -> frozenset[str] | None:
    """IRIs of the graphs that the text of a query limits it to; None where it does not, or that is not sure.

    Limited is what names its dataset (FROM, FROM NAMED), or has no pattern outside of `GRAPH <…> { }`.
    """
    if not re.search("from|graph", query, re.IGNORECASE) or is_used(query):  # a search is of all graphs
        return None
    try:
        return _Reader(list(tokens(query))).graphs()
    except (_Any, IndexError):
        return None


class _Reader:
    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._prefixes: dict[str, str] = {}
        for n, token in enumerate(found[:-2]):
            if token.text.lower() == "prefix" and found[n + 1].type == "name" and found[n + 2].type == "iri":
                self._prefixes[found[n + 1].text[:-1]] = found[n + 2].text[1:-1]

    def graphs(self) -> frozenset[str]:
        dataset = self._dataset()
        return dataset or self._of_patterns(self._start())

    def _dataset(self) -> frozenset[str]:
        named = set()
        for n, token in enumerate(self._tokens):
            if token.type == "word" and token.text.lower() == "from":
                is_named = self._tokens[n + 1].text.lower() == "named"
                named.add(self._iri(self._tokens[n + 2 if is_named else n + 1]))
        return frozenset(named)

    def _start(self) -> int:
        """Where the patterns begin: after the template of a CONSTRUCT."""
        for n, token in enumerate(self._tokens):
            if token.type == "word" and token.text.lower() == "describe":
                raise _Any
            if token.type == "word" and token.text.lower() == "construct":
                return self._after_group(n + 1) if self._tokens[n + 1].text == "{" else n + 1
            if token.type == "word" and token.text.lower() in ("select", "ask"):
                return n + 1
        raise _Any

    def _of_patterns(self, at: int) -> frozenset[str]:
        found: set[str] = set()
        graph: list[str] = []
        """The graph of each group that is open; none for that of all."""
        parentheses = [0]
        names_only = False
        while at < len(self._tokens):
            token, word = self._tokens[at], self._tokens[at].text.lower()
            if word == "{":
                graph.append(graph[-1] if graph else "")
                parentheses.append(0)
                names_only = False
            elif word == "}":
                graph.pop()
                parentheses.pop()
            elif word in ("(", ")"):
                parentheses[-1] += 1 if word == "(" else -1
            elif token.type == "word" and word == "graph":
                found.add(self._iri(self._tokens[at + 1]))
                if self._tokens[at + 2].text != "{":
                    raise _Any
                graph.append(self._iri(self._tokens[at + 1]))
                parentheses.append(0)
                at += 2
            elif token.type == "word" and word == "values":
                while self._tokens[at].text != "{":
                    at += 1
                at = self._after_group(at) - 1
            elif token.type == "word" and word == "select":
                names_only = True  # up to its group
            elif token.type == "word" and word == "service":
                raise _Any
            elif token.type in _TERMS and graph and not graph[-1] and not parentheses[-1] and not names_only:
                raise _Any  # a pattern on all graphs, or something that looks like one
            at += 1
        return frozenset(found)

    def _after_group(self, at: int) -> int:
        depth = 0
        while True:
            depth += {"{": 1, "}": -1}.get(self._tokens[at].text, 0)
            at += 1
            if depth == 0:
                return at

    def _iri(self, token: Token) -> str:
        if token.type == "iri" and _ABSOLUTE.match(token.text[1:]) and "\\" not in token.text:
            return token.text[1:-1]
        if token.type == "name" and "\\" not in token.text:
            prefix, _, rest = token.text.partition(":")
            if prefix in self._prefixes:
                return self._prefixes[prefix] + rest
        raise _Any
