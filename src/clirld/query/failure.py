"""Why a query has no answer, in words: every kind of failure has its messages in `failure_messages.yaml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from clirld.errors import QueryError

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a query has no answer:

    The kind (a key of failure_messages.yaml), where in the query, and the words' details.
    """

    kind: str
    line: int | None = None
    column: int | None = None
    detail: dict[str, str] = field(default_factory=dict)

    def text(self, part: Literal["title", "what", "do"], language: Language = "en") -> str:
        """The failure in words."""
        return str(messages()[self.kind][part][language]).format_map(self.detail)

    def where(self, language: Language = "en") -> str:
        """Line and column in words, empty where not known."""
        if self.line is None:
            return ""
        return f"{'ligne' if language == 'fr' else 'line'} {self.line}:{self.column}"

    def error(self, where: str = "query") -> QueryError:
        """The failure as an exception; `where` it is, if not at a line of a query."""
        return QueryError(
            self.text("what"),
            where=self.where() or where,
            do=self.text("do"),
            fr=self.text("what", "fr"),
            do_fr=self.text("do", "fr"),
        )


@cache
def messages() -> dict[str, Any]:
    """The messages of all failures, in French and English."""
    from clirld import yamlfile  # only for a failure: a worker starts in a third of the time without

    return dict(yamlfile.shipped(__package__, "failure_messages.yaml"))
