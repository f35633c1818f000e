"""Whose turn it is: clients share the time of the workers fairly, and know how long they would wait.

Pure: no clock is read here, and nothing runs.
"""

from __future__ import annotations

import heapq
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HALF_LIFE = 30.0
"""Seconds after which half of what a client has used is forgotten."""
_MAX_CLIENTS = 10_000


@dataclass(slots=True)
class _Usage:
    seconds: float = 0.0
    since: float = 0.0
    running: int = 0


class Usage:
    """What each client has used of the workers' time, and how many of its queries run."""

    def __init__(self) -> None:
        self._clients: dict[str, _Usage] = {}

    def begin(self, client: str) -> None:
        """A query of a client begins to run."""
        if len(self._clients) >= _MAX_CLIENTS and client not in self._clients:
            for name in [name for name, usage in self._clients.items() if not usage.running]:
                del self._clients[name]
        self._clients.setdefault(client, _Usage()).running += 1

    def end(self, client: str, seconds: float, now: float) -> None:
        """It ends, after so many seconds of a worker."""
        usage = self._clients[client]
        usage.running -= 1
        usage.seconds, usage.since = self._used(usage, now) + seconds, now

    def rank(self, client: str, now: float) -> tuple[int, float]:
        """Who goes first: fewer queries running, then less time used lately."""
        usage = self._clients.get(client)
        return (usage.running, self._used(usage, now)) if usage else (0, 0.0)

    @staticmethod
    def _used(usage: _Usage, now: float) -> float:
        return float(usage.seconds * 0.5 ** ((now - usage.since) / HALF_LIFE))


def expected_wait(remaining: Iterable[float], ahead: int, each: float) -> float:
    """Seconds until a place is free for one with `ahead` before it.

    in: the seconds that each place is still taken for (0: free), and that each of those ahead will take one.
    """
    places = [max(seconds, 0.0) for seconds in remaining]
    if not places:
        return each * (ahead + 1)
    heapq.heapify(places)
    for _ in range(ahead):
        heapq.heapreplace(places, places[0] + each)
    return places[0]


def client_of(address: str, forwarded: Sequence[str], proxies: int) -> str:
    """Who asks: the address, behind `proxies` trusted proxies the one that the outermost of them saw.

    `forwarded` are the addresses of X-Forwarded-For, in order; with no trusted proxy anybody could write them. An IPv6
    client is its network of 64 bits, all of whose addresses are one subscriber's.
    """
    if proxies and forwarded:
        address = forwarded[max(len(forwarded) - proxies, 0)]
    try:
        parsed = ipaddress.ip_address(address.strip("[] "))
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
