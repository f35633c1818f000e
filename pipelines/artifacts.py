"""What the Prefect page shows of a run: accounts, issues and the release, each with its history under its key.

accounting-<source>, issues-<source>    of a harvest
accounting, failures, release           of a publication
"""

from __future__ import annotations

from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from clirld import issues as noted
from clirld.cli import report
from clirld.harvest import issue_groups, outcome
from clirld.issues import Language
from clirld.project import Project
from clirld.records import reasons
from clirld.release.published import Release

_ROWS = ("rows_in", "published", "held", "dropped")
_SHOWN = 30
"""Groups of issues shown: the whole is a command and a file away."""

_WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "account": "Lignes lues = publiées + retenues + écartées",
        "issues": "Remarques",
        "none": "Rien à signaler.",
        "all": "Toutes les remarques : `clirld issues {source}`{page}",
        "page": ", ou une fois publiées [la page de la source]({link})",
        "release": "La version servie",
        "failures": "Sources dont la dernière moisson a échoué : leur dernière bonne moisson reste publiée",
        "fine": "Toutes les sources sont à jour.",
    },
    "en": {
        "account": "Rows in = published + held + dropped",
        "issues": "Issues",
        "none": "Nothing to report.",
        "all": "All issues: `clirld issues {source}`{page}",
        "page": ", or once published [the page of the source]({link})",
        "release": "The release that is served",
        "failures": "Sources whose last harvest failed: their last good harvest stays published",
        "fine": "All sources are fresh.",
    },
}


def account(project: Project, counted: dict[str, Any]) -> None:
    """The account of a harvest: where its rows went, and why some are not published."""
    said = project.settings.message_language
    say = report.labels_of(said)
    rows: list[dict[str, Any]] = [{say["source"]: counted["id"], **{say[name]: counted[name] for name in _ROWS}}]
    for kind in ("held", "dropped"):
        for reason, count in counted["reasons"][kind].items():
            label = reasons.label(reason, said, project.shapes.facts) or reason
            rows.append({say["reasons"]: f"{label} ({reason})", say[kind]: count})
    columns = [say[name] for name in ("source", *_ROWS, "reasons")]
    table = [{name: row.get(name, "") for name in columns} for row in rows]
    create_table_artifact(table, key=f"accounting-{counted['id']}", description=_WORDS[said]["account"])


def issues(project: Project, source: str) -> None:
    """The issues of a source in groups, its failure first, and where all of them are."""
    said = project.settings.message_language
    say, words = _WORDS[said], report.labels_of(said)
    groups = issue_groups.grouped(issue_groups.of_source(project, source))
    lines = [f"# {say['issues']} : {source}", ""]
    if groups:
        head = [words[name] for name in ("severity", "where", "message", "advice", "count")]
        lines += [_row(head), _row(["---"] * len(head))]
    for group in groups[:_SHOWN]:
        first = group.first
        where = ", ".join(part for part in (issue_groups.place(first, said), first.column) if part)
        messages = [one.as_data()["message"][said] for one, _count in group.examples.values()]
        messages += [f"… {words['more'].format(n=group.more)}"] if group.more else []
        lines.append(_row([first.severity, where, "<br>".join(messages), first.advice(said), str(group.count)]))
    host = project.settings.document_host
    page = say["page"].format(link=f"{host.rstrip('/')}/issues/{source}") if host else ""
    lines += [] if groups else [say["none"]]
    lines += ["", say["all"].format(source=source, page=page)]
    create_markdown_artifact("\n".join(lines), key=f"issues-{source}", description=say["issues"])


def _row(cells: list[str]) -> str:
    # A cell is of the source: it must not end the table, nor be taken for markup.
    safe = (
        cell.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("&lt;br>", "<br>") for cell in cells
    )
    return f"| {' | '.join(safe)} |"


def release(project: Project, made: Release) -> None:
    """What is served from now on: its link, the account of all sources, and which of them failed, with what to do."""
    said = project.settings.message_language
    say, words = _WORDS[said], report.labels_of(said)
    sources = made.manifest["sources"]
    rows: list[dict[str, Any]] = [
        {words["source"]: one["id"], **{words[name]: one[name] for name in _ROWS}, words["state"]: words[one["state"]]}
        for one in sources
    ]
    sums = {words[name]: sum(one[name] for one in sources) for name in _ROWS}
    rows.append({words["source"]: words["total"], **sums, words["state"]: ""})
    create_table_artifact(rows, key="accounting", description=say["account"])
    failed = [noted.failure_issue(found) for name in project.sources if (found := outcome.failure(project, name))]
    lines = [f"- **{one.source}** · {one.stage} · {one.message(said)}  \n  → {one.advice(said)}" for one in failed]
    text = "\n".join([f"# {say['failures']}", "", *lines] if lines else [say["fine"]])
    create_markdown_artifact(text, key="failures", description=say["failures"])
    host = project.settings.document_host
    link = f"{host.rstrip('/')}/" if host else made.folder.resolve().as_uri()
    create_link_artifact(link, link_text=made.id, key="release", description=say["release"])
