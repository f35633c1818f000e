"""Logs: one line an event, for people or as JSON, and never what somebody has asked, or from where.

An event has a name and fields that its caller chose. Of what libraries log, only the first line of the message as it
stands in their source is written, without what they would put in, and of an exception its class and where it was
raised: its message may repeat a query.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from clirld.errors import ClirldError

FORMS = ("text", "json")

_FIELDS = "clirld_fields"


def event(logger: logging.Logger, name: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log something that has happened."""
    if logger.isEnabledFor(level):
        logger.log(level, name, extra={_FIELDS: fields})


def configure(form: str, stream: TextIO | None = None) -> None:
    """Have all logs of this process written as lines of this form; as text, only what somebody has to look at."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_is_not_shown)
    handler.setFormatter(_Lines(as_json=form == "json"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("clirld").setLevel(logging.INFO if form == "json" else logging.WARNING)


def _is_not_shown(record: logging.LogRecord) -> bool:
    """Whether a record is not one of those that the command line shows itself, as it shows errors."""
    return not (isinstance(record.msg, ClirldError) and logging.getLogger("clirld").handlers)


def as_json() -> bool:
    """Whether this process is to write JSON, by its environment: an error may be that the settings cannot be read."""
    return os.environ.get("CLIRLD_LOG") == "json"


def line(name: str, level: str, fields: Mapping[str, object], logger: str = "clirld") -> str:
    """An event as a line of JSON."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": time, "level": level, "logger": logger, "event": name, **fields}, ensure_ascii=False)


class _Lines(logging.Formatter):
    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        name = str(record.msg).partition("\n")[0].strip()
        fields: dict[str, Any] = dict(getattr(record, _FIELDS, {}))
        if record.exc_info and record.exc_info[1] is not None:
            fields |= _raised(record.exc_info[1])
        if self._as_json:
            return line(name, record.levelname.lower(), fields, record.name)
        words = [f"{key}={value}" for key, value in fields.items() if key != "at"]
        return "\n  ".join([" ".join([record.levelname.lower(), name, *words]), *fields.get("at", ())])


def _raised(error: BaseException) -> dict[str, Any]:
    """Class of an exception and of those that led to it, and where each was raised."""
    classes, at = [], []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        classes.append(type(current).__qualname__)
        at += [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(current.__traceback__)]
        current = current.__cause__ or current.__context__
    return {"error": " < ".join(classes), "at": at}
