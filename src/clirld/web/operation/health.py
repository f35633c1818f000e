"""Whether what is served is as it should be: reasons why not, which do not keep the server from answering.

in: the release, and `harvests/` of the data folder; out: a list of reasons, empty where all is well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from pyoxigraph import NamedNode

from clirld import checksums, yamlfile
from clirld.harvest.state import SourceState, late_since, states
from clirld.query.failure import Failure, Language
from clirld.settings import BASE
from clirld.web.documents.lookup import UNREADABLE, open_store
from clirld.web.release import ServedRelease

_DATASET = f"{BASE}id/dataset/"
_FREQUENCY = NamedNode("http://purl.org/dc/terms/accrualPeriodicity")


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that is not as it should be: its kind, a key of reasons.yaml, and the words' details."""

    kind: str
    detail: Mapping[str, str] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """The reason in words."""
        return str(yamlfile.shipped(__package__, "reasons.yaml")[self.kind][language]).format_map(self.detail)


def reasons(
    release: ServedRelease,
    known: Mapping[str, SourceState],
    frequencies: Mapping[str, str],
    now: datetime,
) -> list[Reason]:
    """What is wrong with the sources of a release; `frequencies` are those of their cards, as EU codes.

    Samples are never late, nor is what has no schedule because its card is not confirmed.
    """
    found = []
    for source in release.manifest.get("sources") or []:
        name = str(source.get("id"))
        state = known.get(name) or _as_released(name, source)
        if state.failed:
            kind = "source-held" if state.guards or state.stage == "guards" else "source-failed"
            found.append(Reason(kind, {"source": name, "stage": state.stage, "when": _told(state.failed)}))
        is_scheduled = source.get("status", "active") == "active" and not source.get("sample")
        by = late_since(state, frequencies.get(name, ""), now) if is_scheduled else None
        if by and state.checked:
            found.append(Reason("source-stale", {"source": name, "when": _told(state.checked), "due": _told(by)}))
    return found


def _as_released(name: str, source: Mapping[str, object]) -> SourceState:
    """The state of a source as its release had it, where the data folder knows no more: not when it was asked last."""
    failure = source.get("failure")
    if not isinstance(failure, dict):
        return SourceState(name)
    when = datetime.fromisoformat(str(failure["when"])) if failure.get("when") else datetime.min.replace(tzinfo=UTC)
    return SourceState(name, failed=when, stage=str(failure.get("stage") or ""))


def _told(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")


def frequencies_of(release: ServedRelease) -> Mapping[str, str]:
    """How often each source of a release changes, as its catalogue says: source → EU code. Empty where unreadable."""
    return _frequencies(release.store)


@lru_cache(maxsize=8)
def _frequencies(store: Path) -> Mapping[str, str]:
    try:
        stated = list(open_store(store).quads_for_pattern(None, _FREQUENCY, None))
    except UNREADABLE:
        return {}
    named = [(quad.subject, quad.object) for quad in stated]
    return {
        subject.value.removeprefix(_DATASET): code.value.rpartition("/")[2]
        for subject, code in named
        if isinstance(subject, NamedNode) and isinstance(code, NamedNode)
    }


@dataclass(slots=True)
class Health:
    """Looks at a data folder, at most once in so many seconds: anybody may ask, and a look reads many files."""

    data: Path
    seconds: float = 10.0
    behind_since: Callable[[], datetime | None] = lambda: None
    """Of a replica: since when it could not look for a newer release."""
    _last: tuple[Path, float, Failure | None, list[Reason]] | None = None

    def look(self, release: ServedRelease) -> tuple[Failure | None, list[Reason]]:
        """Why the release cannot be asked, if so, and what else is not as it should be."""
        now = time.monotonic()
        if self._last is None or self._last[0] != release.folder or now - self._last[1] >= self.seconds:
            damaged = checksums.damaged_files(release.folder)
            of_store = [path for path in damaged if path.startswith(("store/", checksums.FILE))]
            failure = Failure("damaged", detail={"path": of_store[0]}) if of_store else None
            others: Sequence[str] = [path for path in damaged if path not in of_store]
            found = [Reason("file-damaged", {"path": path}) for path in others]
            found += reasons(release, states(self.data), frequencies_of(release), datetime.now(UTC))
            if since := self.behind_since():
                found.append(Reason("replica-behind", {"when": _told(since)}))
            self._last = (release.folder, now, failure, found)
        return self._last[2], self._last[3]
