"""prefect.yaml: what deployments.py writes from the cards, to the last byte, and schedules that make sense."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import PROJECT

sys.path.insert(0, str(PROJECT / "pipelines"))

import deployments
import flows
from prefect.events.schemas.automations import AutomationCore
from prefect.flows import Flow
from prefect.server.schemas.schedules import CronSchedule

from clirld.card.model import FREQUENCIES, Card
from clirld.project import Project
from clirld.settings import Settings


@pytest.fixture(scope="module")
def cards() -> list[Card]:
    return [source.card for source in Project.load(Settings.from_environment({})).sources.values()]


def schedules(cards: list[Card]) -> dict[str, list[dict[str, Any]]]:
    return {one["name"]: one["schedules"] for one in deployments.deployments(cards)["deployments"]}


def test_the_automation_is_one_that_prefect_takes() -> None:
    data = YAML(typ="safe").load((PROJECT / "pipelines" / "automations.yaml").read_text(encoding="utf-8"))
    (automation,) = (AutomationCore.model_validate(one) for one in data["automations"])
    assert automation.actions[0].type == "change-flow-run-state"


def test_prefect_yaml_is_what_the_cards_give(project: Path, cards: list[Card], tmp_path: Path) -> None:
    deployments.write(tmp_path / "prefect.yaml", cards)
    written, kept = (tmp_path / "prefect.yaml").read_text(), (project / "prefect.yaml").read_text()
    assert written == kept, "a card has changed: run “python pipelines/deployments.py”"


def test_every_source_is_deployed_with_parameters_that_its_flow_takes(project: Path, cards: list[Card]) -> None:
    made = deployments.deployments(cards)["deployments"]
    assert [one["name"] for one in made] == [*(card.id for card in cards), "publish", "all"]
    for one in made:
        path, name = one["entrypoint"].split(":")
        assert (project / path).is_file()
        flow = getattr(flows, name)
        assert isinstance(flow, Flow)
        flow.validate_parameters(one.get("parameters", {}))


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_a_source_is_harvested_as_often_as_it_changes(cards: list[Card], frequency: str) -> None:
    card = cards[0].model_copy(update={"frequency": frequency, "status": "active"})
    unconfirmed = card.model_copy(update={"status": "unconfirmed"})
    assert deployments.cron(unconfirmed) is None
    when = deployments.cron(card)
    if frequency == "never":
        assert when is None
        return
    assert when is not None
    longest = {"daily": 1, "weekly": 7, "monthly": 31, "irregular": 31, "quarterly": 92, "biannual": 184, "annual": 366}
    schedule = CronSchedule(cron=when, timezone=deployments.TIMEZONE)
    found = asyncio.run(schedule.get_dates(n=24, start=datetime(2026, 1, 1, tzinfo=UTC)))
    assert all(1 <= date.hour <= 6 for date in found)  # 6 on the night that the clocks change
    assert max((later.date() - earlier.date()).days for earlier, later in pairwise(found)) == longest[frequency]


def test_what_never_changes_or_is_not_confirmed_is_not_scheduled(cards: list[Card]) -> None:
    found = schedules(cards)
    for card in cards:
        assert bool(found[card.id]) == (card.frequency != "never" and card.status == "active")
    assert found["publish"]
    assert not found["all"]


def test_hosts_are_not_rushed(cards: list[Card]) -> None:
    many = [cards[0].model_copy(update={"id": f"source-{number}", "frequency": "daily"}) for number in range(120)]
    times = {tuple(str(deployments.cron(card)).split()[:2]) for card in many}
    assert len(times) > 80  # of 300 minutes
    assert len({minute for minute, _hour in times}) > 40


def test_the_operator_is_told_of_every_setting_and_its_default(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    rows = re.findall(r"^\| `(CLIRLD_\w+)` \|([^|]*)\|", (project / "docs" / "operate.md").read_text(), re.MULTILINE)
    told = {name: value.strip().strip("`") for name, value in rows}
    defaults = {field.name: getattr(Settings.from_environment({}), field.name) for field in fields(Settings)}
    assert told == {
        f"CLIRLD_{name.upper()}": f"{value:g}" if isinstance(value, float) else str(value).removeprefix(f"{project}/")
        for name, value in defaults.items()
    }
