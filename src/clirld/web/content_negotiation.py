"""Content negotiation: the offered media type or language a request likes best (RFC 9110, section 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal


def preferred_media_type(accept: str | None, offered: Sequence[str]) -> str | None:
    """The best of the offered media types, the earlier one among equals; None where none is acceptable."""
    if not offered or accept is None or not accept.strip():
        return offered[0] if offered else None
    return _preferred(accept, tuple(offered))


@lru_cache(maxsize=256)  # clients send the same few headers
def _preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    ranges = _qualities(accept)
    best = max(offered, key=lambda media: _quality(media, ranges))  # max gives the first among equals
    return best if _quality(best, ranges) > 0 else None


def chosen_media_type(name: str | None, accept: str | None, offered: Mapping[str, str]) -> str | None:
    """The media type of a short name where one is given (`?format=`, a suffix), else the best of Accept.

    `offered` is short name → media type, the preferred one first. None: no such name, or none is acceptable.
    """
    return offered.get(name) if name else preferred_media_type(accept, list(offered.values()))


def prefers_html(accept: str | None) -> bool:
    """Whether text/html is asked for by name, above what a program asks for."""
    names_html = accept is not None and "text/html" in accept.lower()
    return names_html and preferred_media_type(accept, ["application/json", "text/html"]) == "text/html"


def preferred_language(accept: str | None, default: Literal["fr", "en"]) -> Literal["fr", "en"]:
    """French or English, by Accept-Language."""
    if not accept:
        return default
    qualities = {"fr": -1.0, "en": -1.0}
    for tag, quality in _qualities(accept).items():
        main = tag.split("-")[0]
        if main in qualities:
            qualities[main] = max(qualities[main], quality)
    if qualities["fr"] <= 0 and qualities["en"] <= 0:
        return default
    if qualities["fr"] == qualities["en"]:
        return default
    return "fr" if qualities["fr"] > qualities["en"] else "en"


def accepts_gzip(scope: Mapping[str, Any]) -> bool:
    """Whether a request takes an answer packed with gzip; only where it says so (RFC 9110, section 12.5.3)."""
    values = b",".join(value for name, value in scope["headers"] if name == b"accept-encoding").decode("latin-1")
    qualities = _qualities(values)
    return qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0))) > 0


def _qualities(header: str) -> dict[str, float]:
    """Each range with its quality; one whose quality is not a number is not wanted."""
    qualities: dict[str, float] = {}
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    quality = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    quality = 0.0
        if name:  # an empty part between two commas is allowed (RFC 9110, section 5.6.1)
            qualities[name] = max(quality, qualities.get(name, 0.0))
    return qualities


def _quality(media: str, ranges: dict[str, float]) -> float:
    """The quality of the most specific range that covers a media type."""
    for name in (media, f"{media.split('/')[0]}/*", "*/*", "*"):
        if name in ranges:
            return ranges[name]
    return 0.0
