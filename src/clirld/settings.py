"""Settings: where things are and how the tool behaves, read once at the edge and passed in.

Every field can be set by an environment variable `CLIRLD_<FIELD>`; docs/operate.md lists them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Literal

from clirld.errors import UsageError

BASE = "https://w3id.org/clirld/"
"""Base of every IRI of the project: fixed for ever, never a setting."""

DATA_GOUV = "https://www.data.gouv.fr"
"""The portal whose addresses stand in cards; a copy of it can be asked in its stead."""


def _packaged_folder(folder: str) -> Path:
    """A folder that ships with the package: beside `src/` in a checkout, inside the wheel otherwise."""
    checkout = Path(__file__).resolve().parents[2] / folder
    if checkout.is_dir():
        return checkout
    return Path(str(files("clirld").joinpath("_data", folder)))


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders are absolute paths; times are seconds; sizes are bytes."""

    data: Path
    sources: Path
    ontology: Path
    shapes: Path
    queries: Path
    judgements: Path
    inbox: Path
    stages: str = ""
    contact: str = "https://github.com/clirld/clirld"
    datagouv: str = DATA_GOUV
    document_host: str = ""
    language: str = "fr"
    workers: int = 2
    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    retries: int = 4
    max_bytes: int = 4 * 1024**3
    max_run_bytes: int = 16 * 1024**3
    retention: int = 3
    erasures: str = ""
    erasure_key: str = field(default="", repr=False)
    query_timeout: float = 10.0
    query_memory: int = 2 * 1024**3
    answer_memory: int = 64 * 1024**2
    trusted_proxies: int = 0
    contributions_url: str = ""
    moderation_token_hash: str = field(default="", repr=False)
    moderation_login_header: str = ""
    metrics: str = ""
    log: str = "text"
    publish_user: str = ""
    publish_password: str = field(default="", repr=False)
    publish_token: str = field(default="", repr=False)
    publish_timeout: float = 3600.0

    @property
    def message_language(self) -> Literal["fr", "en"]:
        """The language of messages: French unless English is asked for."""
        return "en" if self.language == "en" else "fr"

    @property
    def erasure_file(self) -> Path:
        """The list of erasures (`clirld.records.erasure.matching`)."""
        return Path(self.erasures).absolute() if self.erasures else self.data / "erasures.jsonl"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Settings from defaults, then `CLIRLD_*` variables, then `overrides` that are not None.

        Raises UsageError for a variable that is not a number where one is wanted, or is below zero, and for an unknown
        language.
        """
        variables = os.environ if environment is None else environment
        values: dict[str, object] = {
            "data": Path("data"),
            "sources": _packaged_folder("pipelines") / "sources",
            "ontology": _packaged_folder("ontology"),
            "shapes": _packaged_folder("shapes"),
            "queries": _packaged_folder("queries"),
            "judgements": _packaged_folder("judgements"),
        }
        for setting in fields(cls):
            name = f"CLIRLD_{setting.name.upper()}"
            if variables.get(name):
                values[setting.name] = _parsed(name, variables[name], str(setting.type))
        values.update({name: value for name, value in overrides.items() if value is not None})
        # Last, since it is in the data folder, wherever that was set to be.
        values.setdefault("inbox", Path(str(values["data"])) / "inbox")
        for name, value in values.items():
            if isinstance(value, Path):
                values[name] = value.absolute()
        return cls(**values)  # type: ignore[arg-type]


_MAY_BE_ZERO = ("CLIRLD_RETRIES", "CLIRLD_RETENTION", "CLIRLD_TRUSTED_PROXIES")


def _parsed(name: str, text: str, type_: str) -> object:
    if name == "CLIRLD_LANGUAGE" and text not in ("fr", "en"):
        raise UsageError(
            f"{name} is “{text}”, not fr or en", where="environment", do=f"set {name} to fr or en, or unset it"
        )
    if name == "CLIRLD_LOG" and text not in ("text", "json"):
        raise UsageError(
            f"{name} is “{text}”, not text or json", where="environment", do=f"set {name} to text or json, or unset it"
        )
    if type_ in ("Path", "str"):
        return Path(text) if type_ == "Path" else text
    try:
        value = int(text) if type_ == "int" else float(text)
    except ValueError:
        value = -1
    # None of a thing is no setting either; only a download may be tried once and not again.
    if not (math.isfinite(value) and (value > 0 or (value == 0 and name in _MAY_BE_ZERO))):
        expected = "whole number" if type_ == "int" else "number"
        advice = f"set {name} to a {expected} above zero, or unset it"
        raise UsageError(f"{name} is “{text}”, not a {expected} above zero", where="environment", do=advice)
    return value
