"""Overpass: elements of OpenStreetMap.

A query is posted as `data`. Too many queries are 429 and a busy server 504, with a page; a query that runs out of
time or memory ends after status 200 with what it has so far and a `remark`, “runtime error: Query timed out in …”
(https://wiki.openstreetmap.org/wiki/Overpass_API; seen in nrenner/achavi#36).
"""

from __future__ import annotations

import re
from typing import BinaryIO
from urllib.parse import urlencode

from clirld.connect import answer
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
from clirld.errors import FetchError


class Overpass(Connector):
    """The interpreter at the distribution's address, asked the `query` in that file of the source's folder."""

    query: str

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask the query; an answer with a remark (time-out, out of memory) is not whole."""
        query, start = answer.read_query(request.folder, self.query), out.tell()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        client.save(request.url, out, data=urlencode({"data": query}).encode(), headers=form)
        _refuse_html(out, start, request.url)
        scanned = answer.scan(out, start, "elements.item", request.url)
        if remark := " ".join(scanned.texts.get("remark", "").split())[:200]:
            do = "give the query more [timeout:…] or [maxsize:…], or divide it into smaller ones"
            raise FetchError(f"the answer is not whole: {remark}", where=request.url, do=do)
        if not scanned.records:
            do = "try the query at https://overpass-turbo.eu; if there is something, run the source again later"
            raise FetchError("the answer has no element", where=request.url, do=do)
        return CollectResult(records=scanned.records)


def _refuse_html(out: BinaryIO, start: int, url: str) -> None:
    """Raise FetchError where a page came, with what it says after “Error”."""
    out.seek(start)
    head = out.read(20_000).decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if not head[:15].lower().startswith(("<?xml", "<!doctype", "<html")):
        return
    text = " ".join(re.sub(r"<[^>]*>", " ", head).split())
    message = text[max(text.find("Error"), 0) :][:200]
    do = "run the source again later; if it names a line, correct the query, which has to begin with [out:json]"
    raise FetchError(f"the interpreter answers with a page: “{message}”", where=url, do=do)
