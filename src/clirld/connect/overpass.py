"""Overpass: elements of OpenStreetMap."""

from __future__ import annotations

from typing import BinaryIO

from clirld.connect.base import Client, Collected, Connector, Wanted


class Overpass(Connector):
    """The interpreter at the distribution's address, asked the `query` in that file of the source's folder."""

    query: str

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask the query; an answer with a remark (time-out, out of memory) is not whole."""
        raise NotImplementedError
