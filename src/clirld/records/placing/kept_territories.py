"""The territories that places are looked up in, kept in a file: made from their table once, then read in a fifth of it.

data/territories/<fingerprint>/territories.json   the fields of `Territories`, by name; by column where they are long
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from clirld import stages
from clirld.records.commune_names import ResolvedCommune
from clirld.records.placing.geography import Circle, Geography
from clirld.records.territory import Territories

FOLDER = "territories"
"""Its name in the data folder."""
_FILE = "territories.json"
_BY_COMMUNE = ("_key_by_commune", "_departement_by_commune", "_population", "_name_by_commune")
_SETS = ("_departements_by_region", "_groupings_by_usual_name")


def load(data: Path, records: Path) -> Territories:
    """The territories of a folder of canonical tables, by what is kept of them in the data folder, made where need be.

    Only the latest is kept: whoever finds it gone, as another process has a later one, or damaged, reads the table.
    """
    table = sorted((records / "territory").glob("*.parquet"))
    name = stages.fingerprint(stages.program_fingerprint(), records.name)
    made: list[Territories] = []

    def work(out: Path) -> None:
        made.append(Territories.load(table))
        write(made[0], out / _FILE)

    folder, _ = stages.run_stage(data / FOLDER, name, work)
    if made:
        for other in (data / FOLDER).glob("[!.]*"):
            if other.name != name:
                shutil.rmtree(other, ignore_errors=True)
        return made[0]
    with suppress(OSError, ValueError, KeyError, TypeError), stages.without_cycle_collection():
        return read(folder / _FILE)
    return Territories.load(table)


def write(territories: Territories, path: Path) -> None:
    """Write what `read` reads."""
    data = {name: getattr(territories, name) for name in Territories.__slots__}
    data["_all_keys"] = sorted(territories._all_keys)
    for name in _SETS:
        data[name] = _with_lists(data[name])
    data["_keys_by_level"] = {level: _with_lists(keys) for level, keys in territories._keys_by_level.items()}
    for name in _BY_COMMUNE:
        data[name] = [data[name].get(code) for code in territories._key_by_commune]
    data["_codes"] = list(territories._key_by_commune)
    named = [(folded, *one) for folded, several in territories._communes_by_name.items() for one in several]
    data["_communes_by_name"] = _columns(named, 5)
    ground = territories.geography
    data["geography"] = {
        "circles": _columns([(code, *circle) for code, circle in ground.circles.items()], 4),
        "postcodes": [[*ground.postcodes], [" ".join(sorted(codes)) for codes in ground.postcodes.values()]],
        "by_postcode": [[*ground.by_postcode], [" ".join(sorted(codes)) for codes in ground.by_postcode.values()]],
        "grid": list(ground._grid.items()),
    }
    path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def read(path: Path) -> Territories:
    """Read what `write` wrote."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    codes = data.pop("_codes")
    for name in _BY_COMMUNE:
        data[name] = {code: one for code, one in zip(codes, data[name], strict=True) if one is not None}
    data["_others"] = {code: ResolvedCommune(*commune) for code, commune in data["_others"].items()}
    for name in _SETS:
        data[name] = _with_sets(data[name])
    data["_keys_by_level"] = {level: _with_sets(keys) for level, keys in data["_keys_by_level"].items()}
    data["_all_keys"] = frozenset(data["_all_keys"])
    named: dict[str, list[Any]] = {}
    for folded, *one in zip(*data["_communes_by_name"], strict=True):
        named.setdefault(folded, []).append(one)
    data["_communes_by_name"] = named
    ground = data.pop("geography")
    places, *numbers = ground["circles"]
    geography = Geography(
        circles=dict(zip(places, map(Circle._make, zip(*numbers, strict=True)), strict=True)),
        postcodes=_with_words(*ground["postcodes"]),
        departements=data["_departement_by_commune"],
        by_postcode=_with_words(*ground["by_postcode"]),
        _grid={(south, west): communes for (south, west), communes in ground["grid"]},
    )
    return Territories(**data, geography=geography)


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[n] for row in rows] for n in range(width)]


def _with_lists(sets: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in sets.items()}


def _with_sets(lists: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    return {name: set(values) for name, values in lists.items()}


def _with_words(names: Sequence[str], words: Sequence[str]) -> dict[str, frozenset[str]]:
    return {name: frozenset(one.split()) for name, one in zip(names, words, strict=True)}
