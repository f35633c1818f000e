"""A person's word that outputs which the guards keep back are right all the same.

    data/accepted/<source>.jsonl   who accepted what, when and why, one a line, never rewritten

What is accepted are findings about bytes: the same bytes pass again with the same findings, or fewer; anything else
is kept back anew.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clirld import issues, stages
from clirld.errors import DataError, GuardError
from clirld.guards import checks
from clirld.harvest import outcome
from clirld.harvest.outcome import Harvest
from clirld.issues import Issue, Language
from clirld.project import Project
from clirld.records.erasure import erasure_list


def require_acceptance(project: Project, harvest: Harvest) -> Harvest:
    """The harvest, with the word that lets it pass where it needs one.

    Raises GuardError with all findings where the guards keep it back; it is then kept for `accept`.
    """
    findings = _findings(harvest)
    if not findings:
        return harvest
    required = {checks.fingerprint(issue) for issue in findings}
    for acceptance in _acceptances(project, harvest.source):
        # Fewer findings about the same bytes pass too: each of them was accepted.
        if acceptance["bytes"] == _snapshots_fingerprint(harvest) and required <= set(acceptance["findings"]):
            return replace(harvest, accepted=acceptance)
    outcome.save_refused(project, harvest)
    raise GuardError(
        "kept back: " + "; ".join(_finding_message(issue, "en") for issue in findings),
        fr="retenu : " + " ; ".join(_finding_message(issue, "fr") for issue in findings),
        where=f"source {harvest.source}",
        do=f'look at the file; if it is right: clirld accept {harvest.source} --because "…"',
    )


def accept(project: Project, source: str, because: str, by: str, when: str | None = None) -> Harvest:
    """Keep a person's word, and publish what the guards kept back without fetching it again.

    Raises DataError where nothing is kept back, its outputs are gone, or the list of erasures cannot be used.
    """
    erasure_list.read(project.settings)
    refused = outcome.refused(project, source)
    if refused is None:
        raise DataError("nothing of this source is kept back", where=f"source {source}", do="see “clirld issues”")
    findings = _findings(refused.require_outputs())
    acceptance = {
        "source": source,
        "when": when or datetime.now(UTC).isoformat(timespec="seconds"),
        "because": because,
        "by": by,
        "bytes": _snapshots_fingerprint(refused),
        "findings": sorted(checks.fingerprint(issue) for issue in findings),
        "messages": {
            "fr": [_finding_message(issue, "fr") for issue in findings],
            "en": [_finding_message(issue, "en") for issue in findings],
        },
    }
    path = _file(project, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(acceptance, ensure_ascii=False, sort_keys=True) + "\n")
    return outcome.promote(project, replace(refused, accepted=acceptance))


def _finding_message(issue: Issue, language: Language) -> str:
    place = f"{issue.distribution}: " if issue.distribution else ""
    return place + issue.message(language)


def _findings(harvest: Harvest) -> list[Issue]:
    return checks.blocking(issues.read(harvest.guards / "issues.jsonl"))


def _snapshots_fingerprint(harvest: Harvest) -> str:
    return stages.fingerprint(*(f"{one['distribution']}:{one['sha256']}" for one in harvest.snapshots))


def _file(project: Project, source: str) -> Path:
    return project.settings.data / "accepted" / f"{source}.jsonl"


def _acceptances(project: Project, source: str) -> list[dict[str, Any]]:
    path = _file(project, source)
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError:
        return []
    except ValueError as problem:
        raise DataError(f"not whole: {problem!r}", where=str(path), do="take the broken line out") from problem
