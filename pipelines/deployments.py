"""Writes prefect.yaml from the source cards: one deployment a source, scheduled by its frequency.

Run after a card is added or its frequency changes: python pipelines/deployments.py
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from clirld.card.model import Card
from clirld.project import Project
from clirld.settings import Settings

POOL = "clirld"
TIMEZONE = "Europe/Paris"

HEAD = """# Written by pipelines/deployments.py from the source cards: change those, then run it again.
# One deployment a source. No schedule: the source never changes, or its card says status: unconfirmed.
"""


def cron(card: Card) -> str | None:
    """When a source is harvested: at night, each at a minute and an hour of its own so that hosts are not rushed."""
    # A checksum, not hash(): that differs from one process to the next, and a source would change its hour each time.
    offset = zlib.crc32(card.id.encode())
    minute, hour, day = offset % 60, 1 + offset // 60 % 5, 1 + offset // 300 % 28
    schedules = {
        "daily": f"{minute} {hour} * * *",
        "weekly": f"{minute} {hour} * * {offset % 7}",
        # Days end at 28, which every month has.
        "monthly": f"{minute} {hour} {day} * *",
        "quarterly": f"{minute} {hour} {day} */3 *",
        "biannual": f"{minute} {hour} {day} */6 *",
        "annual": f"{minute} {hour} {day} 2 *",  # the COG and what follows it are out by then
        "irregular": f"{minute} {hour} {day} * *",
    }
    return schedules.get(card.frequency) if card.status == "active" else None


def deployments(cards: list[Card]) -> dict[str, Any]:
    """What prefect.yaml says."""
    pool = {"name": POOL}
    concurrency = {"limit": 1, "collision_strategy": "ENQUEUE"}
    source_deployments = [
        {
            "name": card.id,
            "entrypoint": "pipelines/flows.py:harvest",
            "description": card.title.fr,
            "parameters": {"source": card.id},
            "schedules": [{"cron": when, "timezone": TIMEZONE}] if (when := cron(card)) else [],
            "concurrency_limit": concurrency,
            "work_pool": pool,
        }
        for card in cards
    ]
    daily_schedule = [{"cron": "0 7 * * *", "timezone": TIMEZONE}]
    publish = {
        "name": "publish",
        "entrypoint": "pipelines/flows.py:publish",
        "description": "Publie une nouvelle version si quelque chose a changé",
        "schedules": daily_schedule,
        "concurrency_limit": concurrency,
        "work_pool": pool,
    }
    harvest_all = {
        "name": "all",
        "entrypoint": "pipelines/flows.py:harvest_all",
        "description": "Moissonne toutes les sources, puis publie",
        "schedules": [],
        "concurrency_limit": concurrency,
        "work_pool": pool,
    }
    return {"name": "clirld", "deployments": [*source_deployments, publish, harvest_all]}


def write(path: Path, cards: list[Card]) -> None:
    """Write prefect.yaml."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.representer.ignore_aliases = lambda _data: True
    with path.open("w", encoding="utf-8") as out:
        out.write(HEAD)
        yaml.dump(deployments(cards), out)


if __name__ == "__main__":
    project = Project.load(Settings.from_environment())
    write(Path(__file__).resolve().parents[1] / "prefect.yaml", [source.card for source in project.sources.values()])
