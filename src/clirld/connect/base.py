"""What connectors share: what they are asked for, whom they ask through, and what they give."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from clirld.values.model import CardPart


@dataclass(frozen=True, slots=True)
class Response:
    """A server's whole answer with status 200."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    media_type: str | None


class Client(Protocol):
    """Asks servers: patient with what passes, polite, within the run's limits. Raises FetchError."""

    def get(self, url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Response:
        """The answer to a GET, or to a POST of `data`, held in memory."""
        ...

    def save(
        self, url: str, out: BinaryIO, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """As `get`, with an empty `body`: it is written to `out` as it comes, which is rewound before another try."""
        ...


@dataclass(frozen=True, slots=True)
class CollectRequest:
    """What is asked for: the distribution's address and place of the records, and the source's folder."""

    url: str
    items: str
    folder: Path


@dataclass(frozen=True, slots=True)
class CollectResult:
    """What a registry said besides its records: the licence as it states it, and how many records it promised."""

    license: str | None = None
    records: int | None = None


class Connector(CardPart):
    """A way of asking. Its fields are those of the distribution's entry of the same name in source.yaml."""

    @abstractmethod
    def collect(self, request: CollectRequest, client: Client, out: BinaryIO) -> CollectResult:
        """Write all answers to `out`, which can be read and cut too, whole or raise FetchError."""
