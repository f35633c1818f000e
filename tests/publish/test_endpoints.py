"""The addresses of a store: what is known of some, and what nobody should send to."""

from __future__ import annotations

import pytest

from clirld.errors import UsageError
from clirld.publish.endpoints import Endpoints, endpoints


def test_what_is_known_of_stores() -> None:
    oxigraph = endpoints("http://localhost:7878/store/")
    assert (oxigraph.query, oxigraph.update) == ("http://localhost:7878/query", "http://localhost:7878/update")
    virtuoso = endpoints("https://x.example/sparql-graph-crud-auth")
    assert (virtuoso.query, virtuoso.update, virtuoso.swap) == (*["https://x.example/sparql-auth"] * 2, "move")
    assert endpoints("https://x.example/data") == Endpoints("https://x.example/data")


def test_what_is_given_goes_first() -> None:
    found = endpoints("https://x.example/a/store", "https://q.example/q", "https://u.example/u")
    assert (found.query, found.update) == ("https://q.example/q", "https://u.example/u")


@pytest.mark.parametrize(
    "url", ["http://localhost/g", "http://127.0.0.1:1/g", "http://[::1]:80/g", "https://x.example/g"]
)
def test_what_is_safe(url: str) -> None:
    assert endpoints(url).graphs == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://eva:secret@x.example/store", "a name or a password in it"),
        ("https://eva:secret@x.example:port/store", "a name or a password in it"),
        ("https://secret@x.example/store", "a name or a password in it"),
        ("http://x.example/store", "everybody on the way to x.example"),
        ("http://localhost.x.example/store", "everybody on the way"),
        ("http://10.0.0.7/store", "everybody on the way"),
        ("ftp://x.example/store", "is not the address of a store"),
        ("x.example/store", "is not the address of a store"),
        ("https:///store", "is not the address of a store"),
        ("https://x.example:port/store", "is not the address of a store"),
        ("https://x.example/store?key=secret", "is not the address of a store"),
        ("https://x.example/store#secret", "is not the address of a store"),
    ],
)
@pytest.mark.parametrize("option", ["--to", "--query", "--update"])
def test_what_is_refused_without_repeating_what_is_secret(url: str, expected: str, option: str) -> None:
    given = {"--to": "https://x.example/data", "--query": None, "--update": None, option: url}
    with pytest.raises(UsageError, match=expected) as caught:
        endpoints(*given.values())  # type: ignore[arg-type]
    assert caught.value.where == option
    assert "secret" not in str(caught.value)


def test_who_insists_may() -> None:
    assert endpoints("http://10.0.0.7/store", insecure=True).query == "http://10.0.0.7/query"
    with pytest.raises(UsageError):
        endpoints("http://a:b@10.0.0.7/store", insecure=True)
