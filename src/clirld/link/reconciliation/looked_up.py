"""What a query of the Reconciliation API may mean, before it is compared: things by their numbers, words and places."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Store

from clirld.link import names
from clirld.link.reconciliation.facts import facts
from clirld.link.reconciliation.properties import TYPES
from clirld.search.find import Narrowed, opened
from clirld.search.near import near_names, near_words
from clirld.search.words import facet, key, words
from clirld.settings import BASE

DEFAULT_LIMIT = 5
"""Candidates of a query that does not say how many."""
LOOKED_AT = 40
"""Things with words of the query that are scored."""
NUMBERS = ("siren", "siret", "rna")
"""Official numbers, by the property of the query that has them."""

_WORDS, _NEAR = 16, 8
"""Words that are asked for; of each that may be mistyped, those that are near it."""
_FIND = """
SELECT thing.iri FROM text JOIN thing ON thing.id = text.rowid
WHERE text MATCH ? AND NOT thing.gone {narrowed} ORDER BY bm25(text, 10.0, 6.0, 10.0, 0.0) LIMIT ?
"""
_NARROWED = "AND +text.rowid IN (SELECT rowid FROM facet WHERE facet MATCH ?)"
_COMMUNES = "SELECT thing.iri FROM name JOIN thing ON thing.id = name.thing WHERE words = ? AND NOT gone LIMIT 50"
_NAMED = "SELECT thing.iri FROM name JOIN thing ON thing.id = name.thing WHERE words = ? AND NOT gone LIMIT 200"
_COMMUNE = f"{BASE}id/territory/commune-"
_KIND = NamedNode(f"{BASE}ontology#territoryKind")
_DEPARTEMENT = NamedNode(f"{BASE}concept/territory-kind/departement")


@dataclass(frozen=True, slots=True)
class Query:
    """A query: words, the type of what is looked for (of TYPES; empty: any), and what is known of it, by property."""

    words: str = ""
    type: str = ""
    limit: int = DEFAULT_LIMIT
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)


def by_number(query: Query, store: Store) -> list[str]:
    """Things that have an official number of the query, or the code of a territory."""
    found = []
    for register in NUMBERS:
        for number in query.given.get(register, ()):
            literal = Literal(compact(number))
            for quad in store.quads_for_pattern(None, NamedNode(f"{BASE}ontology#{register}"), literal, None):
                found.append(str(getattr(quad.subject, "value", "")).removeprefix(f"{BASE}id/"))
                if len(found) >= LOOKED_AT:
                    return found
    if query.type == "territory":
        found += [f"territory/commune-{code}" for code in query.given.get("insee", ())]
        found = [one for one in found if facts(store, one).said]
    return [one for one in found if _is_of(one, query.type)]


def _is_of(id_: str, type_: str) -> bool:
    kind = id_.partition("/")[0]
    return kind == type_ if type_ else kind in TYPES


def by_words(query: Query, store: Store, index: Path) -> list[str]:
    """Things of the name, then those that have a word of it, the rarest first; all that tell anything are asked."""
    with opened(index) as database:
        named = [row[0].removeprefix(f"{BASE}id/") for row in database.execute(_NAMED, [key(query.words[:500])])]
    return [one for one in named if _is_of(one, query.type)] + _with_words(
        ordered(query.words)[:_WORDS], query, store, index
    )


def mistyped(query: Query, store: Store, index: Path) -> list[str]:
    """Things in whose name a letter is wrong, two in a long one, as the search has them (`search.near`)."""
    near = near_words(index, query.words)
    named = [
        hit.iri.removeprefix(f"{BASE}id/")
        for type_ in ([query.type] if query.type else TYPES)
        for hit in near_names(index, query.words, near, Narrowed(type_))
        if not hit.is_gone and hit.iri.startswith(f"{BASE}id/")
    ]
    meant = [one for found in near.values() for one in found[:_NEAR]]
    return [*named, *_with_words(meant[:_WORDS], query, store, index)]


def _with_words(told: Sequence[str], query: Query, store: Store, index: Path) -> list[str]:
    if not told:
        return []
    # Quoted, and so no operator; the last letters of a longer word may be mistyped or of another number.
    asked = " OR ".join(f'"{word}"' + ("*" if len(word) > 3 else "") for word in told)
    types = " OR ".join(f'"{facet(f"type/{one}")}"' for one in ([query.type] if query.type else TYPES))
    with opened(index) as database:
        there = [f"commune-{code}" for code in _communes(database, query)] or _departements(query, store)
        here = " OR ".join(f'"{facet(f"territory/{one}")}"' for one in there)
        found = []
        # Those that are there first: a common word has too many things elsewhere.
        for narrowed in (f"({types}) AND ({here})", types) if here else (types,):
            question = [f"{{label name}} : ({asked})", narrowed, LOOKED_AT]
            found += database.execute(_FIND.format(narrowed=_NARROWED), question).fetchall()
    return [row[0].removeprefix(f"{BASE}id/") for row in found if row[0].startswith(f"{BASE}id/")]


def _communes(database: sqlite3.Connection, query: Query) -> list[str]:
    """The codes of the communes that a query names, by a code or a name."""
    codes = [code for code in query.given.get("insee", ()) if code.isalnum()]
    for text in query.given.get("commune", ()):
        rows = database.execute(_COMMUNES, [key(text.rpartition("/")[2].removeprefix("commune-"))]).fetchall()
        codes += [row[0].removeprefix(_COMMUNE) for row in rows if row[0].startswith(_COMMUNE)]
    return codes[:20]


def _departements(query: Query, store: Store) -> list[str]:
    """The keys of the départements that a query names, by a code, an id or a name."""
    given = {key(text.rpartition("/")[2].removeprefix("departement-")) for text in query.given.get("departement", ())}
    if not given:
        return []
    found = []
    for quad in store.quads_for_pattern(None, _KIND, _DEPARTEMENT, None):
        name = str(getattr(quad.subject, "value", "")).rpartition("/")[2]
        called = facts(store, f"territory/{name}").names
        if given & {key(one) for one in (name.removeprefix("departement-"), *called)}:
            found.append(name)
    return sorted(set(found))


def ordered(text: str) -> list[str]:
    """The words that tell something of a name, as the index has them."""
    if not text.strip():
        return []
    return list(dict.fromkeys(word for one in names.telling(text[:500]) for word in words(one)))


def compact(number: str) -> str:
    """An official number as the registers write it."""
    return "".join(number.split()).upper()
