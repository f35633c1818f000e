"""Content negotiation: the offered media type or language a request likes best (RFC 9110, section 12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal


def preferred(accept: str | None, offered: Sequence[str]) -> str | None:
    """The best of the offered media types, the earlier one among equals; None where none is acceptable."""
    if not offered or accept is None or not accept.strip():
        return offered[0] if offered else None
    ranges = _weighted(accept)
    best = max(offered, key=lambda media: _quality(media, ranges))  # max gives the first among equals
    return best if _quality(best, ranges) > 0 else None


def wants_page(accept: str | None) -> bool:
    """Whether text/html is asked for by name, above what a program asks for."""
    named = accept is not None and "text/html" in accept.lower()
    return named and preferred(accept, ["application/json", "text/html"]) == "text/html"


def language(accept: str | None, default: Literal["fr", "en"]) -> Literal["fr", "en"]:
    """French or English, by Accept-Language."""
    if not accept:
        return default
    weights = {"fr": -1.0, "en": -1.0}
    for tag, quality in _weighted(accept).items():
        main = tag.split("-")[0]
        if main in weights:
            weights[main] = max(weights[main], quality)
    if weights["fr"] <= 0 and weights["en"] <= 0:
        return default
    if weights["fr"] == weights["en"]:
        return default
    return "fr" if weights["fr"] > weights["en"] else "en"


def _weighted(header: str) -> dict[str, float]:
    """Each range with its quality; one whose quality is not a number is not wanted."""
    weights: dict[str, float] = {}
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
        if name:
            weights[name] = max(quality, weights.get(name, 0.0))
    return weights


def _quality(media: str, ranges: dict[str, float]) -> float:
    """The quality of the most specific range that covers a media type."""
    for name in (media, f"{media.split('/')[0]}/*", "*/*", "*"):
        if name in ranges:
            return ranges[name]
    return 0.0
