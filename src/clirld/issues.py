"""Issues: everything noticed about the data, from fetch to SHACL, in one type and as data.

An issue has a code; the messages and the advice of each code, in French and English, are in
`issue_messages.yaml`, so that those who write to stewards need not read Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from clirld import yamlfile
from clirld.french import french
from clirld.values.personal_data import without_personal_data

_FIELDS = ("source", "stage", "code", "distribution", "row", "column", "value")

Severity = Literal["error", "warning", "info"]
Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing noticed. `row` and `column` are the source's; `detail` fills the message's {names}."""

    source: str
    stage: str
    code: str
    distribution: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    detail: dict[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """error: the row or the source is not published as it is; warning: a value is; info: a value was mended."""
        severity: Severity = _codes()[self.code]["severity"]  # type: ignore[assignment]
        return severity

    @property
    def is_failure(self) -> bool:
        """Whether it is that a stage failed, as `failure_issue` tells it."""
        return self.code == "stage-failed"

    def message(self, language: Language = "fr") -> str:
        """What was noticed, in words."""
        return self._text("message", language)

    def advice(self, language: Language = "fr") -> str:
        """What to do about it."""
        return self._text("advice", language)

    def _text(self, part: str, language: Language) -> str:
        template = _codes()[self.code][f"{part}_{language}"]
        detail = self.detail if language == "en" else {name: _percent(text) for name, text in self.detail.items()}
        values = {
            "value": self.value or "",
            "column": without_personal_data(self.column or ""),
            "source": self.source,
            **detail,
        }
        return template.format_map(_WithPlaceholders(values))

    def as_json(self) -> str:
        """One line of JSON, messages included."""
        return json.dumps(self.as_data(), ensure_ascii=False, sort_keys=True)

    def as_data(self) -> dict[str, Any]:
        """What `as_json` writes; what names or leads to a person in a value is left out of it."""
        redacted = replace(
            self,
            column=None if self.column is None else without_personal_data(self.column),
            value=None if self.value is None else without_personal_data(self.value),
            detail={name: without_personal_data(text) for name, text in self.detail.items()},
        )
        fields = (*_FIELDS, "detail") if self.detail else _FIELDS
        data: dict[str, Any] = {name: value for name in fields if (value := getattr(redacted, name)) is not None}
        data["severity"] = redacted.severity
        data["message"] = {"fr": redacted.message("fr"), "en": redacted.message("en")}
        data["advice"] = {"fr": redacted.advice("fr"), "en": redacted.advice("en")}
        return data


def failure_issue(failure: Mapping[str, str]) -> Issue:
    """The failure of a stage, as `line.failure` keeps it, in the same type as everything else that is noticed."""
    what, do = failure.get("what", ""), failure.get("do", "")
    detail = {"what": failure.get("what_fr") or french(what), "what_en": what, "where": failure.get("where", "")}
    detail |= {"do": french(do), "do_en": do}
    return Issue(failure.get("source", ""), failure.get("stage", ""), "stage-failed", detail=detail)


def _percent(text: str) -> str:
    """A share as French writes it: 62.5% is 62,5 %; any other text as it is."""
    return f"{text[:-1].replace('.', ',')}\u00a0%" if re.fullmatch(r"\d+(\.\d+)?%", text) else text


class _WithPlaceholders(dict[str, str]):
    """A message with a name it was not given still reads."""

    def __missing__(self, key: str) -> str:
        return "?"


@cache
def _codes() -> dict[str, dict[str, str]]:
    codes: dict[str, dict[str, str]] = {}
    for code, entry in yamlfile.shipped("clirld", "issue_messages.yaml").items():
        flat = {"severity": entry["severity"]}
        for part in ("message", "advice"):
            for language, text in entry[part].items():
                flat[f"{part}_{language}"] = text
        codes[code] = flat
    return codes


def codes() -> list[str]:
    """All issue codes."""
    return list(_codes())


def write(issues: Iterable[Issue], path: Path) -> int:
    """Write issues as JSON Lines; gives their number."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for issue in issues:
            out.write(issue.as_json() + "\n")
            count += 1
    return count


def read(path: Path) -> Iterator[Issue]:
    """Issues of a JSON Lines file written by `write`."""
    with path.open("rb") as lines:
        yield from map(from_json, lines)


def from_json(line: bytes) -> Issue:
    """The issue of a line that `as_json` wrote."""
    data = json.loads(line)
    return Issue(**{name: data[name] for name in (*_FIELDS, "detail") if name in data})
