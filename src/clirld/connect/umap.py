"""uMap: the layers of a map, each a GeoJSON FeatureCollection."""

from __future__ import annotations

from typing import BinaryIO

from clirld.connect.base import Client, Collected, Connector, Wanted


class UMap(Connector):
    """The map whose page is the distribution's address; only `layers` of these names, or all."""

    layers: tuple[str, ...] = ()

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for the page of the map, then for its layers."""
        raise NotImplementedError
