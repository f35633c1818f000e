"""The models of a source card, `source.yaml`: who publishes what under which licence, where it is, what it holds.

`clirld.card.source` reads and checks a card; its JSON Schema is generated from these models.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from clirld.card.guard_thresholds import Assertions, Guards
from clirld.connect import ArcGis, Connector, GoGoCarto, Opendatasoft, Overpass, Paged, Sparql, UMap
from clirld.read.layout import Format, Layout, Syntax
from clirld.settings import DATA_GOUV
from clirld.values.model import Address, CardPart, Identifier

CONNECTORS = ("paged", "opendatasoft", "gogocarto", "umap", "arcgis", "sparql", "overpass")
"""Fields of a distribution that name a connector."""

FREQUENCIES = {
    "never": "NEVER",
    "irregular": "IRREG",
    "annual": "ANNUAL",
    "biannual": "ANNUAL_2",
    "quarterly": "QUARTERLY",
    "monthly": "MONTHLY",
    "weekly": "WEEKLY",
    "daily": "DAILY",
}
"""Frequencies a card may name, and their codes in the EU authority table (frequency)."""

Frequency = Literal["never", "irregular", "annual", "biannual", "quarterly", "monthly", "weekly", "daily"]


def _is_known_crs(crs: str) -> bool:
    from pyproj import CRS  # slow to import, and few cards need it
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(crs)
    except CRSError:
        return False
    return True


class Words(CardPart):
    """A text in French and English."""

    fr: str
    en: str


PublisherType = Literal[
    "academia",
    "company",
    "local-authority",
    "national-authority",
    "non-governmental-organisation",
    "non-profit-organisation",
    "regional-authority",
    "supra-national-authority",
]


Theme = Literal["AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "REGI", "SOCI", "TECH"]
"""Codes of the data themes of the European Publications Office that a card may name."""


class Keywords(CardPart):
    """Words under which a source is looked for, in French and English."""

    fr: tuple[str, ...]
    en: tuple[str, ...]


class Period(CardPart):
    """The days between which what a source tells of lies; one may be left out, where it is not known."""

    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.start is None and self.end is None:
            raise ValueError("give start, end or both")
        if self.start and self.end and self.end < self.start:
            raise ValueError("end is before start")
        return self


class Publisher(CardPart):
    """Who publishes the source; `type` is of the list of ADMS, where it is known."""

    name: str
    url: Address
    type: PublisherType | None = None


class HarvestedTable(CardPart):
    """A table of the last good harvest of another source: what is derived of it is a source of its own."""

    source: Identifier
    table: str


class Distribution(CardPart):
    """Where the bytes are, how they are had, and how to read them.

    Where: `url`; `datagouv`, the id of a resource there; `path` of a file kept by hand in the source's folder
    (`cases` are a folder, of files that `clirld case` writes and checks); `inbox`, a file that is put anew into
    the inbox's folder; or `harvested`, a table of another source, which is read as CSV. How: one GET, or one of the
    connectors (`clirld.connect`). `headers` name environment variables, never values: keys have no place in a card.
    `dataset` is that of data.gouv.fr whose licence is looked at.
    `crs` is of the columns that go to `latitude` and `longitude`, where they are not degrees of WGS 84: EPSG:2154 for
    Lambert-93, whose x goes to `longitude` and y to `latitude`.
    """

    url: Address | None = None
    datagouv: Annotated[str, Field(pattern=r"^[0-9a-f-]{24,36}$")] | None = None
    path: str | None = None
    inbox: bool = False
    harvested: HarvestedTable | None = None
    paged: Paged | None = None
    opendatasoft: Opendatasoft | None = None
    gogocarto: GoGoCarto | None = None
    umap: UMap | None = None
    arcgis: ArcGis | None = None
    sparql: Sparql | None = None
    overpass: Overpass | None = None
    headers: dict[str, Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]] = {}
    dataset: str | None = None
    copy_: str | None = Field(None, alias="copy", description="file of a mirror that has it under a name of its own")
    format: Format
    encoding: str = "utf-8"
    delimiter: str = ","
    escape: Literal["\\"] | None = None
    sheet: str | None = None
    header: int = Field(1, ge=1)
    columns: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (), description="names of the columns of a CSV file or a spreadsheet without a header, in their order"
    )
    until: Literal["blank-row"] | None = Field(
        None, description="blank-row: the table ends at its first blank row, and what follows is another table"
    )
    member: str | None = None
    items: str = "item"
    fields: tuple[str, ...] = ()
    escaped_twice: bool = False
    geometry: Literal["point", "wkt"] = Field(
        "point", description="of GeoJSON: point gives longitude and latitude; wkt gives polygons, as geometry.wkt"
    )
    syntax: Syntax | None = None
    prefixes: dict[str, str] = {}
    crs: Annotated[str, Field(pattern=r"^EPSG:[0-9]{4,6}$")] | None = None

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, crs: str | None) -> str | None:
        if crs is not None and not _is_known_crs(crs):
            raise ValueError(f"{crs} is not in the EPSG registry")
        return crs

    @model_validator(mode="after")
    def _one_location(self) -> Distribution:
        if sum(map(bool, (self.url, self.datagouv, self.path, self.inbox, self.harvested))) != 1:
            raise ValueError("give one of url, datagouv, path, inbox and harvested")
        if self.harvested and self.format != "csv":
            raise ValueError("a harvested table is read as CSV")
        if self.format == "cases" and self.path is None:
            raise ValueError("cases are a folder here: give its path")
        if (connectors := self._connectors()) and (self.url is None or len(connectors) > 1):
            raise ValueError(f"{' and '.join(connectors)}: one connector, with a url")
        return self

    @model_validator(mode="after")
    def _columns_or_header(self) -> Distribution:
        if self.columns and self.format not in ("csv", "xlsx", "ods"):
            raise ValueError("columns are for a CSV file or a spreadsheet without a header")
        if self.until and self.format not in ("csv", "xlsx", "ods"):
            raise ValueError("until is for a CSV file or a spreadsheet")
        if self.geometry == "wkt" and self.format != "geojson":
            raise ValueError("geometry: wkt is for GeoJSON")
        if self.columns and "header" in self.model_fields_set:
            raise ValueError("give header or columns: columns are for a file without a header")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("two of columns have the same name")
        return self

    def _connectors(self) -> list[str]:
        return [name for name in CONNECTORS if getattr(self, name) is not None]

    @property
    def connector(self) -> Connector | None:
        """How it is asked, where it is not one file."""
        return next((getattr(self, name) for name in self._connectors()), None)

    @property
    def address(self) -> str | None:
        """Where it is on the network; data.gouv.fr's stable address leads to the newest file of a resource."""
        return f"{DATA_GOUV}/datasets/r/{self.datagouv}" if self.datagouv else self.url

    @property
    def expects(self) -> str:
        """What its bytes must look like, for `clirld.fetch.format_check`."""
        return f"zip:{self.format}" if self.member else self.format

    @property
    def layout(self) -> Layout:
        """How `clirld.read.reader` reads it."""
        given = {field.name: getattr(self, field.name) for field in fields(Layout)}
        return Layout(**given | ({"header": 0} if self.columns else {}))


