"""The alert rules: Prometheus takes them, they ring when they should, and they name metrics that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric

from clirld.query.worker_pool import WorkerPool
from clirld.web.operation.counts import Counts
from clirld.web.operation.health import Health
from clirld.web.operation.metrics import OfTheData
from tests.conftest import PROJECT
from tests.web.served import make_release, serve_settings

RULES = PROJECT / "deploy" / "alerts.yaml"


@pytest.mark.parametrize("arguments", [("check", "rules"), ("test", "rules"), ("check", "config")])
def test_prometheus_takes_them(arguments: tuple[str, str]) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("no promtool: apt install prometheus")
    file = {"test": "alerts.test.yaml", "rules": "alerts.yaml", "config": "prometheus.yaml"}
    name = file.get(arguments[0], file[arguments[1]])
    done = subprocess.run(["promtool", *arguments, name], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_its_trial() -> None:
    alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8")))
    tried = set(re.findall(r"alertname: (\w+)", (RULES.parent / "alerts.test.yaml").read_text(encoding="utf-8")))
    assert alerts == tried


def test_they_name_metrics_that_there_are(tmp_path: Path) -> None:
    make_release(tmp_path)
    counts = Counts()
    counts.watch(WorkerPool(serve_settings()))
    counts.registry.register(OfTheData(tmp_path, Health(tmp_path)))
    families: list[Metric] = list(counts.registry.collect())
    there = {f"{family.name}{'_total' if family.type == 'counter' else ''}" for family in families}
    there |= {f"{family.name}_bucket" for family in families if family.type == "histogram"}
    named = set(re.findall(r"\bclirld_\w+", RULES.read_text(encoding="utf-8")))
    assert named - there == set()
    page = (PROJECT / "docs" / "operate.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(clirld_\w+)`", page, re.MULTILINE))
    assert told == {one.removesuffix("_bucket") for one in there}
