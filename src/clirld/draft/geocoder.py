"""Columns that a geocoder has put beside a publisher's own: `result_citycode`, `result_score`."""

from __future__ import annotations

from collections.abc import Iterable

from clirld.draft.candidate import Candidate
from clirld.draft.card_lines import TO_CHECK
from clirld.draft.sniff import ColumnProfile
from clirld.values.persons.columns import normalized_name

_FIELDS = {
    *("label", "score", "score next", "type", "id", "housenumber", "name", "street", "postcode", "city", "context"),
    *("citycode", "oldcitycode", "oldcity", "district", "status", "latitude", "longitude", "x", "y", "banid"),
}
_PLACES = {"citycode": "commune", "latitude": "latitude", "longitude": "longitude"}
_AFTER_ALL_OTHERS = 20.0
_ITS_WORD = ("le mot d'un géocodeur, pas du publieur", "a geocoder's word, not the publisher's")
_SCORE = (
    "lire result_score, sous 0,6 le lieu est douteux",
    "look at result_score, below 0.6 the place is doubtful",
)


def is_of_geocoder(name: str) -> bool:
    """Whether a column has the name of a field that French geocoders add to a table."""
    prefix, _space, field = normalized_name(name).partition(" ")
    return prefix == "result" and field in _FIELDS


def candidates(column: ColumnProfile, targets: Iterable[str]) -> Iterable[Candidate]:
    """What a geocoder's column may be: its commune and point, where no column of the publisher says them."""
    to = _PLACES.get(normalized_name(column.name).partition(" ")[2], "")
    fr, en = _ITS_WORD
    if to in targets and column.filled:
        yield Candidate(_AFTER_ALL_OTHERS, column, to, f"{TO_CHECK} : {fr} ; {_SCORE[0]}", f"{en}; {_SCORE[1]}")
    yield Candidate(0, column, "", fr, en)
