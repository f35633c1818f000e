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
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
from clirld.errors import FetchError

_PAGE_SIZE = 100
_MAX_RECORDS = 10_000


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
    def _validate_order(self) -> Opendatasoft:
        if self.export == bool(self.order_by or self.slices) or not (self.export or self.order_by):
            raise ValueError("export: false goes with order_by, and slices with both")
        return self

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask for the export, or for the records where it is refused."""
        dataset = answer.child_url(request.url, f"api/explore/v2.1/catalog/datasets/{quote(self.dataset, safe='')}")
        total = self._count(dataset, client, ())
        if self.export:
            start = out.tell()
            client.save(self._query_url(f"{dataset}/exports/jsonl", ()), out)
            received = _count_lines(out, start, dataset)
        else:
            received = self._records(dataset, client, out, total)
        # Counted before and after: what changed in between would be a mixture of two versions.
        recount = self._count(dataset, client, ())
        if received != total or recount != total:
            raise _count_mismatch(recount, received, dataset)
        return CollectResult(records=total)

    def _query_url(self, url: str, conditions: Sequence[str], **parameters: str) -> str:
        clauses = [one for one in (self.where, *conditions) if one]
        where = (
            {"where": " and ".join(f"({one})" for one in clauses)} if len(clauses) > 1 else {"where": "".join(clauses)}
        )
        select = {"select": ",".join(self.select)} if self.select else {}
        return answer.with_parameters(url, {**(where if clauses else {}), **select, **parameters})

    def _count(self, dataset: str, client: Client, conditions: Sequence[str]) -> int:
        """How many records the portal counts."""
        url = self._query_url(f"{dataset}/records", conditions, limit="0")
        document = answer.parse_json(client.get(url))
        total = answer.value_at(document, "total_count")
        if not isinstance(total, int):
            raise answer.missing_value_error("total_count", answer.error_message(document), url)
        return total

    def _records(self, dataset: str, client: Client, out: BinaryIO, dataset_total: int) -> int:
        """Write the records of all slices, a line each; gives how many."""
        if not self.slices and dataset_total > _MAX_RECORDS:
            raise _too_many_records(dataset_total, dataset, "")
        received = 0
        for slice_ in self.slices or ("",):
            conditions = (slice_,)
            total = self._count(dataset, client, conditions)
            if total > _MAX_RECORDS:
                raise _too_many_records(total, dataset, slice_)
            offset = 0
            while offset < total:
                limit = min(_PAGE_SIZE, total - offset)
                parameters = {"limit": str(limit), "offset": str(offset), "order_by": self.order_by or ""}
                url = self._query_url(f"{dataset}/records", conditions, **parameters)
                page = answer.record_container(answer.parse_json(client.get(url)), "results.item", url)
                if not page:
                    raise _count_mismatch(total, offset, url)
                for record in page:
                    out.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
                offset += len(page)
            received += offset
        return received


def _count_lines(out: BinaryIO, start: int, url: str) -> int:
    """How many lines of JSON were written from `start`; leaves `out` at its end."""
    out.seek(start)
    number = 0
    for line in out:
        if line.strip():
            number += 1
            if not (line.startswith(b"{") and line.rstrip().endswith(b"}")):
                raise answer.not_json_error(url, line)
    return number


def _count_mismatch(expected: int, received: int, url: str) -> FetchError:
    do = "run the source again; if it lasts, compare with the portal's page of the dataset, and tell the portal"
    return FetchError(f"the portal counts {expected} records, {received} came", where=url, do=do)


def _too_many_records(total: int, url: str, slice_: str) -> FetchError:
    what = f"{total} records of {slice_ or 'the dataset'}, and no more than 10,000 are given without an export"
    do = "take export: false out of source.yaml, or give slices, conditions with fewer records each"
    return FetchError(what, where=url, do=do)
