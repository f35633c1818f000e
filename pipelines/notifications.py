"""Tells a person by webhook of a source that failed, or was not asked for too long.

    python pipelines/notifications.py https://chat.example.org/hooks/…    (or CLIRLD_WEBHOOK in the environment)

makes, on the server of PREFECT_API_URL, a block with that address and two automations that call it; run again, it puts
them in the place of those that were there. What is sent is JSON: `text` for people, which Mattermost and Slack show,
and `kind`, `source`, `message` for programs.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import Any

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events import emit_event
from prefect.events.schemas.automations import AutomationCore
from pydantic import SecretStr

from clirld.card.model import FREQUENCIES
from clirld.harvest.state import late_since, states
from clirld.project import Project

BLOCK = "clirld-notifications"
LATE = "clirld.source.late"
"""The event that a source was not asked for longer than its frequency allows; its resource is clirld.source.<id>."""

_FAILED = """{
  "kind": "failed",
  "run": {{ flow_run.name | tojson }},
  "source": {{ (flow_run.parameters.source or "") | tojson }},
  "message": {{ (flow_run.state.message or "") | tojson }},
  "text": {{ ["clirld", flow_run.name, flow_run.state.name, flow_run.state.message or ""] | join(" · ") | tojson }}
}"""
_LATE = """{
  "kind": "late",
  "source": {{ event.payload.source | tojson }},
  "message": {{ event.payload.message | tojson }},
  "text": {{ ("clirld · " ~ event.payload.message) | tojson }}
}"""
_MESSAGES = {
    "fr": "{source} : demandée pour la dernière fois le {checked}, elle aurait dû l'être avant le {due}",
    "en": "{source}: last asked on {checked}, it was due by {due}",
}


def automations(block: str) -> list[dict[str, Any]]:
    """The automations that call the webhook of a block, by its id."""

    def automation(name: str, description: str, trigger: dict[str, Any], payload: str) -> dict[str, Any]:
        reactive = {"type": "event", "posture": "Reactive", "for_each": ["prefect.resource.id"], "threshold": 1}
        action = {"type": "call-webhook", "block_document_id": block, "payload": payload}
        said = {"name": name, "description": description, "enabled": True}
        return {**said, "trigger": {**reactive, **trigger}, "actions": [action]}

    runs = {
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        # Those of harvest-all fail because one of these has.
        "match_related": {"prefect.resource.role": "flow", "prefect.resource.name": ["harvest", "publish"]},
        "expect": ["prefect.flow-run.Failed", "prefect.flow-run.Crashed"],
    }
    late = {"match": {"prefect.resource.id": "clirld.source.*"}, "expect": [LATE]}
    return [
        automation("clirld failed source", "Tells that a harvest or a release has failed.", runs, _FAILED),
        automation("clirld late source", "Tells that a source was not asked for too long.", late, _LATE),
    ]


def register(url: str) -> None:
    """Make the block and the automations, in the place of those that are there."""
    block = Webhook(method="POST", url=SecretStr(url))
    block.headers.get_secret_value()["Content-Type"] = "application/json"
    identifier = str(block.save(BLOCK, overwrite=True))
    with get_client(sync_client=True) as client:
        for one in automations(identifier):
            _remove(client, one["name"])
            client.create_automation(AutomationCore.model_validate(one))


def _remove(client: SyncPrefectClient, name: str) -> None:
    for one in client.read_automations_by_name(name):
        client.delete_automation(one.id)


def tell_late(project: Project, now: datetime | None = None) -> list[str]:
    """Emit an event for each source that was not asked for too long; gives their ids.

    Every time that it is called, until they are asked: by the daily publication.
    """
    found = []
    for name, state in states(project.settings.data).items():
        source = project.sources.get(name)
        if source is None or source.card.status != "active":
            continue
        due = late_since(state, FREQUENCIES[source.card.frequency], now or datetime.now(UTC))
        if due and state.checked:
            days = {"checked": state.checked.date().isoformat(), "due": due.date().isoformat()}
            message = _MESSAGES[project.settings.message_language].format(source=name, **days)
            emit_event(
                LATE,
                resource={"prefect.resource.id": f"clirld.source.{name}", "prefect.resource.name": name},
                payload={"source": name, "message": message, **days},
            )
            found.append(name)
    return found


if __name__ == "__main__":
    address = sys.argv[1] if sys.argv[1:] else os.environ.get("CLIRLD_WEBHOOK", "")
    if not address.startswith(("https://", "http://")):
        sys.exit("give the address of the webhook, or set CLIRLD_WEBHOOK")
    register(address)
    print("clirld failed source, clirld late source")  # noqa: T201
