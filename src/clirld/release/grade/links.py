"""Whether links lead somewhere, by a sample and without asking the network.

Of each property that a source has, by the catalogue, the first values in the store are taken: the project's own IRIs
must lead to something that the release says or has, those of others must be addresses as they should be written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Store

from clirld.release.grade.described import Described
from clirld.release.grade.marks import Mark
from clirld.settings import BASE

METHOD = "links"
EACH = 3
"""Values that are taken of each property of each source."""
_NAMED = 3
"""Links that lead nowhere and are named."""
_NOT_PUBLIC = ("localhost", ".local", ".internal", ".test", ".invalid", ".example", ".onion")


def sample(store: Store, described: Described) -> Iterator[str]:
    """IRIs that the graphs of the sources link to, each once."""
    seen = set()
    for dataset in described.instances("void:Dataset"):
        graph = NamedNode(dataset.value.replace("/id/dataset/", "/graph/"))
        for part in described.iris(dataset, "void:propertyPartition"):
            for property_ in described.iris(NamedNode(part), "void:property"):
                quads = store.quads_for_pattern(None, NamedNode(property_), None, graph)
                for quad in islice(quads, EACH):
                    if isinstance(quad.object, NamedNode) and quad.object.value not in seen:
                        seen.add(quad.object.value)
                        yield quad.object.value


def marks(store: Store, described: Described, answers: Callable[[str], bool]) -> Iterator[Mark]:
    """The part of the sample that is sound, of the project's own IRIs and of the addresses of others, in hundredths."""
    urls_of: dict[bool, list[str]] = {True: [], False: []}
    for url in sample(store, described):
        urls_of[url.startswith(BASE)].append(url)
    for name, urls, is_sound in (
        ("own-iris", urls_of[True], lambda url: _is_described(store, url) or answers(url)),
        ("other-addresses", urls_of[False], is_address),
    ):
        bad = [url for url in urls if not is_sound(url)]
        if urls:
            points = round(100 * (len(urls) - len(bad)) / len(urls), 1)
            yield Mark(METHOD, name, "", points, 100, " ".join([f"{len(urls) - len(bad)}/{len(urls)}", *bad[:_NAMED]]))


def _is_described(store: Store, iri: str) -> bool:
    """Whether the release says something of it; a row of a file, which is a fragment, is where the file is."""
    things = {iri, iri.partition("#")[0]}
    return any(next(iter(store.quads_for_pattern(NamedNode(one), None, None)), None) is not None for one in things)


def is_address(url: str) -> bool:
    """Whether it is an IRI of the web, at a public host: no name of a network at home, no number, no account."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None or "." not in host:
        return parts.scheme in ("mailto", "tel", "urn", "geo") and bool(parts.path)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host.endswith(_NOT_PUBLIC) and " " not in url
    return False