class Target(CardPart):
    """Where a column goes: `to` a canonical column, and how its values are read on the way.

    `join` puts a text after that of the columns before it that go there too, with this sign between: « 12 » and « rue
    Basse »; without it, the first of the columns that has a value gives it.

    `split` parts a cell; of each part only the `first` characters count, spaces aside: nine make the SIREN of a SIRET.
    A part is cleaned before it is cut (`clirld.values.splitting.beginning`), so that a lost zero does not move the cut.
    Several values in one cell need no `split` where the column takes several and each of them is valid alone.
    """

    to: str
    lookup: str | None = None
    split: str | None = None
    first: Annotated[int, Field(ge=1)] | None = None
    join: str | None = None
    level: Literal["region", "departement", "epci", "commune"] | None = None
    by: Literal["notation", "label"] | None = None


class Rows(CardPart):
    """What the rows of one distribution make.

    `gives` is for a `records.py` that makes one record of rows of several files: the canonical columns that this file
    gives such a record, each with what its values begin with (empty: any). All else is of the record's first row.
    """

    source: str = Field(alias="from")
    table: str | None = None
    columns: dict[str, Target | str | list[Target | str] | None]
    constants: dict[str, str] = {}
    departements: list[Annotated[str, Field(pattern=r"^(0[1-9]|[1-8]\d|2[AB]|9[0-5]|9[78]\d)$")]] = Field(
        [], description="codes of départements: of several communes of one name, the one that is there is meant"
    )
    keep: dict[str, list[str]] = {}
    listed: list[str] = Field([], description="columns of keep that say nothing of anyone: the rows left out are named")
    withhold: dict[str, Identifier] = {}
    not_persons: list[str] = Field(
        [], description="columns that name places or organizations only, as somebody has seen"
    )
    gives: dict[str, list[str]] = {}

    def targets(self, column: str) -> list[Target]:
        """The targets of a column; none for a column that is ignored on purpose."""
        mapped = self.columns[column]
        targets = mapped if isinstance(mapped, list) else [mapped] if mapped is not None else []
        return [Target(to=one) if isinstance(one, str) else one for one in targets]

    def canonical(self, to: str) -> str:
        """What a target or a constant fills, as `table.column`: its table is that of the rows where it names none."""
        return to if "." in to else f"{self.table}.{to}"


class Card(CardPart):
    """source.yaml, whole."""

    id: Identifier
    title: Words
    description: Words
    publisher: Publisher
    landing_page: Address
    license: Address
    status: Literal["active", "unconfirmed"] = "active"
    language: Literal["fr", "en"] = "fr"
    frequency: Frequency
    issued: date | None = None
    keywords: Keywords | None = None
    themes: tuple[Theme, ...] = ()
    spatial: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = Field(
        (), description="countries that it tells of, by their codes in the EU authority table: FRA"
    )
    temporal: Period | None = Field(None, description="the days that it tells of; without it, those before it was had")
    distributions: dict[Identifier, Distribution]
    records: list[Rows]
    lookups: dict[str, dict[str, str | None]] = {}
    assertions: Assertions = Assertions()
    guards: Guards = Guards()
    grace: int = Field(30, ge=0, description="days that a record stays published after it vanished from the source")
    retention: int | None = Field(None, ge=0, description="raw snapshots kept of each distribution; 0: none")

    def column_of(self, distribution: str, table: str, column: str) -> str | None:
        """The column of a distribution that goes to a canonical one, the first where there are several."""
        return next(iter(self.columns_of(distribution, table, column)), None)

    def columns_of(self, distribution: str, table: str, column: str) -> list[str]:
        """The columns of a distribution that go to a canonical one, in the order of the card."""
        return [
            name
            for rows in self.records
            if rows.source == distribution and rows.table
            for name in rows.columns
            if any(rows.canonical(target.to) == f"{table}.{column}" for target in rows.targets(name))
        ]
