"""Which stage of which source is running, as people read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import Console
from rich.status import Status

from clirld.cli.report import labels_of


def stage_name(stage: str, labels: Mapping[str, str]) -> str:
    """What people call a stage."""
    return labels.get(f"stage-{stage}", stage)


class Progress:
    """Says on a console which stage is running, and keeps what was said."""

    def __init__(self, console: Console, silent: bool, language: str, log: list[dict[str, str]]) -> None:
        self._console = console
        self._labels = labels_of(language)
        self._log = log
        self._silent = silent
        self._status: Status = console.status("")

    def __enter__(self) -> Callable[[str, str, str], None]:
        if not self._silent and self._console.is_terminal:
            self._status.start()
        return self._report_state

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def _report_state(self, source: str, stage: str, state: str) -> None:
        if state == "started":
            self._status.update(f"{source} · {stage_name(stage, self._labels)}")
            return
        self._log.append({"source": source, "stage": stage, "state": state})
        if not self._silent:
            self._console.print(
                f"  {source} · {stage_name(stage, self._labels)} · {self._labels[state]}", highlight=False
            )
