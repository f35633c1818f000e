"""The skeleton of a source: `source.yaml` with what a file shows by itself, and marked lines for what a person knows.

A marked line holds no value, so that the card does not load until it is filled, and loads as soon as all are.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from clirld import fetch
from clirld.card_text import MARK, card
from clirld.clean import CLEANERS
from clirld.errors import UsageError
from clirld.evidence import Names
from clirld.http_get import HttpSettings
from clirld.propose import propose
from clirld.settings import BASE
from clirld.sniff import sniff
from clirld.tables import Tables
from clirld.vocabulary import Vocabulary

__all__ = ["MARK", "identifier_of", "new"]

_SECRETS = {"token", "access_token", "apikey", "api_key", "password", "signature", "sig", "x-amz-signature"}
_NAMELESS = {"data", "download", "export", "exports", "file", "index", "api", "csv", "json", "xlsx", "records"}


def new(
    place: str,
    *,
    project_sources: Path,
    tables: Tables,
    vocabulary: Vocabulary,
    identifier: str | None = None,
    http: HttpSettings | None = None,
) -> Path:
    """Write `<project_sources>/<id>/source.yaml` for the file at a URL or path.

    Nothing is kept of a file that is downloaded. Raises UsageError for a place or id that cannot be used or is there
    already, FetchError and ReadError for a file that cannot be had or read.
    """
    id_ = identifier or identifier_of(place)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", id_):
        do = "use small letters, digits and hyphens, starting with a letter: --id my-source"
        raise UsageError(f"“{id_}” cannot be an id", where="--id", do=do)
    folder = project_sources / id_
    if folder.exists():
        raise UsageError(f"there is a source {id_} already", where=str(folder), do="choose another with --id")
    if _is_url(place):
        _no_secret(place)
        with tempfile.TemporaryDirectory(prefix="clirld-") as scratch:
            settings = http or HttpSettings(contact=BASE)
            got = fetch.fetch(id_, "default", fetch.Web(place), Path(scratch), settings)
            sniffed = sniff(got.path)
    else:
        path = Path(place)
        if not path.is_file():
            do = "give the address (https://…) or the path of a file"
            raise UsageError("there is no such file", where=place, do=do)
        sniffed = sniff(path)
    proposed = propose(sniffed, tables, vocabulary, Names.load(tables))
    text = card(id_, place, sniffed, proposed, tables, vocabulary)
    try:
        folder.mkdir(parents=True)
        (folder / "source.yaml").write_text(text, encoding="utf-8")
    except OSError as problem:
        do = "check the rights of this folder, or set CLIRLD_SOURCES to one of your own"
        raise UsageError(f"cannot be written: {problem.strerror}", where=str(folder), do=do) from None
    return folder / "source.yaml"


def identifier_of(place: str) -> str:
    """An id from the name of the file. Raises UsageError where the name says nothing (a number, `export.csv`)."""
    path = unquote(urlsplit(place).path) if _is_url(place) else Path(place).resolve().as_posix()
    slug = CLEANERS["slug"](re.sub(r"\.(csv|tsv|txt|xlsx|json|geojson)$", "", PurePosixPath(path).name, flags=re.I))
    id_ = slug.value or ""
    if (
        not re.match(r"[a-z]", id_)
        or id_ in _NAMELESS
        or re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id_)
    ):
        raise UsageError("no id can be made from the file's name", where=place, do="give one: --id my-source")
    return id_


def _is_url(place: str) -> bool:
    return place.startswith(("https://", "http://"))


def _no_secret(url: str) -> None:
    parts = urlsplit(url)
    if parts.password or _SECRETS & {name.lower() for name, _ in parse_qsl(parts.query)}:
        do = "cards are published: ask the publisher for a public address, or give a file you downloaded"
        raise UsageError("the address holds a key or password", where=f"{parts.scheme}://{parts.hostname}", do=do)
