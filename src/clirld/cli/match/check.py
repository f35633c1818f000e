"""`clirld match check`: what the judgements come to with the records of the release, and what is wrong with them."""

from __future__ import annotations

import typer

from clirld.cli import report
from clirld.cli.match.shared import release_identity
from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, out, print_json
from clirld.harvest import issue_groups
from clirld.settings import Settings

_WORDS = {
    "fr": "groupes de fiches qui n'en font qu'une : {groups} ; jugements qui valent : {holding} ; à revoir : {issues}",
    "en": "groups of records that are one thing: {groups}; judgements that hold: {holding}; to be looked at: {issues}",
}


def check(data: Data = None, as_json: AsJson = False) -> None:
    """What the judgements come to with the records of the release, and what is wrong; 1 where something is an error."""
    settings = Settings.from_environment(data=data)
    found = release_identity(settings, asked_release(settings, None))
    resolved = found.resolved
    if as_json:
        print_json({
            "groups": [list(one.members) for one in resolved.groups],
            "holding": [one.id for one in resolved.holding],
            "issues": [one.as_data() for one in found.issues],
        })  # fmt: skip
    else:
        language = settings.message_language
        report.issues(out, issue_groups.group_issues(iter(found.issues), max_examples=20), language, title="judgements")
        counts = {"groups": len(resolved.groups), "holding": len(resolved.holding), "issues": len(found.issues)}
        out.print(_WORDS[language].format(**counts), highlight=False, soft_wrap=True)
    if any(one.severity == "error" for one in found.issues):
        raise typer.Exit(1)
