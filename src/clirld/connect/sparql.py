"""SPARQL: what a CONSTRUCT query gives, as sorted N-Triples."""

from __future__ import annotations

from typing import BinaryIO

from clirld.connect.base import Client, Collected, Connector, Wanted


class Sparql(Connector):
    """The endpoint at the distribution's address, asked the `query` in that file of the source's folder."""

    query: str

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask the query; its triples are sorted, so that the same answer is the same snapshot."""
        raise NotImplementedError
