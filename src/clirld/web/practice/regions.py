"""The regions that initiatives are in: by their seat, else by where they act, with as few look-ups as it takes."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from clirld.reuse.facts import TERRITORY, Facts, node

_PART_OF = node("dct:isPartOf")


def regions_of(facts: Facts, initiatives: Iterable[str]) -> dict[str, list[str]]:
    """Initiative → keys of regions, those whose place is known; `region-27`."""
    known: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for one in initiatives:
        places = facts.iris(one, "clir:seatedIn") or facts.iris(one, "clir:actsIn")
        keys = {_region(facts, iri.removeprefix(TERRITORY), known) for iri in places} - {""}
        if keys:
            found[one] = sorted(keys)
    return found


def _region(facts: Facts, key: str, known: dict[str, str]) -> str:
    kind, _, code = key.rpartition("-")
    if kind == "region":
        return key
    if kind == "epci":
        member = next(facts.store.quads_for_pattern(None, _PART_OF, NamedNode(TERRITORY + key), None), None)
        subject = member.subject if member else None
        inside = subject.value.removeprefix(TERRITORY) if isinstance(subject, NamedNode) else ""
        return _region(facts, inside, known) if inside.startswith("commune-") else ""
    if kind == "departement":
        departement = code
    elif kind in ("commune", "arrondissement-municipal"):
        departement = code[:3] if code.startswith("97") else code[:2]
    else:
        return ""
    if departement not in known:
        within = facts.iris(f"{TERRITORY}departement-{departement}", "dct:isPartOf")
        known[departement] = next((o.removeprefix(TERRITORY) for o in within if "/region-" in o), "")
    return known[departement]
