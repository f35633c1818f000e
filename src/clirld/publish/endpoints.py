"""The addresses of a store: its graphs, and where it takes queries and updates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from clirld.connect.store_address import check_address

_SECRETS = "CLIRLD_PUBLISH_USER and CLIRLD_PUBLISH_PASSWORD"

Swap = Literal["move", "difference"]
"""How staging graphs get to their places: by MOVE, or by taking out and putting in what differs."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`graphs` is the address of the Graph Store; the other two are None where nobody said that there are any.

    `fresh` are parameters for a PUT into a graph that nobody reads yet; an update that swaps begins with `prologue`.
    """

    graphs: str
    query: str | None = None
    update: str | None = None
    swap: Swap = "move"
    fresh: Mapping[str, str] = field(default_factory=dict)
    prologue: str = ""


_KNOWN: dict[str, Endpoints] = {
    # A transaction of Oxigraph is in memory: 2 GB for a million triples, and a MOVE writes each three times.
    "/store": Endpoints("/store", "/query", "/update", "difference", {"no_transaction": ""}),
    # Virtuoso undoes nothing of a request that fails, and takes a million triples only where it commits row by row.
    "/sparql-graph-crud-auth": Endpoints(
        "/sparql-graph-crud-auth", "/sparql-auth", "/sparql-auth", prologue="DEFINE sql:log-enable 3\n"
    ),
}
"""Stores that were tried, by the end of their address: Oxigraph, Virtuoso."""


def endpoints(to: str, query: str | None = None, update: str | None = None, *, insecure: bool = False) -> Endpoints:
    """The addresses of a store: those that are given, and those that are known of it.

    Raises UsageError for what is no address to send to: with a password in it, or over a network without encryption.
    """
    for option, url in (("--to", to), ("--query", query), ("--update", update)):
        if url is not None:
            check_address(option, url, _SECRETS, insecure=insecure)
    to = to.rstrip("/")
    for end, known in _KNOWN.items():
        if to.endswith(end):
            base = to.removesuffix(end)
            return replace(
                known, graphs=to, query=query or f"{base}{known.query}", update=update or f"{base}{known.update}"
            )
    return Endpoints(to, query, update)
