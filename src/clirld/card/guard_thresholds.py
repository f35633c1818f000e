"""The part of a card that the guards look at: what it promises, and how much may change from one harvest to the next.

The defaults of all thresholds stand here; docs/stewards.md tells them to stewards, and a test holds it to them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from clirld.values.model import CardPart

Share = Annotated[float, Field(ge=0, le=1)]


class Assertions(CardPart):
    """What must hold of a whole harvest: rows by distribution (from, to), share of filled cells by column."""

    rows: dict[str, tuple[int, int]] = {}
    filled: dict[str, Share] = {}


class Guards(CardPart):
    """What keeps a harvest from being published until a person has looked (`clirld.guards`): all are shares.

    `fewer` rows of a distribution than last time, records that `changed`, appeared or vanished, `filled` cells of a
    column fewer than last time; `valid` values at least of those given in a column of identifiers, `identifiers` the
    same for one column by name, and `valid_fell` how much that may fall; `published` at least of the rows read, first
    harvest included.
    """

    fewer: Share = 0.3
    changed: Share = 0.5
    filled: Share = 0.2
    valid: Share = 0.5
    valid_fell: Share = 0.1
    identifiers: dict[str, Share] = {}
    published: Share = 0.5
