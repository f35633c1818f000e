"""What the models of a source card are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pyoxigraph import NamedNode


class CardPart(BaseModel):
    """A part of a card: a field that it does not know is an error, and nothing of it changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _absolute(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("an address starting with https:// is wanted")
    NamedNode(url)  # it becomes an IRI of the catalogue: ValueError for a space and the like
    return url


Address = Annotated[str, AfterValidator(_absolute)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
