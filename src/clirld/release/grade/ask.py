"""Whether addresses answer, asked one after another as politely as sources are: within rate limits and robots.txt.

No release is made of what comes back: it is another tomorrow. `clirld grade --ask` tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Store

from clirld.errors import FetchError
from clirld.fetch.client import WebClient
from clirld.fetch.http import Request
from clirld.fetch.http_body import StreamedResponse
from clirld.release.grade import links
from clirld.release.grade.described import Described
from clirld.settings import BASE


def addresses(described: Described, store: Store) -> Iterator[str]:
    """What is asked, each once: the project's own address, those of the catalogue, and a sample of other links."""
    found = [BASE]
    for dataset in described.instances("dcat:Dataset"):
        found += described.iris(dataset, "dcat:landingPage")
        for one in described.distributions(dataset):
            found += [url for url in described.iris(one, "dcat:accessURL") if not url.startswith(BASE)]
        for contact in described.iris(dataset, "dcat:contactPoint"):
            found += described.iris(NamedNode(contact), "vcard:hasURL")
    found += [url for url in links.sample(store, described) if not url.startswith(BASE)]
    yield from (
        one for one in dict.fromkeys(found) if one.startswith(("http://", "https://")) and links.is_address(one)
    )


def ask(urls: Iterable[str], client: WebClient) -> Iterator[tuple[str, FetchError | None]]:
    """Each address, and why it does not answer, or None. Of an answer only the beginning is taken."""
    for url in urls:
        try:
            client.request(Request(url), _begun)
        except FetchError as problem:
            yield url, problem
        else:
            yield url, None


def _begun(answer: StreamedResponse) -> None:
    next(iter(answer.body), b"")
