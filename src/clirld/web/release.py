"""The release being served: what `current` points to at this moment, and what its manifest says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from clirld import checksums
from clirld.checksums import Checksum
from clirld.release.history import moment

PUBLISHED = (
    "README.md",
    "dump",
    "tables",
    "extracts",
    "vocabulary",
    "catalog.ttl",
    "manifest.json",
    "changes",
    "quality",
    "ro-crate-metadata.json",
)
"""What of a release folder is served as files, and listed on `/release/`."""

REPORTS = (".issues.jsonl", ".issues.json", ".account.json", ".publisher.html", ".publisher.csv")
"""What is served of `reports/`: not the SHACL reports, which have values of records held back as they are."""

MEDIA_TYPES = {
    ".nq": "application/n-quads",
    ".nt": "application/n-triples",
    ".ttl": "text/turtle",
    ".trig": "application/trig",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".graphml": "application/graphml+xml",
    ".gpkg": "application/geopackage+sqlite3",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
    ".md": "text/markdown; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class ServedRelease:
    """A release folder and its manifest (an empty one where there is none: every key is optional)."""

    folder: Path
    manifest: dict[str, Any]
    checksums: Mapping[str, Checksum] = field(default_factory=dict, hash=False, compare=False)
    store: Path = field(init=False, compare=False)
    """The Oxigraph store."""
    created: datetime | None = field(init=False, compare=False)
    """When it was made, to the second, as HTTP tells dates; None where the manifest does not say."""

    def __post_init__(self) -> None:
        # Once a release, and not once a request.
        object.__setattr__(self, "store", self.folder / "store")
        object.__setattr__(self, "created", moment(self.manifest.get("created")))

    @property
    def id(self) -> str:
        """Id of the release: the manifest's, else the folder's name."""
        return str(self.manifest.get("id") or self.folder.name)

    @property
    def sources(self) -> list[str]:
        """Ids of its sources."""
        return [str(source["id"]) for source in self.manifest.get("sources") or [] if source.get("id")]

    def file(self, path: str) -> Path | None:
        """A published file by its path in the release, None where there is none or it is not for the public."""
        is_report = path.startswith("reports/") and path.endswith(REPORTS)
        if not is_report and path.split("/")[0] not in PUBLISHED:
            return None
        try:
            # Checked again once links and dots are resolved: a link in the folder may lead out of it.
            file = (self.folder / path).resolve()
            parts = file.relative_to(self.folder).parts
            allowed = parts[:1] == ("reports",) if is_report else parts and parts[0] in PUBLISHED
            return file if allowed and file.is_file() else None
        except (OSError, ValueError):  # outside of the folder, or a name that no file can have
            return None

    def is_whole(self, path: str) -> bool:
        """Whether a published file is as it was made, as far as its size and time show."""
        checksum = self.checksums.get(path)
        return checksum is None or checksums.is_same(self.folder / path, checksum)

    def files(self) -> list[tuple[str, int]]:
        """Path and size of all published files, dumps first."""
        return [
            (path.relative_to(self.folder).as_posix(), path.stat().st_size)
            for name in PUBLISHED
            for path in sorted([self.folder / name, *(self.folder / name).rglob("*")])
            if self.file(path.relative_to(self.folder).as_posix())
        ]


def current(data: Path) -> ServedRelease | None:
    """The release that `data/current` points to now, None where there is none.

    Looked up once a request: everything in the request then sees the same release, whatever is switched
    meanwhile.
    """
    try:
        folder = _resolved(data, os.readlink(f"{data}/current"))  # noqa: PTH115, each request: a path costs as much again
    except OSError:
        return None
    return load(folder) if os.path.isdir(f"{folder}/store") else None  # noqa: PTH112


@lru_cache(maxsize=8)
def _resolved(data: Path, link: str) -> Path:
    return (data / link).resolve(strict=True)


@lru_cache(maxsize=8)
def load(folder: Path) -> ServedRelease:
    """A release by its folder. Releases never change, so each manifest is read once."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = {}
    try:
        entries = checksums.read(folder)
    except (ValueError, TypeError, AttributeError):  # queries say so
        entries = {}
    return ServedRelease(folder, manifest if isinstance(manifest, dict) else {}, entries)
