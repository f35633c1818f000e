"""The skeleton of a source: a card with what its file shows and what data.gouv.fr says of it, and a sample.

A marked line, for what only a person knows, holds no value: the card does not load until all of them are filled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from clirld.connect import datagouv
from clirld.draft import sample as sampling
from clirld.draft.card_lines import TO_FILL
from clirld.draft.card_text import FileMetadata, card_yaml
from clirld.draft.evidence import ColumnNames
from clirld.draft.propose import propose
from clirld.draft.sniff import sniff
from clirld.errors import UsageError
from clirld.fetch import download
from clirld.fetch.client import WebClient
from clirld.fetch.http_body import HttpSettings
from clirld.fetch.location import WebFile
from clirld.scratch import temporary_folder
from clirld.settings import DATA_GOUV
from clirld.values.cleaners import CLEANERS
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary

__all__ = ["TO_FILL", "Skeleton", "identifier_of", "write_skeleton"]

_SECRET_PARAMETERS = {"token", "access_token", "apikey", "api_key", "password", "signature", "sig", "x-amz-signature"}
_ENDINGS = re.compile(r"\.(csv|tsv|txt|xlsx|ods|json|jsonl|geojson|parquet|ttl|nt|rdf|zip)$", re.IGNORECASE)
_GENERIC_NAMES = {"data", "download", "export", "exports", "file", "index", "api", "csv", "json", "xlsx", "records"}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What was written of a new source: its card, its sample if there is one, and what its rows seem to be."""

    identifier: str
    card: Path
    sample: Path | None
    rows: int
    to_fill: int


def write_skeleton(
    place: str,
    *,
    project_sources: Path,
    tables: Tables,
    vocabulary: Vocabulary,
    http: HttpSettings,
    identifier: str | None = None,
    portal: str = DATA_GOUV,
) -> Skeleton:
    """Write `<project_sources>/<id>/source.yaml` and a sample for the file at a URL or path.

    An address of data.gouv.fr, be it of a dataset, a resource or a file, is asked about there first. Nothing else is
    kept of a file that is downloaded. Raises UsageError for a place or id that cannot be used or is there already,
    FetchError and ReadError for a file that cannot be had or read.
    """
    if _is_url(place):
        _refuse_secrets(place)
    elif not Path(place).is_file():
        raise UsageError("there is no such file", where=place, do="give the address (https://…) or the path of a file")
    reference = datagouv.parse_reference(place, portal)
    with temporary_folder() as scratch:
        client = WebClient(http)
        metadata = FileMetadata(place)
        if reference:
            dataset = datagouv.get_dataset(reference, lambda url: client.get(url).body, portal)
            metadata = FileMetadata(place, dataset, datagouv.select_resource(dataset, reference, place))
        id_ = identifier or identifier_of(_source_name(metadata))
        folder = _new_folder(project_sources, id_)
        file = Path(place)
        if _is_url(place):
            address = WebFile(metadata.resource.url if metadata.resource else place)
            file = download.fetch_distribution(id_, "default", address, scratch, http, client=client).path
        sniffed = sniff(file)
        proposal = propose(sniffed, tables, vocabulary, ColumnNames.load(tables))
        text = card_yaml(id_, metadata, sniffed, proposal, tables, vocabulary)
        try:
            folder.mkdir(parents=True)
            (folder / "source.yaml").write_text(text, encoding="utf-8")
            ending = sampling.suffix(sniffed.layout)
            sample = folder / f"sample.{ending}" if ending else None
            personal = {one.column.name for one in proposal.columns if one.personal}
            rows = sampling.write_sample(sample, file, sniffed, personal) if sample else 0
        except OSError as problem:
            do = "check the rights of this folder, or set CLIRLD_SOURCES to one of your own"
            raise UsageError(f"cannot be written: {problem.strerror}", where=str(folder), do=do) from None
    return Skeleton(id_, folder / "source.yaml", sample, rows, text.count(f"# {TO_FILL}") - 1)


def _source_name(metadata: FileMetadata) -> str:
    """What an id is made of: the address, or the title that data.gouv.fr gives."""
    if metadata.dataset and metadata.resource:
        several = len(metadata.dataset.resources) > 1
        return (
            f"{metadata.dataset.title} {PurePosixPath(metadata.resource.title).stem}"
            if several
            else metadata.dataset.title
        )
    return metadata.location


def _new_folder(sources: Path, id_: str) -> Path:
    """The folder of a new source. Raises UsageError for an id that cannot be one, or is one already."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", id_):
        do = "use small letters, digits and hyphens, starting with a letter: --id my-source"
        raise UsageError(f"“{id_}” cannot be an id", where="--id", do=do)
    folder = sources / id_
    if folder.exists():
        raise UsageError(f"there is a source {id_} already", where=str(folder), do="choose another with --id")
    return folder


def identifier_of(place: str) -> str:
    """An id from the name of the file. Raises UsageError where the name says nothing (a number, `export.csv`)."""
    path = unquote(urlsplit(place).path) if _is_url(place) else Path(place).resolve().as_posix()
    slug = CLEANERS["slug"](_ENDINGS.sub("", PurePosixPath(path).name))
    id_ = slug.value or ""
    if (
        not re.match(r"[a-z]", id_)
        or id_ in _GENERIC_NAMES
        or re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", id_)
    ):
        raise UsageError("no id can be made from the file's name", where=place, do="give one: --id my-source")
    return id_


def _is_url(place: str) -> bool:
    return place.startswith(("https://", "http://"))


def _refuse_secrets(url: str) -> None:
    parts = urlsplit(url)
    if parts.password or _SECRET_PARAMETERS & {name.lower() for name, _ in parse_qsl(parts.query)}:
        do = "cards are published: ask the publisher for a public address, or give a file you downloaded"
        raise UsageError("the address holds a key or password", where=f"{parts.scheme}://{parts.hostname}", do=do)
