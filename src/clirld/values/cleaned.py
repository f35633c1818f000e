"""What a cleaner gives: a value, a mended or doubtful value, nothing, or the reason why it is not of its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Cleaned(NamedTuple):
    """What became of a cell: its value, and what there is to say about it (an issue code)."""

    value: str | None
    code: str | None = None
    why_fr: str = ""
    why_en: str = ""

    def detail(self, type_: str) -> dict[str, str]:
        """The {names} that the code's messages need (`clirld.issues.Issue.detail`)."""
        if self.why_fr:
            return {"type": type_, "why": self.why_fr, "why_en": self.why_en}
        return {"to": self.value or ""}


Cleaner = Callable[[str], Cleaned]

MISSING = Cleaned(None)


def unclean(fr: str, en: str) -> Cleaned:
    """No value: there is something, but it is not of the type."""
    return Cleaned(None, "value-unclean", fr, en)


def doubtful(value: str, fr: str, en: str) -> Cleaned:
    """A value that is of the type, and is used, but may mean something else."""
    return Cleaned(value, "value-doubtful", fr, en)


SEVERAL = unclean("plusieurs valeurs dans une cellule", "several values in one cell")
"""A cell with several values where one is wanted: none of them is chosen."""
