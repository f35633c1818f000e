"""The pointer of a bucket: which release is published, which are there, and which are given no more.

It is small, and the one object that is ever replaced: whoever replaces it says which one it takes the place of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from clirld.errors import StorageError

KEY = "current.json"
RELEASES = "releases"
_FORMAT = 1
_ID = re.compile(r"[0-9][0-9A-Za-z-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """`releases`: those that are there whole, each with the SHA-256 of its checksums.json; `release` is the published.

    `history`: when each that ever was published was made; `withdrawn`: as in the data folder; `erased`: those that
    hold what has been erased since.
    """

    release: str
    published: str
    releases: Mapping[str, str]
    history: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    erased: tuple[str, ...] = ()

    @property
    def refused(self) -> set[str]:
        """Releases that are given no more."""
        return {*self.withdrawn, *self.erased}

    def written(self) -> bytes:
        """As it lies in the bucket: the same bytes for the same pointer."""
        return (json.dumps({"format": _FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n").encode()


def read(content: bytes, where: str) -> Pointer:
    """Raises StorageError where it is none, or of a later version of the program."""
    try:
        said = json.loads(content)
        if said["format"] != _FORMAT:
            raise StorageError(
                "the pointer of the bucket is of another version of clirld",
                where=f"{where}/{KEY}",
                do="install the version that publishes there",
            )
        names = {one.name for one in fields(Pointer)}
        found = Pointer(
            **{name: value for name, value in said.items() if name in names} | {"erased": (*said["erased"],)}
        )
        ids = [found.release, *found.releases, *found.history, *found.withdrawn, *found.erased]
        is_right = all(isinstance(one, str) and _ID.fullmatch(one) for one in ids)
        is_right &= found.release in found.releases and all(map(_SHA256.fullmatch, found.releases.values()))
    except (ValueError, TypeError, KeyError, AttributeError):
        is_right = False
    if not is_right:
        raise StorageError(
            "the pointer of the bucket is damaged",
            where=f"{where}/{KEY}",
            do="delete that object, and run “clirld publish” again where the releases are made",
        )
    return found
