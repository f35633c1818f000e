"""Opendatasoft (Huwise), Explore API v2.1: the export of a dataset, or its records page by page where there is none.

The export has no limit; `records` gives 100 a page, and no more than 10,000 of a query (offset + limit). Read in the
API's OpenAPI description, https://help.opendatasoft.com/apis/ods-explore-v2/, and in
https://github.com/api-evangelist/opendatasoft (rate-limits). An export that fails on the way ends with “Streaming
interrupted due to the following error: …” after status 200 (https://www.volcengine.com/article/995474).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import BinaryIO
from urllib.parse import quote

from pydantic import model_validator

from clirld.connect import answer
from clirld.connect.base import Client, Collected, Connector, Wanted
from clirld.errors import FetchError

_PAGE = 100
_CAP = 10_000


class Opendatasoft(Connector):
    """A dataset of the portal at the distribution's address (https://<portal>), with ODSQL `where` and `select`.

    `format: jsonl` is exported; the number of records is compared with what the portal counts. Where a portal refuses
    exports, `export: false` asks for its records instead, one a line too, in the order of the field `order_by`, without
    which two pages could have the same record and none another; `slices` are then ODSQL conditions that divide a
    dataset of more than 10,000 records.
    """

    dataset: str
    where: str | None = None
    select: tuple[str, ...] = ()
    export: bool = True
    order_by: str | None = None
    slices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _records_in_order(self) -> Opendatasoft:
        if self.export == bool(self.order_by or self.slices) or not (self.export or self.order_by):
            raise ValueError("export: false goes with order_by, and slices with both")
        return self

    def collect(self, wanted: Wanted, client: Client, out: BinaryIO) -> Collected:
        """Ask for the export, or for the records where it is refused."""
        dataset = answer.below(wanted.url, f"api/explore/v2.1/catalog/datasets/{quote(self.dataset, safe='')}")
        counted = self._count(dataset, client, ())
        if self.export:
            start = out.tell()
            client.save(self._address(f"{dataset}/exports/jsonl", ()), out)
            came = _lines(out, start, dataset)
        else:
            came = self._records(dataset, client, out, counted)
        again = self._count(dataset, client, ())
        if came != counted or again != counted:
            raise _differs(again, came, dataset)
        return Collected(records=counted)

    def _address(self, url: str, conditions: Sequence[str], **more: str) -> str:
        given = [one for one in (self.where, *conditions) if one]
        where = {"where": " and ".join(f"({one})" for one in given)} if len(given) > 1 else {"where": "".join(given)}
        select = {"select": ",".join(self.select)} if self.select else {}
        return answer.address(url, {**(where if given else {}), **select, **more})

    def _count(self, dataset: str, client: Client, conditions: Sequence[str]) -> int:
        """How many records the portal counts."""
        url = self._address(f"{dataset}/records", conditions, limit="0")
        found = answer.document(client.get(url))
        total = answer.at(found, "total_count")
        if not isinstance(total, int):
            raise answer.no_items("total_count", answer.said(found), url)
        return total

    def _records(self, dataset: str, client: Client, out: BinaryIO, counted: int) -> int:
        """Write the records of all slices, a line each; gives how many."""
        if not self.slices and counted > _CAP:
            raise _too_many(counted, dataset, "")
        came = 0
        for slice_ in self.slices or ("",):
            conditions = (slice_,)
            total = self._count(dataset, client, conditions)
            if total > _CAP:
                raise _too_many(total, dataset, slice_)
            got = 0
            while got < total:
                limit = min(_PAGE, total - got)
                more = {"limit": str(limit), "offset": str(got), "order_by": self.order_by or ""}
                url = self._address(f"{dataset}/records", conditions, **more)
                page = answer.records(answer.document(client.get(url)), "results.item", url)
                if not page:
                    raise _differs(total, got, url)
                for record in page:
                    out.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
                got += len(page)
            came += got
        return came


def _lines(out: BinaryIO, start: int, url: str) -> int:
    """How many lines of JSON were written from `start`; leaves `out` at its end."""
    out.seek(start)
    number = 0
    for line in out:
        if line.strip():
            number += 1
            if not (line.startswith(b"{") and line.rstrip().endswith(b"}")):
                raise answer.no_json(url, line)
    return number


def _differs(promised: int, came: int, url: str) -> FetchError:
    do = "run the source again; if it lasts, compare with the portal's page of the dataset, and tell the portal"
    return FetchError(f"the portal counts {promised} records, {came} came", where=url, do=do)


def _too_many(counted: int, url: str, slice_: str) -> FetchError:
    what = f"{counted} records of {slice_ or 'the dataset'}, and no more than 10,000 are given without an export"
    do = "take export: false out of source.yaml, or give slices, conditions with fewer records each"
    return FetchError(what, where=url, do=do)
