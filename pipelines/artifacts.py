"""What the Prefect page shows of a run: accounts, issues and the release, each with its history under its key.

accounting-<source>, issues-<source>, mends-<source>    of a harvest
accounting, failures, release           of a publication
"""

from __future__ import annotations

from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from clirld import issues as issue_model
from clirld.cli import report
from clirld.harvest import issue_groups, outcome, publisher_report
from clirld.issues import Language
from clirld.project import Project
from clirld.records import reasons
from clirld.release.published import Release

_ROWS = ("rows_in", "published", "held", "dropped")
_MAX_GROUPS = 30
"""Groups of issues shown: the whole is a command and a file away."""

_TEXTS: dict[Language, dict[str, str]] = {
    "fr": {
        "account": "Lignes lues = publiées + retenues + écartées",
        "issues": "Remarques",
        "mends": "À corriger par le producteur ; à lui envoyer : `clirld issues {source} --for-publisher DOSSIER`",
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
        "mends": "For the publisher to mend; to be sent: `clirld issues {source} --for-publisher FOLDER`",
        "none": "Nothing to report.",
        "all": "All issues: `clirld issues {source}`{page}",
        "page": ", or once published [the page of the source]({link})",
        "release": "The release that is served",
        "failures": "Sources whose last harvest failed: their last good harvest stays published",
        "fine": "All sources are fresh.",
    },
}


def account(project: Project, accounting: dict[str, Any]) -> None:
    """The account of a harvest: where its rows went, and why some are not published."""
    language = project.settings.message_language
    labels = report.labels_of(language)
    total = {labels["source"]: accounting["id"], **{labels[name]: accounting[name] for name in _ROWS}}
    rows: list[dict[str, Any]] = [total]
    for kind in ("held", "dropped"):
        for reason, count in accounting["reasons"][kind].items():
            label = reasons.label(reason, language, project.shapes.by_name) or reason
            rows.append({labels["reasons"]: f"{label} ({reason})", labels[kind]: count})
    columns = [labels[name] for name in ("source", *_ROWS, "reasons")]
    table = [{name: row.get(name, "") for name in columns} for row in rows]
    create_table_artifact(table, key=f"accounting-{accounting['id']}", description=_TEXTS[language]["account"])


def issues(project: Project, source: str) -> None:
    """The issues of a source in groups, its failure first, and where all of them are."""
    language = project.settings.message_language
    texts, labels = _TEXTS[language], report.labels_of(language)
    groups = issue_groups.group_issues(issue_groups.source_issues(project, source))
    lines = [f"# {texts['issues']} : {source}", ""]
    if groups:
        header = [labels[name] for name in ("severity", "where", "message", "advice", "count")]
        lines += [_row(header), _row(["---"] * len(header))]
    for group in groups[:_MAX_GROUPS]:
        first = group.first
        where = ", ".join(part for part in (issue_groups.location_label(first, language), first.column) if part)
        messages = [one.as_data()["message"][language] for one, _count in group.examples.values()]
        messages += [f"… {labels['more'].format(n=group.other_count)}"] if group.other_count else []
        lines.append(_row([first.severity, where, "<br>".join(messages), first.advice(language), str(group.count)]))
    host = project.settings.document_host
    page = texts["page"].format(link=f"{host.rstrip('/')}/issues/{source}") if host else ""
    lines += [] if groups else [texts["none"]]
    lines += ["", texts["all"].format(source=source, page=page)]
    create_markdown_artifact("\n".join(lines), key=f"issues-{source}", description=texts["issues"])


def mends(project: Project, source: str) -> None:
    """What its publisher can mend in a source's file, what earns most first."""
    language = project.settings.message_language
    rows = list(publisher_report.table(publisher_report.of_source(project, source), language))
    create_table_artifact(rows, key=f"mends-{source}", description=_TEXTS[language]["mends"].format(source=source))


def _row(cells: list[str]) -> str:
    # A cell is of the source: it must not end the table, nor be taken for markup.
    safe = (
        cell.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("&lt;br>", "<br>") for cell in cells
    )
    return f"| {' | '.join(safe)} |"


def release(project: Project, new_release: Release) -> None:
    """What is served from now on: its link, the account of all sources, and which of them failed, with what to do."""
    language = project.settings.message_language
    texts, labels = _TEXTS[language], report.labels_of(language)
    sources = new_release.manifest["sources"]
    rows: list[dict[str, Any]] = [
        {
            labels["source"]: source["id"],
            **{labels[name]: source[name] for name in _ROWS},
            labels["state"]: labels[source["state"]],
        }
        for source in sources
    ]
    sums = {labels[name]: sum(source[name] for source in sources) for name in _ROWS}
    rows.append({labels["source"]: labels["total"], **sums, labels["state"]: ""})
    create_table_artifact(rows, key="accounting", description=texts["account"])
    failures = [failure for name in project.sources if (failure := outcome.failure(project, name))]
    lines = [
        f"- **{issue.source}** · {issue.stage} · {issue.message(language)}  \n  → {issue.advice(language)}"
        for issue in map(issue_model.failure_issue, failures)
    ]
    text = "\n".join([f"# {texts['failures']}", "", *lines] if lines else [texts["fine"]])
    left_out = [f"- {one['message'][language]}" for one in new_release.manifest["left_out"]]
    text = "\n".join([text, "", *left_out]) if left_out else text
    create_markdown_artifact(text, key="failures", description=texts["failures"])
    host = project.settings.document_host
    link = f"{host.rstrip('/')}/" if host else new_release.folder.resolve().as_uri()
    create_link_artifact(link, link_text=new_release.id, key="release", description=texts["release"])
