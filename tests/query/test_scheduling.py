"""Whose turn it is, how long one would wait, who asks; and answers that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.query.answer_cache import AnswerCache
from clirld.query.scheduling import HALF_LIFE, Usage, client_of, expected_wait


def test_who_has_had_less_goes_first() -> None:
    usage = Usage()
    for client, seconds in (("much", 10.0), ("little", 1.0)):
        usage.begin(client)
        usage.end(client, seconds, now=100.0)
    assert sorted(["much", "new", "little"], key=lambda one: usage.rank(one, 100.0)) == ["new", "little", "much"]
    usage.begin("new")
    assert usage.rank("new", 100.0) > usage.rank("much", 100.0)


def test_what_was_used_is_forgotten() -> None:
    usage = Usage()
    usage.begin("one")
    usage.end("one", 8.0, now=0.0)
    assert usage.rank("one", HALF_LIFE * 3) == (0, 1.0)


def test_clients_without_end_take_no_memory_without_end() -> None:
    usage = Usage()
    usage.begin("busy")
    for number in range(30_000):
        usage.begin(str(number))
        usage.end(str(number), 1.0, now=0.0)
    assert len(usage._clients) <= 10_001
    assert usage.rank("busy", 0.0)[0] == 1


@pytest.mark.parametrize(
    ("remaining", "ahead", "each", "wait"),
    [
        ([4.0, 6.0], 0, 10.0, 4.0),
        ([4.0, 6.0], 1, 10.0, 6.0),
        ([4.0, 6.0], 2, 10.0, 14.0),
        ([-1.0], 0, 5.0, 0.0),
        ([], 1, 5.0, 10.0),
    ],
)
def test_the_wait_to_be_expected(remaining: list[float], ahead: int, each: float, wait: float) -> None:
    assert expected_wait(remaining, ahead, each) == wait


@pytest.mark.parametrize(
    ("address", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("127.0.0.1", ["198.51.100.7"], 1, "198.51.100.7"),
        ("127.0.0.1", ["1.1.1.1", "198.51.100.7"], 1, "198.51.100.7"),  # the first was made up by the client
        ("127.0.0.1", ["1.1.1.1", "198.51.100.7", "203.0.113.9"], 2, "198.51.100.7"),
        ("127.0.0.1", ["198.51.100.7"], 2, "198.51.100.7"),
        ("127.0.0.1", [], 1, "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        ("127.0.0.1", ["[2001:db8:1:2::9]"], 1, "2001:db8:1:2::/64"),
        ("", [], 0, ""),
    ],
)
def test_who_asks(address: str, forwarded: list[str], proxies: int, client: str) -> None:
    assert client_of(address, forwarded, proxies) == client


@given(st.text(), st.lists(st.text()), st.integers(0, 3))
def test_any_address_can_be_read(address: str, forwarded: list[str], proxies: int) -> None:
    assert len(client_of(address, forwarded, proxies)) <= 64


ONE, TWO = Path("/releases/1"), Path("/releases/2")


def test_answers_are_kept_for_their_release() -> None:
    cache = AnswerCache(1 << 20)
    cache.put(ONE, "a", b"of one")
    assert cache.get(ONE, "a") == b"of one"
    assert cache.get(TWO, "a") is None
    assert cache.get(ONE, "a") == b"of one"
    cache.put(TWO, "b", b"of two")
    assert cache.get(ONE, "a") is None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3000))))
def test_what_is_kept_is_bounded(asked: list[tuple[int, int]]) -> None:
    cache = AnswerCache(16_000)
    for name, size in asked:
        if cache.get(ONE, str(name)) is None:
            cache.put(ONE, str(name), b"x" * size)
    assert sum(map(len, cache._answers.values())) <= 16_000
    assert all(len(answer) <= cache.max_answer for answer in cache._answers.values())


def test_what_was_asked_for_last_is_kept() -> None:
    cache = AnswerCache(16_000)
    for number in range(100):
        cache.put(ONE, str(number), b"x" * 900)
        cache.get(ONE, "0")
    assert cache.get(ONE, "0")
    assert cache.get(ONE, "1") is None
