"""OpenRefine itself (Debian's package), by its HTTP API: a table is reconciled, extended and exported.

https://openrefine.org/docs/technical-reference/openrefine-api
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import requests

ROWS = 1000
_SECONDS = 180


def reconcile(release: Path, address: str) -> str:
    """Reconcile a thousand rows, names of the release in capitals with their communes; extend them; read the export."""
    command = shutil.which("openrefine")
    if command is None:
        return "left out: no openrefine (Debian's package)"
    things = pl.concat(
        pl.read_parquet(path, columns=["key", "name", "commune"])
        for path in sorted(release.glob("tables/*/initiative.parquet"))
    ).drop_nulls()
    things = things.unique(["name", "commune"], keep="none", maintain_order=True)
    assert things.height
    rows = [things.row(n % things.height) for n in range(ROWS)]
    with started(command) as refine:
        project = refine.upload(["Nom", "Insee"], [[name.upper(), code] for _, name, code in rows])
        service = f"{address}/reconcile/fr"
        refine.apply(project, _reconciled(service))
        refine.apply(project, _extended(service))
        exported = refine.export(project)
    assert len(exported) == ROWS
    told = {f"initiative/{key}": code for key, _, code in things.iter_rows()}
    matched = [row for row in exported if row["id"]]
    right = sum(row["id"] == f"initiative/{key}" for row, (key, _, _) in zip(exported, rows, strict=True))
    assert all(row["id"] in told for row in matched)
    assert right >= 0.9 * ROWS, f"{right} of {ROWS} rows matched what they were made of"
    assert sum(bool(row["commune d'aujourd'hui"]) for row in matched) >= 0.9 * len(matched)
    return f"{ROWS} rows reconciled, {len(matched)} matched, {right} with what they were made of; extended and exported"


class Refine:
    """A running OpenRefine."""

    def __init__(self, address: str) -> None:
        self._address = address

    def _post(self, command: str, parameters: dict[str, Any], **given: Any) -> requests.Response:
        token = requests.get(f"{self._address}/command/core/get-csrf-token", timeout=60).json()["token"]
        asked = f"{self._address}/command/core/{command}"
        answer = requests.post(asked, params={**parameters, "csrf_token": token}, timeout=_SECONDS, **given)
        answer.raise_for_status()
        return answer

    def upload(self, header: list[str], rows: list[list[str]]) -> str:
        """Make a project of a table."""
        text = io.StringIO()
        csv.writer(text).writerows([header, *rows])
        options = {"separator": ",", "headerLines": 1, "guessCellValueTypes": False}
        parameters = {"format": "text/line-based/*sv", "options": json.dumps(options)}
        answer = self._post(
            "create-project-from-upload", parameters, files={"project-file": ("rows.csv", text.getvalue())},
            data={"project-name": "rows"},
        )  # fmt: skip
        return answer.url.partition("project=")[2]

    def apply(self, project: str, operation: dict[str, Any]) -> None:
        """Apply one operation to all rows, and wait until it has run."""
        told = self._post("apply-operations", {"project": project}, data={"operations": json.dumps([operation])}).json()
        assert told["code"] in ("ok", "pending"), told
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            running = requests.get(
                f"{self._address}/command/core/get-processes", params={"project": project}, timeout=60
            ).json()
            if not running["processes"]:
                return
            time.sleep(0.3)
        raise AssertionError("OpenRefine did not come to an end")

    def export(self, project: str) -> list[dict[str, str]]:
        """The rows, with the ids of what they were matched with."""
        columns = [
            {
                "name": "Nom",
                "reconSettings": {"output": "entity-id", "blankUnmatchedCells": True, "linkToEntityPages": False},
            },
            {"name": "commune d'aujourd'hui", "reconSettings": {"output": "entity-name", "linkToEntityPages": False}},
        ]
        options = {
            "format": "csv", "separator": ",", "encoding": "UTF-8", "outputColumnHeaders": True,
            "outputBlankRows": True, "columns": [{"nullValueToEmptyString": True, **one} for one in columns],
        }  # fmt: skip
        asked = {"project": project, "format": "csv", "options": json.dumps(options)}
        answer = self._post("export-rows/rows.csv", {}, data=asked)
        found = list(csv.reader(io.StringIO(answer.content.decode("utf-8"))))[1:]
        return [{"id": row[0], "commune d'aujourd'hui": row[1]} for row in found]


def _reconciled(service: str) -> dict[str, Any]:
    return {
        "op": "core/recon",
        "engineConfig": {"facets": [], "mode": "row-based"},
        "columnName": "Nom",
        "config": {
            "mode": "standard-service",
            "service": service,
            "identifierSpace": "https://w3id.org/clirld/id/",
            "schemaSpace": "https://w3id.org/clirld/ontology#",
            "type": {"id": "initiative", "name": "Initiative"},
            "autoMatch": True,
            "columnDetails": [{"column": "Insee", "propertyName": "code Insee", "propertyID": "insee"}],
            "limit": 0,
        },
    }


def _extended(service: str) -> dict[str, Any]:
    return {
        "op": "core/extend-reconciled-data",
        "engineConfig": {"facets": [], "mode": "row-based"},
        "baseColumnName": "Nom",
        "endpoint": service,
        "identifierSpace": "https://w3id.org/clirld/id/",
        "schemaSpace": "https://w3id.org/clirld/ontology#",
        "extension": {"properties": [{"id": "commune", "name": "commune d'aujourd'hui"}]},
        "columnInsertIndex": 1,
    }


@contextmanager
def started(command: str) -> Iterator[Refine]:
    """OpenRefine on a free port of this machine, with an empty folder for its projects."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        arguments = [command, "-p", str(port), "-d", folder, "-x", "refine.headless=true", "-m", "512M"]
        process = subprocess.Popen(
            arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        address = f"http://127.0.0.1:{port}"
        try:
            end = time.monotonic() + _SECONDS
            while True:
                try:
                    requests.get(f"{address}/command/core/get-version", timeout=5).raise_for_status()
                    break
                except requests.RequestException:
                    if process.poll() is not None or time.monotonic() > end:
                        raise AssertionError("OpenRefine does not start") from None
                    time.sleep(0.5)
            yield Refine(address)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
