"""What a case is made of: fields with a French name and a type, parts, and facts that cite a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Type:
    """What the text of a field has to be.

    `type` is a cleaner's name (`clirld.values.cleaners`), or one of: concept (of the scheme `of`), territory, moment
    (a year, a month or a day), yes (oui, non), reference (to an item of the list `of` of the same case, or, where
    `of` is `others`, to another case).
    """

    type: str = "text"
    of: str = ""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


TextList = Annotated[list[str], BeforeValidator(_as_list)]


def field(name: str, *, required: bool = False, is_list: bool = False, help: str = "") -> Any:
    """A field of the form, by its French name; `required` ones only cannot be left out."""
    if required:
        return Field(alias=name, description=help)
    return Field(alias=name, description=help, default_factory=list if is_list else lambda: None)


class Part(BaseModel):
    """A part of the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def fields(cls) -> Iterator[tuple[str, str, FieldInfo, Type | None]]:
        """Column, French name, description and meaning of each field, in the order of the form."""
        lists = {column: item_type(info) is not None for column, info in cls.model_fields.items()}
        # What every fact has is inherited, so pydantic puts it first: here the source of a fact comes last.
        order = sorted(lists, key=lambda column: (lists[column], column in CitedEntity.model_fields, column != "id"))
        for column in order:
            info = cls.model_fields[column]
            yield column, info.alias or column, info, next((m for m in info.metadata if isinstance(m, Type)), None)

    @classmethod
    def is_list(cls, column: str) -> bool:
        """Whether a field has several values."""
        return cls.model_fields[column].annotation == list[str]


class CitedEntity(Part):
    """An entity of `table`, according to a document. `cited`: the table has page and citation."""

    table: ClassVar[str]
    cited: ClassVar[bool] = True

    according_to: str = field("selon", required=True, help="id du document qui le dit")
    page: str | None = field("page", help="page ou section du document")
    checked: Annotated[str | None, Type("concept", "page-check")] = field("vérification")
    checked_on: Annotated[str | None, Type("date")] = field("vérifié le", help="jour de la relecture, AAAA-MM-JJ")


class Fact(CitedEntity):
    """One fact of a case.

    Its identifier is <case>-<kind>-<id>; where the author gives no id, it is made of the values of `identity`.
    `to` is the column that refers to the case's initiative.
    """

    kind_name: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]
    to: ClassVar[str] = ""

    id: str | None = field("id", help="nom court et stable, en minuscules")


def item_type(info: FieldInfo) -> type[Part] | None:
    """The model of the items of a list of the form; None for a field that holds text."""
    inner = next(iter(get_args(info.annotation)), None)
    return inner if isinstance(inner, type) and issubclass(inner, Part) else None
