"""What the commands of `clirld match` share: options, the folder of judgements, and the records of a release."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from clirld.errors import UsageError
from clirld.link import records
from clirld.link.identity import Identity, identity
from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import Judgement
from clirld.release.published import Release
from clirld.settings import Settings

By = Annotated[
    str,
    typer.Option("--as", metavar="NAME", help="Who judges: an ORCID iD, or a pseudonym. It is published."),
]
Because = Annotated[str, typer.Option("--because", help="Why; it is published; name nobody here.")]


def today() -> date:
    """The day of a judgement."""
    return datetime.now(UTC).date()


def ledger_folder(settings: Settings) -> Path:
    """The folder of judgements, to be written to.

    Raises UsageError where it is inside the installed package, which the next version replaces.
    """
    if settings.judgements == Path(str(files("clirld").joinpath("_data", "judgements"))):
        raise UsageError(
            "judgements would be written into the installed program, and be lost with the next version",
            where="CLIRLD_JUDGEMENTS",
            do="set CLIRLD_JUDGEMENTS to a folder of yours that is kept and reviewed",
        )
    return settings.judgements


def append(settings: Settings, judgements: Iterable[Judgement]) -> None:
    """Put judgements into the files of the project."""
    sssom.append(ledger_folder(settings), judgements)


def release_identity(settings: Settings, release: Release) -> Identity:
    """Who is who among the records of a release, by the judgements of today."""
    compared = {name: records.of_tables(_tables(release, name)) for name in records.TABLES}
    columns = ("kind", "key", "replaced_by")
    gone = [frame.select(columns).collect() for frame in _tables(release, "ended")]
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String()))
    return identity(compared, pl.concat([empty, *gone]), settings.judgements)


def _tables(release: Release, name: str) -> list[pl.LazyFrame]:
    return [pl.scan_parquet(path) for path in sorted(release.folder.glob(f"tables/*/{name}.parquet"))]
