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
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
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
    def _validate_bounds(self) -> GoGoCarto:
        if self.bounds:
            west, south, east, north = self.bounds
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError("bounds are west, south, east, north, in degrees")
        elif self.tiles > 1:
            raise ValueError("tiles divide bounds: give those too")
        if self.taxonomy and (self.bounds or self.categories or self.stamps or self.exclude_external):
            raise ValueError("taxonomy asks for categories: what narrows the elements has no effect")
        return self

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask for the elements."""
        is_jsonld = self.ontology == "jsonld"
        base = answer.child_url(
            request.url, f"api/{'taxonomy' if self.taxonomy else 'elements'}.{'jsonld' if is_jsonld else 'json'}"
        )
        items = "@graph.item" if is_jsonld else request.items if self.taxonomy else "data.item"
        licence: str | None = None
        for parameters in self._parameters(is_jsonld):
            url, start = answer.with_parameters(base, parameters), out.tell()
            client.save(url, out)
            scanned = answer.scan(out, start, items, url)
            if (stated := scanned.texts.get("ontology", "")) and "ontology" in parameters and stated != self.ontology:
                raise _ontology_mismatch(stated, self.ontology, url)
            licence = licence or scanned.texts.get("licence") or scanned.texts.get("license")
            out.write(b"\n")
        return CollectResult(license=licence)

    def _parameters(self, is_jsonld: bool) -> Iterator[dict[str, str]]:
        """The parameters of each request: one, or one a tile from south-west to north-east."""
        common: dict[str, str] = {}
        if not self.taxonomy and not is_jsonld:
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
        width, height = (east - west) / self.tiles, (north - south) / self.tiles
        for row in range(self.tiles):
            for column in range(self.tiles):
                corner = west + column * width, south + row * height
                tile = *corner, corner[0] + width, corner[1] + height
                # Six decimals of a degree are about 0.1 m.
                yield {**common, "bounds": ",".join(f"{one:.6f}" for one in tile)}


def _ontology_mismatch(stated: str, requested: str, url: str) -> FetchError:
    do = "put the layout that the map gives as ontology in source.yaml, and its columns"
    return FetchError(f"the map answers in the layout {stated}, not in {requested}", where=url, do=do)
