"""Functions that the checks may call, since SPARQL has none: the detector of personal data.

An extension function is named by an IRI (SPARQL 1.1 Query Language, section 17.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox

from clirld.settings import BASE
from clirld.values import contacts, personal_data
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
}
"""Of a literal or an IRI, true or false."""
