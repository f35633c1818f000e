"""Turtle that is the same bytes for the same triples, with the prefixes that it uses and no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import RdfFormat, Triple, serialize


def turtle(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> str:
    """Turtle of a set of triples, in the order of their subjects; `prefixes` is prefix → namespace."""
    ordered = sorted(set(triples), key=str)
    text = (serialize(ordered, format=RdfFormat.TURTLE, prefixes=dict(prefixes)) or b"").decode()
    # The serializer writes all prefixes, in an order that changes from run to run.
    lines = text.splitlines(keepends=True)
    body = "".join(line for line in lines if not line.startswith("@prefix "))
    used = sorted(line for line in lines if line.startswith("@prefix ") and f"{line.split()[1]}" in body)
    return "".join([*used, "\n", body])
