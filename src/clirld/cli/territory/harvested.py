"""What the commands about territories know: the last good harvest of the territories; and days as people give them."""

from __future__ import annotations

from datetime import date

from clirld.cli.terminal import err
from clirld.errors import DataError, UsageError
from clirld.harvest.outcome import last_good
from clirld.project import Project
from clirld.release.partitions import TERRITORIES
from clirld.territory.history import FIRST_DAY, History
from clirld.territory.resolve import last_known_day
from clirld.territory.stored import Stored, load
from clirld.values import dates

_SAMPLES = {
    "fr": "! ce sont les exemples : seules quelques communes y sont (toutes : clirld run territories)",
    "en": "! these are the samples: they have a few communes only (all: clirld run territories)",
}


def stored_territories(project: Project) -> Stored:
    """Communes through time, of the last good harvest of the territories; told where that is of the samples.

    Raises DataError where there is none.
    """
    harvest = last_good(project, TERRITORIES)
    if harvest is None:
        raise DataError(
            "the territories have not been harvested",
            where=str(project.settings.data),
            do="run “clirld run territories”, or give with --data a folder where they are",
        )
    if harvest.sample:
        err.print(_SAMPLES[project.settings.message_language], highlight=False, markup=False, soft_wrap=True)
    tables = harvest.require_outputs().records
    return load(*(sorted((tables / name).glob("*.parquet")) for name in ("territory", "territory_change")))


def day_of(text: str, option: str) -> str:
    """A day as YYYY-MM-DD; of a year, its first. Raises UsageError."""
    text = text.strip()
    try:  # what a register writes for “no date”, as 1900-01-01, is a day here
        day = date(int(text), 1, 1) if text.isdecimal() and len(text) == 4 else date.fromisoformat(text)
    except ValueError:
        found = dates.day(text).value
        if found is None:
            raise UsageError(f"{text} is no day", where=option, do="give a day such as 2014-03-01, or a year") from None
        return found
    return day.isoformat()


def known_day(text: str, option: str, history: History) -> str:
    """A day of those of which communes are known, as YYYY-MM-DD. Raises UsageError."""
    day = day_of(text, option)
    if not FIRST_DAY <= day <= last_known_day(history):
        raise UsageError(
            f"communes are known from {FIRST_DAY} to {history.last_day}, and {day} is asked for",
            where=option,
            do="give a year between them",
        )
    return day
