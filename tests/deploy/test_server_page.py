"""The page for an empty Debian: what it has people copy is there, and the tools that read it take it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clirld.settings import Settings
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "put-on-a-server.md").read_text(encoding="utf-8")
UNITS = sorted((PROJECT / "deploy" / "systemd").iterdir())


def test_what_it_names_is_there() -> None:
    named = set(re.findall(r"(?:/srv/clirld/app/|`)((?:deploy|requirements)[\w./-]*\w)(?!\*)\b", PAGE))
    assert {"deploy/backup", "deploy/restore", "deploy/Caddyfile", "requirements-server.txt"} <= named
    assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []
    units = set(re.findall(r"\b(clirld(?:-\w+)?)(?:\.timer)?\b(?!\S)", "\n".join(re.findall(r"systemctl .*", PAGE))))
    assert {
        "clirld",
        "clirld-harvest",
        "clirld-backup",
        "clirld-prefect",
        "clirld-worker",
        "clirld-contribute",
    } <= units
    assert units <= {unit.stem for unit in UNITS}


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd")
    commands = Path(sys.executable).parent
    for unit in UNITS:  # with what is on this machine in the place of what will be on that one
        text = unit.read_text(encoding="utf-8").replace("/srv/clirld/venv/bin", str(commands))
        (tmp_path / unit.name).write_text(text.replace("/srv/clirld/app", str(PROJECT)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "clirld" in line and "postgresql" not in line]
    assert said == []
    assert done.returncode == 0, done.stderr


def test_the_units_know_each_setting_that_they_are_given() -> None:
    own = {f"CLIRLD_{name.upper()}" for name in Settings.__dataclass_fields__}
    given = re.findall(r"^(CLIRLD_\w+)=", (PROJECT / "deploy" / "clirld.env").read_text(encoding="utf-8"), re.MULTILINE)
    assert given
    assert set(given) <= own


def test_caddy_takes_its_file(tmp_path: Path) -> None:
    if shutil.which("caddy") is None:
        pytest.skip("no Caddy: apt install caddy")
    text = (PROJECT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    (tmp_path / "Caddyfile").write_text(text.replace("/var/log/caddy", str(tmp_path)), encoding="utf-8")
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=home)
    assert done.returncode == 0, done.stderr
    assert "9464" not in text  # metrics are not for visitors


def test_the_backups_that_are_left_are_the_last_seven(tmp_path: Path) -> None:
    unit = (PROJECT / "deploy" / "systemd" / "clirld-backup.service").read_text(encoding="utf-8")
    command = re.findall(r'^ExecStartPost=/bin/sh -c "(.*)"$', unit, re.MULTILINE)[0].replace("$$", "$")
    for day in range(10, 20):
        for ending in ("tar", "tar.sha256"):
            (tmp_path / f"clirld-202611{day}T063000Z.{ending}").touch()
    subprocess.run(["/bin/sh", "-c", command.replace("/srv/clirld/backup", str(tmp_path))], check=True)
    assert sorted(path.name[13:15] for path in tmp_path.glob("*.tar")) == [str(day) for day in range(13, 20)]
    assert len(list(tmp_path.iterdir())) == 14
