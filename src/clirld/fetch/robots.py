"""robots.txt (RFC 9309): whether a program may ask for a path, and how long it should wait between requests.

Not urllib.robotparser: it knows neither `*` and `$` nor that the longest rule decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

MAX_BYTES = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, 2.5)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules for one program: (path pattern, whether it is allowed), and its Crawl-delay in seconds."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether the longest rule that fits is not a Disallow; Allow wins where two are as long."""
        parts = urlsplit(url)
        path = _normalize(parts.path or "/") + (f"?{_normalize(parts.query)}" if parts.query else "")
        matching = [(len(pattern), allowed) for pattern, allowed in self.rules if _matches(pattern, path)]
        # True is more than False: of two rules of the same length, Allow wins (RFC 9309, 2.2.2).
        return max(matching, default=(0, True))[1]


def parse(text: str, product_token: str) -> Robots:
    """The rules of the groups that name the `program`, or of those for all (`*`)."""
    groups: dict[str, tuple[list[tuple[str, bool]], list[float]]] = {}
    agents: list[str] = []
    in_agent_lines = False
    for line in text.removeprefix("\ufeff").splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            agents = [*agents, value.lower()] if in_agent_lines else [value.lower()]
            in_agent_lines = True
            # Several groups of one name are one group (RFC 9309, 2.2.1).
            groups.setdefault(value.lower(), ([], []))
        elif key in ("allow", "disallow", "crawl-delay"):
            in_agent_lines = False
            for name in agents:
                rules, delays = groups[name]
                if key == "crawl-delay":
                    delays += [float(value)] if re.fullmatch(r"\d{1,5}(\.\d+)?", value) else []
                elif value:
                    rules.append((_normalize(value), key == "allow"))
    rules, delays = groups.get(product_token.lower()) or groups.get("*") or ([], [])
    return Robots(tuple(rules), max(delays, default=0.0))


def _normalize(path: str) -> str:
    """One way of writing each path; a `*` or `$` that is meant stays apart from one that is encoded."""
    return "".join(
        part if part in "*$" else quote(unquote(part), "/?&=+,;:@!'()~-._") for part in re.split(r"([*$])", path)
    )


def _matches(pattern: str, path: str) -> bool:
    end = pattern.endswith("$")
    parts = [re.escape(part) for part in pattern.removesuffix("$").split("*")]
    return re.match(".*".join(parts) + ("$" if end else ""), path) is not None
