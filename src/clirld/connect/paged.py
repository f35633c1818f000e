"""Paged JSON: an API that gives its records page by page.

The end is where the API says that it is: an empty page, the promised number, a cursor or a link that leads no further.
Then what came is held against what was promised. A list that moved while it was read is read once more from the
start; after that, and for whatever else is not whole, there is a FetchError.

Read for this: Sirene 3.11, `curseur=*` until `curseurSuivant` is the cursor asked with (portail-api.insee.fr; asked so
by annuaire-entreprises-data-gouv-fr/search-infra); Recherche d'entreprises, 25 a page, page × per_page ≤ 10,000
(annuaire-entreprises-data-gouv-fr/search-api: app/controller/field_validation.py), whose total stops at 10,000 too;
data.gouv.fr's tabular API, `links.next` and `meta.total` (datagouv/api-tabular); Murmurations, `links.next`,
`meta.number_of_results` and 10,000 at most
(MurmurationsNetwork/MurmurationsServices: services/index/internal/controller/rest/node_handler.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from pydantic import Field

from clirld.connect import answer
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector
from clirld.connect.details import Details
from clirld.connect.pages import CapReached, ListChanged, Paginator, Paging
from clirld.errors import FetchError
from clirld.values.model import CardPart


class Slices(CardPart):
    """A list that is longer than the API gives at once, asked in slices: each of the `values` of a `parameter`."""

    parameter: str
    values: tuple[str, ...] = Field(min_length=1)


class Paged(Paging, Connector):
    """How pages follow each other, and how it shows that all are there.

    `by`: `page` and `offset` count, `cursor` takes the next cursor out of each answer, `next` the next address.
    `parameter` of the address (`page`, `offset`, `cursor` where it is not said) says which page is wanted, `first` is
    that of the first one (1 for pages, 0 for offsets; `*` for Sirene's cursor, which starts with none elsewhere).
    `size` records a page are asked for with `size_parameter` (`per_page`; `limit` beside offsets). Places in an answer
    are keys joined by ".": `cursor` and `next` where those are, `total` where the number of records is. `cap`: no query
    gives more records. `identifier` is the place of an item's own id (`_key`: its key): one that is on two pages shows
    that the list moved; without it, only a page that comes twice as a whole is seen. `slices` divide a list that
    reaches the cap; of several, each divides those slices of the one before that reach it too. `detail` is the place of
    the address of an item's full record, asked for each; in the snapshot, `{"item": …, "detail": …}` is then in the
    place of each item, `detail` null where it could not be had.
    """

    slices: Slices | tuple[Slices, ...] = ()
    detail: str | None = None

    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Ask for every page of every slice."""
        start = out.tell()
        try:
            return self._collect_once(request, client, out)
        except ListChanged:
            _truncate(out, start)
        try:
            return self._collect_once(request, client, out)
        except ListChanged as again:
            raise again.error from None

    def _collect_once(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        details = Details(self.detail, client, request.url) if self.detail else None
        collector = _Collector(self, request.items, client, out, details)
        levels = (self.slices,) if isinstance(self.slices, Slices) else self.slices
        result = collector.slices(request.url, levels) if levels else collector.query(request.url, ())
        if details:
            details.check_failure_rate(last=True)
        return CollectResult(records=result.total)


def _truncate(out: BinaryIO, start: int) -> None:
    out.seek(start)
    out.truncate()


@dataclass(frozen=True, slots=True)
class _QueryResult:
    """What a query gave: how many records were promised, if that was said; how many came; its first page."""

    total: int | None
    received: int
    first_page: bytes


@dataclass(frozen=True, slots=True)
class _Collector:
    """Asks queries, and writes their pages."""

    paged: Paged
    items: str
    client: Client
    out: BinaryIO
    details: Details | None

    def query(self, url: str, levels: Sequence[Slices]) -> _QueryResult:
        """All pages of a query, or its slices by the first of `levels`, if it reaches the cap."""
        start, paginator = self.out.tell(), Paginator(self.paged, self.items, self.client)
        try:
            for body, document in paginator.pages(url):
                self.out.write(self.details.with_details(document, self.items) if self.details else body)
                self.out.write(b"\n")
        except CapReached:
            if not levels:
                raise _cap_reached(self.paged.cap, bool(self.paged.slices), url) from None
            _truncate(self.out, start)
            result = self.slices(url, levels)
            if self.paged.cap and result.received < self.paged.cap:
                raise _incomplete_slices(levels[0].parameter, result.received, self.paged.cap, url) from None
            return result
        return _QueryResult(paginator.total, paginator.received, paginator.first_page)

    def slices(self, url: str, levels: Sequence[Slices]) -> _QueryResult:
        """The slices of a query by the first of `levels`."""
        level, deeper = levels[0], levels[1:]
        results = [self.query(answer.with_parameters(url, {level.parameter: value}), deeper) for value in level.values]
        if len(results) > 1 and all(one.received for one in results) and len({one.first_page for one in results}) == 1:
            raise _identical_slices(level.parameter, url)
        totals = [one.total for one in results if one.total is not None]
        return _QueryResult(
            sum(totals) if len(totals) == len(results) else None,
            sum(one.received for one in results),
            results[0].first_page,
        )


def _cap_reached(cap: int | None, sliced: bool, url: str) -> FetchError:
    if sliced:
        do = "take slices that are smaller, or narrow the address, in source.yaml"
    else:
        do = "give slices in source.yaml, the values of a parameter that divides the list, such as departement"
    return FetchError(f"as many records as the registry gives at once, {cap}, or more", where=url, do=do)


def _incomplete_slices(parameter: str, received: int, cap: int, url: str) -> FetchError:
    do = "complete the values of slices in source.yaml"
    return FetchError(f"slices by {parameter} have {received} records of at least {cap}", where=url, do=do)


def _identical_slices(parameter: str, url: str) -> FetchError:
    do = "check the parameter of slices in source.yaml"
    return FetchError(f"every slice begins alike: {parameter} seems to have no effect", where=url, do=do)
