"""Where the bytes of a distribution are: on the network, or in a file of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clirld.connect.base import Connector


@dataclass(frozen=True, slots=True)
class WebFile:
    """On the network, at its public address.

    `headers` name environment variables; `dataset` is that of data.gouv.fr whose licence is looked at.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """On the network, asked by a connector from its address; `items` and `folder` are as in `CollectRequest`."""

    url: str
    connector: Connector
    items: str
    folder: Path
    headers: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class MirrorFile:
    """A copy in a local mirror; `url` is the public address that it was copied from."""

    path: Path
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SampleFile:
    """The sample in the source's folder."""

    path: Path


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file kept by hand in the source's folder, or a folder of cases."""

    path: Path


@dataclass(frozen=True, slots=True)
class Inbox:
    """The newest file of a distribution in the source's folder of the inbox."""

    folder: Path


@dataclass(frozen=True, slots=True)
class TableFile:
    """A canonical table of another source, in the folder of its harvest's tables."""

    path: Path
    table: str


Location = WebFile | Service | MirrorFile | SampleFile | LocalFile | Inbox | TableFile
