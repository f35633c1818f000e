"""Triples as JSON-LD written with the public context, `ontology/context.jsonld`.

Compaction (https://www.w3.org/TR/json-ld11-api/#compaction) of what the data has: values with a term of the context
that says exactly their type are written short, all others in full.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_STRING = "http://www.w3.org/2001/XMLSchema#string"


@dataclass(frozen=True)
class Context:
    """The public context: what its terms stand for."""

    path: Path

    @cached_property
    def _entries(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text(encoding="utf-8"))["@context"])

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Name → namespace."""
        return {
            name: iri for name, iri in self._entries.items() if isinstance(iri, str) and iri.endswith(("/", "#", ":"))
        }

    @cached_property
    def _terms(self) -> dict[str, list[tuple[str, str | None, bool]]]:
        """Property or class → (term, type that the term says, whether it is a map of languages)."""
        terms: dict[str, list[tuple[str, str | None, bool]]] = defaultdict(list)
        for name, entry in self._entries.items():
            definition = {"@id": entry} if isinstance(entry, str) else entry
            if name.startswith("@") or name in self.prefixes or not isinstance(definition, dict):
                continue
            type_ = definition.get("@type")
            by_language = "@language" in definition.get("@container", ())
            whole_type = type_ if type_ in (None, "@id") else self._whole(type_)
            terms[self._whole(definition["@id"])].append((name, whole_type, by_language))
        return terms

    @cached_property
    def link_properties(self) -> frozenset[str]:
        """The properties that lead to another thing."""
        return frozenset(iri for iri, terms in self._terms.items() if any(type_ == "@id" for _, type_, _ in terms))

    def _whole(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return f"{self.prefixes[prefix]}{rest}" if colon and prefix in self.prefixes else name

    def short(self, iri: str) -> str:
        """A prefixed name, the IRI itself where no prefix fits."""
        fitting = [(len(start), name, start) for name, start in self.prefixes.items() if iri.startswith(start)]
        if not fitting:
            return iri
        _, name, start = max(fitting)
        rest = iri.removeprefix(start)
        # `a://b` would be read as an address.
        return iri if rest.startswith("//") else f"{name}:{rest}"

    def write(self, triples: Iterable[Triple], address: str) -> bytes:
        """The triples as JSON-LD, which names the context by its address."""
        nodes: dict[str, dict[str, Any]] = {}
        for triple in triples:
            name = _node_name(triple.subject)
            node = nodes.setdefault(name, {"id": name})
            self._add(node, triple.predicate.value, triple.object)
        document = {"@context": address, "@graph": list(nodes.values())}
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"

    def _add(self, node: dict[str, Any], predicate: str, value: Any) -> None:
        if predicate == _TYPE and isinstance(value, NamedNode):
            node.setdefault("type", []).append(
                next((name for name, *_ in self._terms.get(value.value, ())), value.value)
            )
            return
        for name, type_, by_language in self._terms.get(predicate, ()):
            if isinstance(value, NamedNode | BlankNode):
                if type_ == "@id":
                    node.setdefault(name, []).append(_node_name(value))
                    return
            elif value.language:
                if by_language:
                    node.setdefault(name, {}).setdefault(value.language, []).append(value.value)
                    return
            elif not by_language and type_ != "@id" and value.datatype.value == (type_ or _STRING):
                node.setdefault(name, []).append(value.value)
                return
        node.setdefault(self.short(predicate), []).append(_whole_value(value))


def _node_name(node: Any) -> str:
    return str(node) if isinstance(node, BlankNode) else str(node.value)


def _whole_value(value: Any) -> dict[str, str]:
    if not isinstance(value, Literal):
        return {"@id": _node_name(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    return {"@value": value.value, "@type": value.datatype.value}
