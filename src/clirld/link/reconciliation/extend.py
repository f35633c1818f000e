"""Values of things, to extend a table by: the second half of the Reconciliation API (0.2, section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyoxigraph import Store

from clirld.link.reconciliation.facts import facts, label
from clirld.link.reconciliation.properties import TYPES, Language, Property, properties
from clirld.settings import BASE

MOST = 100
"""Things of a request, and values of a property."""


def extend(
    ids: Sequence[str], wanted: Sequence[Property], store: Store, licences: Mapping[str, str], language: Language
) -> dict[str, Any]:
    """`meta` and `rows` of the answer; a thing that is not there has no values.

    `licences` gives the title of the licence of a source's graph.
    """
    return {
        "meta": [_meta(one, language) for one in wanted],
        "rows": {id_: {one.id: _values(id_, one, store, licences, language) for one in wanted} for id_ in ids},
    }


def _meta(one: Property, language: Language) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "name": one.labels[language]}
    if one.id in ("commune", "departement", "epci"):
        told["type"] = {"id": "territory", "name": TYPES["territory"][language]}
    return told


def _values(
    id_: str, one: Property, store: Store, licences: Mapping[str, str], language: Language
) -> list[dict[str, Any]]:
    thing = facts(store, id_)
    if one.id == "license":
        return [{"str": text} for text in sorted({licences[graph] for graph in thing.sources if graph in licences})]
    values = thing.value(one.id)[:MOST]
    match one.value:
        case "thing":
            return [_thing(iri, store, language) for iri in values]
        case "number":
            return [{"int": int(text)} if text.isdecimal() else {"float": float(text)} for text in values]
        case "date":
            return [{"date": f"{text}T00:00:00+00:00"} for text in values]
        case _:
            return [{"str": text} for text in values]


def _thing(iri: str, store: Store, language: Language) -> dict[str, Any]:
    """One with an id of this service, or a text: concepts and sources are none of its things."""
    id_ = iri.removeprefix(f"{BASE}id/")
    if iri.startswith(f"{BASE}id/") and id_.partition("/")[0] in TYPES:
        return {"id": id_, "name": label(store, iri, language)}
    if iri.startswith(f"{BASE}graph/"):
        return {"str": iri.removeprefix(f"{BASE}graph/")}
    return {"str": label(store, iri, language)}


def proposed(type_: str, limit: int | None, language: Language) -> dict[str, Any]:
    """What things of a type can be extended by."""
    found = [
        {"id": one.id, "name": one.labels[language]} for one in properties().values() if not type_ or type_ in one.of
    ]
    answer: dict[str, Any] = {"properties": found[: limit if limit is not None else None]}
    return answer | ({"type": type_} if type_ else {}) | ({"limit": limit} if limit is not None else {})
