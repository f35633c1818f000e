"""Settings: defaults, then CLIRLD_* variables, then what a command was given."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from clirld.errors import UsageError
from clirld.settings import Settings


def test_defaults_are_the_folders_of_the_project(project: Path) -> None:
    settings = Settings.from_environment({})
    assert settings.sources == project / "pipelines" / "sources"
    assert (settings.ontology, settings.shapes) == (project / "ontology", project / "shapes")
    assert settings.data == Path("data").absolute()
    assert settings.language == "fr"


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_has_a_variable(name: str) -> None:
    kind = type(getattr(Settings.from_environment({}), name))
    text = {"language": "en", "log": "json"}.get(name) or ("7" if kind in (int, float) else "/somewhere")
    assert getattr(Settings.from_environment({f"CLIRLD_{name.upper()}": text}), name) == kind(text)


def test_what_is_given_goes_before_a_variable_and_a_variable_before_a_default() -> None:
    assert Settings.from_environment({"CLIRLD_DATA": "/a"}, data=Path("/b")).data == Path("/b")
    assert Settings.from_environment({"CLIRLD_DATA": "/a"}, data=None).data == Path("/a")
    assert Settings.from_environment({"CLIRLD_DATA": "", "CLIRLD_WORKERS": ""}) == Settings.from_environment({})


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"CLIRLD_DATA": "x"}).data == tmp_path / "x"
    assert Settings.from_environment({}, data=Path("y")).data == tmp_path / "y"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WORKERS", "two"), ("WORKERS", "1.5"), ("WORKERS", "0"), ("WORKERS", "-1"), ("RETRIES", "-1"),
        ("READ_TIMEOUT", "10s"), ("QUERY_TIMEOUT", "nan"), ("QUERY_TIMEOUT", "inf"), ("QUERY_TIMEOUT", "0"),
        ("MAX_BYTES", "4 GB"),
    ],
)  # fmt: skip
def test_what_is_not_a_usable_number(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=f"CLIRLD_{name} is “{text}”") as caught:
        Settings.from_environment({f"CLIRLD_{name}": text})
    assert f"CLIRLD_{name}" in caught.value.do


@pytest.mark.parametrize("name", [f"CLIRLD_{field.name.upper()}" for field in fields(Settings)])
def test_every_setting_is_documented(project: Path, name: str) -> None:
    assert f"| `{name}` |" in (project / "docs" / "operate.md").read_text(encoding="utf-8")


def test_the_inbox_lies_in_the_data_folder_unless_said_otherwise() -> None:
    assert Settings.from_environment({}, data=Path("/a")).inbox == Path("/a/inbox")
    assert Settings.from_environment({"CLIRLD_INBOX": "/b"}, data=Path("/a")).inbox == Path("/b")


def test_no_retries_is_a_choice() -> None:
    assert Settings.from_environment({"CLIRLD_RETRIES": "0"}).retries == 0
