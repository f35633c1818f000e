"""Functions that the checks may call, since SPARQL has none: the detector of personal data.

An extension function is named by an IRI (SPARQL 1.1 Query Language, section 17.6). What it raises is an error of an
expression, which a FILTER takes for false (section 17.2): a detector that fails, or Ctrl-C while it runs, would let
everything pass. So the failures are kept, for the caller to raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyoxigraph as ox

from clirld.settings import BASE
from clirld.values import contacts, personal_data
from clirld.values.persons import names as person_names
from clirld.values.persons import streets
from clirld.values.web_url import refused_as_personal

_TRUE = ox.Literal(True)
_FALSE = ox.Literal(False)


_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def functions(failures: list[BaseException]) -> dict[ox.NamedNode, Callable[..., _Term | None]]:
    """Functions of a literal or an IRI that give true or false, by IRI; what they raise is added to `failures`."""

    def of_text(test: Callable[[str], object]) -> Callable[..., _Term | None]:
        def function(term: Any) -> ox.Literal:
            try:
                return _TRUE if test(term.value) else _FALSE
            except BaseException as failure:
                failures.append(failure)
                raise

        return function

    return {
        ox.NamedNode(f"{BASE}function#hasContact"): of_text(contacts.find),
        ox.NamedNode(f"{BASE}function#namesPerson"): of_text(personal_data.names_person),
        ox.NamedNode(f"{BASE}function#streetNamesPerson"): of_text(streets.find),
        ox.NamedNode(f"{BASE}function#leadsToPerson"): of_text(refused_as_personal),
        ox.NamedNode(f"{BASE}function#mayNamePerson"): of_text(person_names.is_person_name),
    }


_INITIATIVE = f" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{BASE}ontology#Initiative> ".encode()
_LABEL = b" <http://www.w3.org/2000/01/rdf-schema#label> "


def initiative_names(text: bytes) -> Iterator[str]:
    """What `areNames` is asked of in shapes/checks/personal-data.rq, of N-Quads about one subject."""
    if _INITIATIVE in text:
        for line in text.split(b"\n"):
            if _LABEL in line:
                for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS):
                    assert isinstance(quad.object, ox.Literal)
                    yield quad.object.value


def aggregates(failures: list[BaseException], are_names: bool | None = None) -> dict[ox.NamedNode, Callable[[], Any]]:
    """Aggregates of literals that give true or false, by IRI; what they raise is added to `failures`.

    `are_names` is the answer for the whole graph, where a query sees only a part of it.
    """

    class AreNames:
        """Whether most of some texts are names of persons, which one alone does not tell."""

        def __init__(self) -> None:
            self.texts: set[str] = set()

        def accumulate(self, term: Any) -> None:
            if are_names is None:
                self.texts.add(term.value)

        def finish(self) -> ox.Literal:
            try:
                answer = person_names.is_column_of_names(self.texts) if are_names is None else are_names
                return _TRUE if answer else _FALSE
            except BaseException as failure:
                failures.append(failure)
                raise

    return {ox.NamedNode(f"{BASE}function#areNames"): AreNames}
