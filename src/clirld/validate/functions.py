"""Functions that the checks may call, since SPARQL has none: the detector of personal data.

An extension function is named by an IRI (SPARQL 1.1 Query Language, section 17.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox

from clirld.settings import BASE
from clirld.values import contacts, person_names, personal_data
from clirld.values.web_url import refused_as_personal

_TRUE = ox.Literal(True)
_FALSE = ox.Literal(False)


_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def _of_text(test: Callable[[str], object]) -> Callable[..., _Term | None]:
    def function(term: Any) -> ox.Literal:
        return _TRUE if test(term.value) else _FALSE

    return function


FUNCTIONS = {
    ox.NamedNode(f"{BASE}function#hasContact"): _of_text(contacts.find),
    ox.NamedNode(f"{BASE}function#namesPerson"): _of_text(personal_data.names_person),
    ox.NamedNode(f"{BASE}function#leadsToPerson"): _of_text(refused_as_personal),
    ox.NamedNode(f"{BASE}function#mayNamePerson"): _of_text(person_names.is_person_name),
}
"""Of a literal or an IRI, true or false."""


class _AreNames:
    """Whether most of some texts are names of persons, which one alone does not tell."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def accumulate(self, term: Any) -> None:
        self.texts.add(term.value)

    def finish(self) -> ox.Literal:
        return _TRUE if person_names.is_column_of_names(self.texts) else _FALSE


AGGREGATES: dict[ox.NamedNode, Callable[[], Any]] = {ox.NamedNode(f"{BASE}function#areNames"): _AreNames}
"""Of literals, true or false."""
