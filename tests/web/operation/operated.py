"""A server as a process, with metrics and logs: what it counts and what it writes is read from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families

START = """
import asyncio, gc, sys
from pathlib import Path
from clirld.settings import Settings
from clirld.cli.serve import serve_release
from clirld.web import sparql

check, tasks = sparql.check, []

async def fail(text):
    raise ValueError(text)

def sometimes(query, **given):
    # Errors whose messages repeat the query: of the application, and of a task that nobody waits for.
    if "NEVER-RETRIEVED" in query:
        asyncio.get_running_loop().create_task(fail(query))
    if "INTERNAL" in query:
        try:
            raise KeyError(query)
        except KeyError as error:
            raise RuntimeError(f"{query}\\nand again {query}") from error
    gc.collect()
    return check(query, **given)

sparql.check = sometimes
serve_release(Settings.from_environment(data=Path(sys.argv[1])), "127.0.0.1", 0)
"""


@dataclass
class Operated:
    """A server that runs: its address, that of its metrics, and the lines of its log so far."""

    process: subprocess.Popen[str]
    site: str = ""
    metrics: str = ""
    lines: list[str] = field(default_factory=list)

    def scraped(self) -> str:
        """The metrics as Prometheus gets them."""
        answer = requests.get(self.metrics, timeout=60)
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return answer.text

    def samples(self, name: str) -> dict[tuple[str, ...], float]:
        """Values of a metric by the values of its labels, in the order of the labels' names."""
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.scraped())
            for sample in family.samples
            if sample.name == name
        }


@contextmanager
def operated(data: Path, **settings: str) -> Iterator[Operated]:
    """Start a server, and end it; `lines` are whole then."""
    own = {"CLIRLD_METRICS": "127.0.0.1:0", "CLIRLD_LOG": "json", "CLIRLD_WORKERS": "1", "CLIRLD_QUERY_TIMEOUT": "1"}
    variables = {**os.environ, **own, **{f"CLIRLD_{name.upper()}": value for name, value in settings.items()}}
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
    )
    assert process.stdout
    assert process.stderr
    server = Operated(process)
    try:
        server.site = process.stdout.readline().strip().rstrip("/")
        if variables["CLIRLD_LOG"] == "json":
            server.lines.append(process.stderr.readline())
            server.metrics = json.loads(server.lines[0])["metrics"]
        reading = threading.Thread(target=lambda: server.lines.extend(process.stderr or ()))
        reading.start()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()
        reading.join()
        server.lines += [process.stdout.read()]
        process.stdout.close()
        process.stderr.close()


def events(server: Operated) -> list[dict[str, Any]]:
    """What was logged, each line of which is JSON."""
    return [json.loads(line) for line in server.lines if line.strip()]
