"""Initiatives of a collaborative map in a JSON-LD of its own, whose only identifier is made of the name.

So a record that is about a person cannot be named in the card: it is known by the hash of its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from clirld.read.rows import Dropped, Made, SourceRow

# First 16 hex digits of the SHA-256 of the names, which were read one by one; the last is the sample's.
NAMED_AFTER_A_PERSON = frozenset([
    "012708659fd92b7a", "051c103ac1080e84", "0a7db9c3d20047ce", "24469e32b9e897c8", "313c28830b6b917e",
    "35299dd92490bd81", "379311faded68356", "3f29e8760d32eb28", "4585c1914775c88b", "482bd84445630d6a",
    "524d5dc9a3effcc6", "559916e4aba8b239", "64b423009f503a47", "6b58d436834a5aa0", "74077ba20f58a87a",
    "7d33e0d45e43eea3", "883d65a8fa0cbac3", "8e8dd329bce8482c", "91de4b6b42590de8", "98048a4c613282bb",
    "98f101edf8dc6357", "9a5f71009bdbf0f4", "9aec144f3d52afbe", "a2d5d56d738d8d7b", "a40ceaa44df8be83",
    "a7d15eca0179bcb1", "aaf7ca30cdd1635d", "b29413218dff9d15", "b3fa503a9f81f907", "cba17bc7b184a042",
    "d0099096234dd1b9", "d8d1f88222bf8b6d", "e6e7e3aa7dd876cc", "e8ba944621b52420", "eac138714c57e67c",
    "ed52f39ec9cc5095", "ed7b923722c234ff", "f138e11ce9336a7b", "f793e7efeae2fd8b", "e799c00a6f47daaa",
])  # fmt: skip
PLACEHOLDER = "Nom"  # what the map's form says where the name goes
EVENT = ("47.216354", "-1.554456")  # 75 records stand there: where an Alternatiba fair took place, not where they are
# What the map gathered from CRID: 58 stories of practices all over the world, not initiatives on a map of France.
STORIES = "CRID"

CATEGORIES = {  # last part of the taxonomy's concepts: word to show, concept of activity-domain where the word says it
    "nourriture": ("Nourriture", "food-agriculture"),
    "amap": ("AMAP", "food-agriculture"),
    "producteur": ("Producteur", ""),
    "magasin": ("Magasin", ""),
    "habitat": ("Habitat", ""),  # too wide, as on the other maps of this kind
    "economie": ("Économie", ""),
    "0dechet": ("Zéro déchet", "circular-economy"),
    "culture": ("Culture", "culture"),
    "energie": ("Énergie", "energy"),
    "media_numerique": ("Média, numérique", ""),
    "nature": ("Nature", ""),
    "solidarite": ("Solidarité", "solidarity-citizenship"),
    "citoyennete": ("Citoyenneté", "solidarity-citizenship"),
    "mobilite": ("Mobilité", "mobility"),
    "education": ("Éducation", "education-training"),
    "sante": ("Santé", "health-care"),
}


def records(rows: Mapping[str, Iterable[SourceRow]]) -> Iterator[Made | Dropped]:
    """Give what is an initiative and has a place of its own."""
    for row in rows["default"]:
        name = " ".join(_text(row, "Name").split())
        if reason := _drop_reason(row, name):
            yield Dropped("default", row.row, reason)
            continue
        categories = [_category(one) for one in _list(row, "taxonomy")]
        values = {
            "name": name,
            "kind": "citizen-initiative",
            "source_category": [word for word, _domain in categories if word],
            "domain": [domain for _word, domain in categories if domain],
            "homepage": _text(row, "site").replace("\\c", ":").strip(),  # "http\c//…" in some
            "latitude": _text(row, "lat"),
            "longitude": _text(row, "long"),
        }
        yield Made("initiative", name, values, [("default", row.row)])


def _drop_reason(row: SourceRow, name: str) -> str:
    if hashlib.sha256(name.encode()).hexdigest()[:16] in NAMED_AFTER_A_PERSON:
        return "natural-person"
    if not name:
        return "missing-name"
    if name == PLACEHOLDER:
        return "test-edit"
    if _text(row, "sourceDisplay") == STORIES:
        return "story-not-initiative"
    return "placed-at-an-event" if (_text(row, "lat"), _text(row, "long")) == EVENT else ""


def _category(concept: str) -> tuple[str, str]:
    """Word and domain of a concept, which comes as compact JSON; a word that is not known is shown as it is.

    What is no word, such as an object without a concept, gives nothing.
    """
    slug = concept.rpartition("/")[2].rstrip('"}')
    return CATEGORIES.get(slug, (slug if slug.replace("_", "").isalnum() else "", ""))


def _list(row: SourceRow, column: str) -> list[str]:
    """Parts of a list; where the map gave a text, it only repeats the free words of `tags`."""
    cell = row.values.get(column, "")
    return [] if isinstance(cell, str) else cell


def _text(row: SourceRow, column: str) -> str:
    cell = row.values.get(column, "")
    return cell if isinstance(cell, str) else " ".join(cell)
