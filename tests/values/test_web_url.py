"""Web addresses: the short way of plain ones gives what the long way gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from clirld.values.web_url import web_url

pieces = st.sampled_from(
    [
        *("http://", "https://", "HTTP://", "/", "//", ".", "-", "_", "~", ":", "@", "%20", ":8080", "www.", "/www."),
        *("linkedin.com", "/in/", "/company/", "linkedin", "wa.me/", "tel", "0612345678", "+33612345678", "06", "12"),
        *("exemple", "Exemple", "example.org", "a.fr", "fr", "org", "index.html", "jeanne", "[at]", "arobase", "at"),
    ]
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(pieces, max_size=7).map("".join), st.sampled_from(["https://www.exemple.fr/", "http://a.fr", ""]))
def test_plain_addresses_are_read_like_all_others(end: str, beginning: str) -> None:
    address = beginning + end
    plain, queried = web_url(address), web_url(f"{address}?x")  # a query is no part of a plain address
    if plain.url and not plain.scheme_added:
        assert queried.url == f"{plain.url}?x"


def test_a_plain_address_stays_as_it_is() -> None:
    for address in ("https://www.exemple.fr/a-b/c.html", "http://exemple.org", "https://exemple.org/"):
        assert web_url(address).url == address
