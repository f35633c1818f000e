"""What a release tells of each source besides its data: reports, and its part of the manifest."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clirld import issues, stages
from clirld.harvest import issue_groups, publisher_report
from clirld.harvest.outcome import failure
from clirld.project import Project
from clirld.release.catalog import SourceEntry
from clirld.release.files import Earlier


def write_reports(project: Project, entries: Sequence[SourceEntry], out: Path, earlier: Earlier) -> None:
    """Write of each source the SHACL report, the account, the issues and what its publisher is sent into a folder.

    Those of a source that is the same are taken over from the release before.
    """
    for entry in entries:
        source, harvest = entry.source.id, entry.harvest
        last_failure = failure(project, source)
        made_from = stages.fingerprint(
            entry.source.card.model_dump_json(),
            # The name of a stage's folder says what is in it.
            *(f"{folder.parent.parent.name}/{folder.name}" for folder in harvest.folders),
            repr((harvest.snapshots, last_failure, sorted(project.shapes.by_name.items()))),
        )
        names = ("ttl", "account.json", "issues.jsonl", "issues.json", "publisher.html", "publisher.csv")
        if earlier.taken_over(f"{out.name}/{source}", made_from, [f"{out.name}/{source}.{one}" for one in names]):
            continue
        shutil.copyfile(harvest.validated / "report.ttl", out / f"{source}.ttl")
        stages.write_json(out / f"{source}.account.json", harvest.account_summary)
        stage_failures = [issues.failure_issue(last_failure)] if last_failure else []
        path = out / f"{source}.issues.jsonl"
        issues.write(stage_failures, path)
        with path.open("ab") as issues_file:
            issues_file.writelines(issue_groups.named_lines(source, harvest.issue_folders))
        summary = issue_groups.issue_summary(issues.read(path), harvest.account_summary, project.shapes.by_name)
        stages.write_json(out / f"{source}.issues.json", summary)
        publisher_report.write_harvest(entry.source.card, harvest, out, f"{source}.publisher")


def manifest_source(project: Project, entry: SourceEntry) -> dict[str, Any]:
    """A source in the manifest: what it is, its licence and state, its files, its counts."""
    card = entry.source.card
    licence = project.vocabulary.licences[card.license]
    return {
        "id": card.id,
        "title": card.title.model_dump(),
        "license": {
            "iri": card.license,
            "title": dict(licence.titles),
            "group": licence.group.id,
            "share_alike": licence.group.share_alike,
            "accepted": dict(entry.rights) if entry.rights else None,
        },
        "until": card.temporal.end.isoformat() if card.temporal and card.temporal.end else None,
        "status": card.status,
        "state": entry.state,
        "failure": failure(project, card.id),
        "sample": entry.harvest.sample,
        "accepted": entry.harvest.accepted,
        "snapshots": list(entry.harvest.snapshots),
        "retrieved": max(snapshot["retrieved"] for snapshot in entry.harvest.snapshots),
        "quads": entry.quads,
        **entry.harvest.account_summary,
    }
