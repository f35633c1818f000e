"""ArcGIS: the features of a FeatureServer or MapServer layer, page by page, as GeoJSON."""

from __future__ import annotations

from typing import BinaryIO

from pydantic import Field

from clirld.connect.base import Client, Collected, Connector, Wanted


class ArcGis(Connector):
    """The layer at the distribution's address (…/FeatureServer/0): `fields` of the features that fit `where`."""

    where: str = "1=1"
    fields: tuple[str, ...] = ("*",)
    size: int = Field(2000, ge=1)

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for all features; their number is compared with the server's count."""
        raise NotImplementedError
