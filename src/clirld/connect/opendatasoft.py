"""Opendatasoft (Huwise), Explore API v2.1: exports, or records page by page where a portal has no exports."""

from __future__ import annotations

from typing import BinaryIO

from clirld.connect.base import Client, Collected, Connector, Wanted


class Opendatasoft(Connector):
    """A dataset of the portal at the distribution's address (https://<portal>), with ODSQL `where` and `select`.

    `format: jsonl` is exported; the number of records is compared with what the portal counts.
    """

    dataset: str
    where: str | None = None
    select: tuple[str, ...] = ()

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for the export, or for the records where it is refused."""
        raise NotImplementedError
