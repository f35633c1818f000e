"""Past states of a resource (Memento, RFC 7089): the links of an answer, and the list of all states (TimeMap).

Every address of a release is the original resource and its TimeGate; its states are those in each release that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

MAX_LINKED = 2000
"""Characters of an address that still stands in a header: proxies take headers of some kilobytes."""

LINK_FORMAT = "application/link-format"


def links(host: str, rest: str) -> list[str]:
    """Links of a resource, by the path and query of its address without a release."""
    return [
        f'<{host}{rest}>; rel="original timegate"',
        f'<{host}/timemap{rest}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]


def link_to(address: str, created: datetime) -> list[str]:
    """The link to one state of it."""
    return [f'<{address}>; rel="memento"; datetime="{format_datetime(created, usegmt=True)}"']


def timemap(host: str, rest: str, states: Sequence[tuple[str, datetime]]) -> str:
    """All states of a resource in link-format (RFC 6690); `states` are their addresses, by time."""
    times = [format_datetime(created, usegmt=True) for _, created in states]
    span = f'; from="{times[0]}"; until="{times[-1]}"' if times else ""
    lines = [
        f'<{host}{rest}>; rel="original timegate"',
        f'<{host}/timemap{rest}>; rel="self"; type="{LINK_FORMAT}"{span}',
    ]
    for n, ((address, _), time) in enumerate(zip(states, times, strict=True)):
        place = ("first " if n == 0 else "") + ("last " if n == len(states) - 1 else "")
        lines.append(f'<{address}>; rel="{place}memento"; datetime="{time}"')
    return ",\n".join(lines) + "\n"
