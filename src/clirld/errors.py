"""The errors of the project, one small tree.

    ClirldError
    ├── UsageError       the command was called wrongly                      exit code 2
    └── DataError        something in the data or its files is wrong         exit code 1
        ├── CardError        a source card (source.yaml) cannot be used
        ├── FetchError       a distribution could not be had whole
        │   └── UnreachableError  the network, or the host, is not there
        ├── ReadError        a snapshot is not what the card says it is
        ├── RecordsError     the rows do not keep the card's promises
        ├── MappingError     the mapping or the tables are wrong
        ├── ShapesError      shapes or checks cannot be run
        ├── BusyError        another process is at the same source
        ├── GuardError       what was made differs too much from the card or from last time
        ├── ReleaseError     a release cannot be made, found or switched to
        ├── PublishError     a release cannot be brought into another store
        ├── StorageError     object storage refuses, or what is there is not whole
        │   └── StorageAwayError  it does not answer
        └── QueryError       a query is refused, wrong, or took too long

Every message says what was wrong, where (file, row, column, line) and what to do.
"""

from __future__ import annotations


class ClirldError(Exception):
    """Base of all errors that a person can act upon. `exit_code` is the command line's."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", do: str = "", fr: str = "", do_fr: str = "") -> None:
        """`what` was wrong, `where` it was, and what to `do` about it.

        `fr` and `do_fr` are the French of `what` and `do` where they are put together; else errors.fr.yaml has it.
        """
        super().__init__(what)
        self.what = what
        self.where = where
        self.do = do
        self.fr = fr
        self.do_fr = do_fr

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        do = f"\n  → {self.do}" if self.do else ""
        return f"{where}{self.what}{do}"


def os_reason(problem: OSError) -> str:
    """What the system says is wrong, and with which file; without the number that means nothing to a person."""
    if problem.strerror is None:
        return str(problem)
    return f"{problem.strerror}: {problem.filename}" if problem.filename else problem.strerror


def innermost_reason(problem: BaseException) -> str:
    """The innermost reason, in the words of the system where it has any."""
    inner = (*problem.args, getattr(problem, "reason", None), problem.__cause__)
    deeper = next((one for one in inner if isinstance(one, BaseException)), None)
    if deeper is not None:
        return innermost_reason(deeper)
    text = str(getattr(problem, "strerror", None) or problem)
    return " ".join(text.split())[:200] or type(problem).__name__


class UsageError(ClirldError):
    """The command was called wrongly."""

    exit_code = 2


class DataError(ClirldError):
    """Something in the data or its files is wrong."""


class CardError(DataError):
    """A source card cannot be used."""


class FetchError(DataError):
    """A distribution could not be had whole."""


class UnreachableError(FetchError):
    """The network, or the host, is not there: nothing was asked."""


class ReadError(DataError):
    """A snapshot is not what the card says it is."""


class RecordsError(DataError):
    """The rows do not keep the promises of the card."""


class MappingError(DataError):
    """The mapping or the tables are wrong."""


class ShapesError(DataError):
    """Shapes or checks cannot be run."""


class BusyError(DataError):
    """Another process is at the same source."""


class GuardError(DataError):
    """What was made of a source differs too much from its card or from last time to be published unseen."""


class ReleaseError(DataError):
    """A release cannot be made, found or switched to."""


class PublishError(DataError):
    """A release cannot be brought into another store."""


class StorageError(DataError):
    """Object storage refuses something, or what is there is not whole."""


class StorageAwayError(StorageError):
    """Object storage does not answer."""


class QueryError(DataError):
    """A query is refused, wrong, or took too long."""
