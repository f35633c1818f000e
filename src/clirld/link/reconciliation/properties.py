"""What may be asked of things, and told of them: the properties of the service, and its types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from clirld import yamlfile

Language = Literal["fr", "en"]

TYPES = {
    "initiative": {"fr": "Initiative", "en": "Initiative"},
    "organization": {"fr": "Organisation", "en": "Organization"},
    "territory": {"fr": "Territoire", "en": "Territory"},
}
"""The types of things that are looked for, which are the first part of their ids."""


@dataclass(frozen=True, slots=True)
class Property:
    """One of `properties.yaml`."""

    id: str
    labels: dict[str, str]
    of: tuple[str, ...]
    value: Literal["text", "thing", "date", "number"]
    compared: bool


@cache
def properties() -> dict[str, Property]:
    """All of them, by their ids."""
    data = yamlfile.shipped(__package__, "properties.yaml")
    return {
        str(name): Property(
            str(name), {"fr": str(one["fr"]), "en": str(one["en"])}, tuple(one["of"]), one["value"], one["compared"]
        )
        for name, one in data.items()
    }
