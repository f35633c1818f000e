"""What is accepted is published, and what is taken back goes with the next harvest: the last one too."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from clirld.contributions.decide import decide
from clirld.contributions.inbox import Inbox, Verdict
from clirld.errors import RecordsError
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.project import Project
from clirld.settings import BASE, Settings
from tests.contributions.forms import ADDITION, submission
from tests.contributions.test_inbox import DAY

SOURCE = "contributions"
ROWS = [
    {
        "contribution": "1",
        "identifier": "1-carrier",
        "page": "https://example.org/",
        "table": "organization",
        "values": json.dumps({"key": "contributions-1-carrier", "name": "Association Exemple"}),
    }
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with nothing but an inbox."""
    return Project.load(replace(Settings.from_environment({}), data=tmp_path / "data", inbox=tmp_path / "inbox"))


def harvested(project: Project) -> tuple[int, set[str]]:
    """How many rows are published after a harvest, and the classes of what its graph tells of."""
    accepted = Inbox.of(project.settings.inbox).folder / "accepted.jsonl"
    os.utime(accepted, (DAY.timestamp(), DAY.timestamp()))  # it is no longer being written
    harvest = line.harvest(project, project.sources[SOURCE], Origin())
    graph = harvest.graph / "graph.nq"
    types = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    quads = parse(path=str(graph), format=RdfFormat.N_QUADS)
    classes = {str(quad.object).strip("<>") for quad in quads if quad.predicate.value == types}
    return harvest.account.summary()["published"], classes


def test_the_last_contribution_that_is_taken_back_is_no_longer_published(project: Project) -> None:
    inbox = Inbox.of(project.settings.inbox)
    one = submission("addition", ADDITION)
    inbox.add("nonce", one)
    verdicts: list[Verdict] = ["accepted", "rejected", "accepted", "rejected"]
    found = []
    for seen, verdict in enumerate(verdicts):
        decide(inbox, one.number, verdict, reason="Une page.", role="moderator", at=DAY, seen=seen, rows=ROWS)
        found.append(harvested(project))
    counts = [published for published, _classes in found]
    assert counts == [counts[0], 0, counts[0], 0]
    assert counts[0] == 1
    for _published, classes in found[1::2]:
        assert classes == {f"{BASE}ontology#FormerEntity", f"{BASE}ontology#SourceRecord"}


def test_where_the_card_wants_rows_none_are_a_failure(project: Project) -> None:
    folder = Inbox.of(project.settings.inbox).folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accepted.jsonl").touch()
    source = project.sources[SOURCE]
    assertions = source.card.assertions.model_copy(update={"rows": {"accepted": (1, 1_000)}})
    card = source.card.model_copy(update={"assertions": assertions})
    strict = replace(project, sources={SOURCE: replace(source, card=card)})
    with pytest.raises(RecordsError, match="is gone"):
        harvested(strict)
