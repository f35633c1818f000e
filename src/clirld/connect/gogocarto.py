"""GoGoCarto: the elements of a map, whole or tile by tile."""

from __future__ import annotations

from typing import BinaryIO, Literal

from clirld.connect.base import Client, Collected, Connector, Wanted

Bounds = tuple[float, float, float, float]


class GoGoCarto(Connector):
    """The map at the distribution's address (https://<map>.gogocarto.fr).

    `ontology` is the layout of the answers; `taxonomy` asks for the categories instead of the elements; `bounds` are
    west, south, east, north in degrees, cut into `tiles` by `tiles` where the map is too large for one answer.
    """

    ontology: Literal["gogofull", "gogocompact", "jsonld"] = "gogofull"
    taxonomy: bool = False
    bounds: Bounds | None = None
    tiles: int = 1
    categories: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    exclude_external: bool = False

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for the elements."""
        raise NotImplementedError
