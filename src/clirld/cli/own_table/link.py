"""`clirld link`: one's own table linked to a release, on one's own machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, err, print_json
from clirld.errors import DataError, UsageError, os_reason
from clirld.french import plural
from clirld.link import matching
from clirld.link.own_table import compare, output
from clirld.link.own_table.link_table import NONE, link_table
from clirld.link.own_table.release_things import TABLES
from clirld.link.own_table.unusual import TARGETS
from clirld.release import published
from clirld.settings import Settings
from clirld.vocabulary import tables
from clirld.vocabulary.terms import Vocabulary

_VERDICTS = (matching.SURE, matching.POSSIBLE, matching.CONFLICT, NONE)
_SHOWN = 10
"""Rows that a message names."""


def link(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV, XLSX, ODS, JSON, GeoJSON or Parquet.")],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="COLUMN=TARGET",
            help=f"What a column is; may be repeated. {', '.join(TARGETS)}; or empty.",
        ),
    ] = None,
    has_header: Annotated[
        bool, typer.Option("--header/--no-header", help="Whether the first row has the names of the columns.")
    ] = True,
    release: Annotated[
        str | None, typer.Option(metavar="ID|DIR", help="Link to this release, or to the folder of a downloaded one.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="ID|DIR", help="Say which links are others than with this earlier release.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Write the table there, with its files beside it."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Link the rows of a table to initiatives, organizations and communes, each with its evidence. Nothing is sent."""
    settings = Settings.from_environment(data=data)
    target = out or Path(f"{file.stem}.linked.csv")
    if target.resolve() == file.resolve():
        raise UsageError("the linked table would replace the old one", where="--out", do="give another file")
    linked = link_table(
        file,
        _folder(release, settings),
        tables=tables.load(settings.ontology / "tables.yaml"),
        vocabulary=Vocabulary.load(settings.ontology),
        columns=_given(columns or []),
        since=_folder(since, settings) if since else None,
        has_header=has_header,
    )
    try:
        paths = output.write(linked, target, settings.message_language)
    except OSError as problem:
        raise DataError(
            f"cannot be written: {os_reason(problem)}",
            where=str(target),
            do="check the folder and its rights, or give -o",
        ) from problem
    if as_json:
        print_json({**linked.account, "files": {name: str(path) for name, path in paths.items()}})
        return
    for text in _told(linked.account, settings.message_language, paths):
        err.print(text, highlight=False, markup=False, soft_wrap=True)


def _folder(asked: str | None, settings: Settings) -> Path:
    """The folder of a release, by its id, its path, or the one that is served."""
    if asked and Path(asked).is_dir():
        return Path(asked)
    if not asked and published.current(settings.data) is None:
        raise DataError(
            "there is no release yet",
            where=str(settings.data),
            do="give the folder of a release with --release DIR; /table of a server says which files it needs",
        )
    return asked_release(settings, asked).folder


def _given(columns: list[str]) -> dict[str, str]:
    given = {}
    for text in columns:
        name, equals, target = text.rpartition("=")
        if not equals:
            raise UsageError(
                f"“{text}” does not say what the column is",
                where="--column",
                do="write it as --column “Structure=name”",
            )
        given[name] = target.strip()
    return given


def _told(account: Mapping[str, Any], language: Literal["fr", "en"], paths: Mapping[str, Path]) -> Iterator[str]:
    """What became of the rows, in words."""
    words = _WORDS[language]
    rows = plural(words["row"], words["rows"], account["rows"], language)
    yield rows.format(account["rows"], account["file"], account["release"])
    for column, target in account["read_as"].items():
        yield f"  {column} → {target}"
    if not account["header"]:
        yield words["no_header"]
    if account["titles_like_data"]:
        yield words["titles"].format(", ".join(account["titles_like_data"][:_SHOWN]))
    for one in account["noticed"]:
        if one["severity"] != "info":
            values = f"{one['values']} {plural(words['value'], words['values'], one['values'], language)}"
            yield words["noticed"].format(one["column"], values, one["row"], one["message"][language])
    if account["not_read"]:
        yield words["not_read"].format(", ".join(account["not_read"][:_SHOWN]))
    if unread := account["unread"]:
        rows = ", ".join(list(unread)[:_SHOWN]) + (", …" if len(unread) > _SHOWN else "")
        yield words["unread"].format(len(unread), rows)
    yield words["communes"].format(account["communes"])
    for thing in TABLES:
        counts = account[thing]
        counts = {**counts, NONE: counts.get(NONE, 0) + counts.get(compare.NEAR, 0)}
        yield words[thing].format(*(counts.get(verdict, 0) for verdict in _VERDICTS))
    yield words["written"].format(", ".join(str(path) for path in paths.values()))


_WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "row": "{} ligne de {}, reliée à la version {}",
        "rows": "{} lignes de {}, reliées à la version {}",
        "value": "valeur",
        "values": "valeurs",
        "not_read": "colonnes non utilisées : {} (--column COLONNE=CIBLE pour dire ce qu'elles sont)",
        "unread": "! lignes illisibles : {} ({})",
        "no_header": "! pas de ligne de titres : les colonnes s'appellent column_1, column_2…",
        "titles": "! la première ligne, prise pour des titres, ressemble à des données : {} (--no-header si c'en est)",
        "noticed": "! {} : {} ; ligne {} : {}",
        "communes": "communes trouvées : {}",
        "initiative": "initiatives : sûres {}, à regarder {}, numéros contraires {}, sans lien {}",
        "organization": "organisations : sûres {}, à regarder {}, numéros contraires {}, sans lien {}",
        "written": "écrit : {}",
    },
    "en": {
        "row": "{} row of {}, linked to release {}",
        "rows": "{} rows of {}, linked to release {}",
        "value": "value",
        "values": "values",
        "not_read": "columns that were not used: {} (--column COLUMN=TARGET to say what they are)",
        "unread": "! rows that cannot be read: {} ({})",
        "no_header": "! no row of titles: the columns are called column_1, column_2…",
        "titles": "! the first row was taken for titles, and looks like data: {} (--no-header if it is)",
        "noticed": "! {}: {}; row {}: {}",
        "communes": "communes found: {}",
        "initiative": "initiatives: sure {}, to be looked at {}, contrary numbers {}, without a link {}",
        "organization": "organizations: sure {}, to be looked at {}, contrary numbers {}, without a link {}",
        "written": "written: {}",
    },
}
