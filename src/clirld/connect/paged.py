"""Paged JSON: an API that gives its records page by page."""

from __future__ import annotations

from typing import BinaryIO, Literal

from pydantic import Field

from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.model import Part


class Slices(Part):
    """A list that is longer than the API gives at once, asked in slices: `values` of a `parameter` one by one."""

    parameter: str
    values: tuple[str, ...]


class Paged(Connector):
    """How pages follow each other, and how it shows that all are there.

    `by`: `page` and `offset` count, `cursor` takes the next cursor out of each answer, `next` the next address.
    `parameter` of the address says which page is wanted, `first` is that of the first one (`*` for Sirene's
    cursor), `size` records a page are asked for with `size_parameter`. Places in an answer are keys joined by ".":
    `cursor` and `next` where those are, `total` where the number of records is. `cap`: no query gives more records.
    `identifier` is the place of an item's own id: a page that comes twice is seen by it. `detail` is the place of the
    address of an item's full record, asked for each; the snapshot then has `{"item": …, "detail": …}` for each.
    """

    by: Literal["page", "offset", "cursor", "next"]
    parameter: str = "page"
    first: str = "1"
    size: int | None = Field(None, ge=1)
    size_parameter: str = "per_page"
    cursor: str | None = None
    next: str | None = None
    total: str | None = None
    cap: int | None = Field(None, ge=1)
    identifier: str | None = None
    slices: Slices | None = None
    detail: str | None = None

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for every page of every slice."""
        raise NotImplementedError
