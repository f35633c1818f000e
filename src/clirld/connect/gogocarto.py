"""GoGoCarto: the elements of a map, whole or tile by tile, or its categories.

The API has no pages: `/api/elements.json` gives everything at once, or what is within `bounds`; `/api/taxonomy.json`
the categories; the ending .jsonld both as JSON-LD. Read in pixelhumain/GoGoCarto:
src/Biopen/GeoDirectoryBundle/Controller/APIController.php. Newer maps state a `licence` beside the data; some want a
token and say so as a text with status 200.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Literal

from pydantic import Field, model_validator

from clirld.connect import answer
from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.errors import FetchError

Bounds = tuple[float, float, float, float]


class GoGoCarto(Connector):
    """The map at the distribution's address (https://<map>.gogocarto.fr).

    `ontology` is the layout of the answers; `taxonomy` asks for the categories instead of the elements; `bounds` are
    west, south, east, north in degrees, cut into `tiles` by `tiles` where the map is too large for one answer: an
    element on the edge of two comes twice.
    """

    ontology: Literal["gogofull", "gogocompact", "jsonld"] = "gogofull"
    taxonomy: bool = False
    bounds: Bounds | None = None
    tiles: int = Field(1, ge=1, le=50)
    categories: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    exclude_external: bool = False

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> GoGoCarto:
        if self.bounds:
            west, south, east, north = self.bounds
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError("bounds are west, south, east, north, in degrees")
        elif self.tiles > 1:
            raise ValueError("tiles divide bounds: give those too")
        if self.taxonomy and (self.bounds or self.categories or self.stamps or self.exclude_external):
            raise ValueError("taxonomy asks for categories: what narrows the elements has no effect")
        return self

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for the elements."""
        linked = self.ontology == "jsonld"
        base = answer.below(
            wanted.url, f"api/{'taxonomy' if self.taxonomy else 'elements'}.{'jsonld' if linked else 'json'}"
        )
        items = "@graph.item" if linked else wanted.items if self.taxonomy else "data.item"
        licence: str | None = None
        for parameters in self._parameters(linked):
            url, start = answer.address(base, parameters), out.tell()
            client.save(url, out)
            seen = answer.look(out, start, items, url)
            if (told := seen.texts.get("ontology", "")) and "ontology" in parameters and told != self.ontology:
                raise _other_ontology(told, self.ontology, url)
            licence = licence or seen.texts.get("licence") or seen.texts.get("license")
            out.write(b"\n")
        return Collected(license=licence)

    def _parameters(self, linked: bool) -> Iterator[dict[str, str]]:
        """The parameters of each request: one, or one a tile from south-west to north-east."""
        common: dict[str, str] = {}
        if not self.taxonomy and not linked:
            common["ontology"] = self.ontology
        if self.categories:
            common["categories"] = ",".join(self.categories)
        if self.stamps:
            common["stamps"] = ",".join(self.stamps)
        if self.exclude_external:
            common["excludeExternal"] = "true"
        if not self.bounds:
            yield common
            return
        west, south, east, north = self.bounds
        wide, high = (east - west) / self.tiles, (north - south) / self.tiles
        for row in range(self.tiles):
            for column in range(self.tiles):
                corner = west + column * wide, south + row * high
                tile = *corner, corner[0] + wide, corner[1] + high
                yield {**common, "bounds": ",".join(f"{one:.6f}" for one in tile)}


def _other_ontology(told: str, asked: str, url: str) -> FetchError:
    do = "put the layout that the map gives as ontology in source.yaml, and its columns"
    return FetchError(f"the map answers in the layout {told}, not in {asked}", where=url, do=do)
